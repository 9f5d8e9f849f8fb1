"""How figures are written, in the language of the page: counts, money, shares, changes, ranges.

Functions take plain values and return text; the minus is always U+2212 and digits are grouped as CLDR says.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from babel.numbers import get_currency_symbol
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from guanxi.core.money import exponent, to_major

MINUS = "\u2212"
LARGE = 100_000
HANZI_UNITS = ("万", "亿")
SYMBOLS_OF = "zh_Hans_CN"  # the yuan is plain "¥" in both languages, other dollars and yen carry their country
Number = int | float | Decimal
MOST_COUNTED = 10_000  # lists of millions are not counted to the end


class Figure(NamedTuple):
    """A figure for a large display: the value, and its unit in smaller type."""

    value: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.unit}" if self.unit in HANZI_UNITS else self.value + self.unit


@dataclass(frozen=True)
class Change:
    """A movement against an earlier period: its direction (`up`, `down`, `flat`) and its size without a sign.

    `word` says whether it is good news where more is worse: the colour tells the direction alone.
    """

    direction: str
    text: str
    word: str = ""


def locale() -> str:
    """Name the CLDR locale of the page's language."""
    return "zh_Hans_CN" if chinese() else "en"


def chinese() -> bool:
    """Say whether the page speaks Chinese."""
    return (get_language() or "en").startswith("zh")


def decimal(value: Number, places: int = 0) -> str:
    """Write a number with a fixed count of decimals.

    >>> decimal(-1234.5, 1)
    '−1,234.5'
    """
    rounded = _rounded(value, places)
    text = f"{abs(rounded):,.{places}f}"  # both our languages group by commas, and a list writes hundreds of these
    return MINUS + text if rounded < 0 else text


def count(value: int) -> str:
    """Write how many there are.

    >>> count(20418)
    '20,418'
    """
    return decimal(value)


def count_to(value: int) -> str:
    """Write how many there are where counting stopped one after MOST_COUNTED.

    >>> count_to(10_000), count_to(10_001)
    ('10,000', '10,000+')
    """
    return count(value) if value <= MOST_COUNTED else count(MOST_COUNTED) + "+"


@lru_cache
def symbol(currency: str) -> str:
    """Give the sign of a currency as a Chinese shop writes it.

    >>> symbol("CNY"), symbol("USD"), symbol("GBP")
    ('¥', 'US$', '£')
    """
    return str(get_currency_symbol(currency, locale=SYMBOLS_OF))


def money(minor: int, currency: str) -> str:
    """Write an amount of minor units in full, as tables do.

    >>> money(-190000, "CNY"), money(3800, "USD"), money(500, "JPY")
    ('−¥1,900.00', 'US$38.00', 'JP¥500')
    """
    return _with_symbol(decimal(to_major(minor, currency), exponent(currency)), currency)


def money_whole(minor: int, currency: str) -> str:
    """Write an amount without its decimals, where they only distract.

    >>> money_whole(3842000, "CNY")
    '¥38,420'
    """
    return _with_symbol(decimal(to_major(minor, currency)), currency)


def money_large(minor: int, currency: str) -> Figure:
    """Write an amount for a metric: whole below 100,000, in 万/亿 or k/M/B from there.

    >>> str(money_large(171_000_000, "CNY"))
    '¥1.71M'
    """
    figure = number_large(to_major(minor, currency))
    return Figure(_with_symbol(figure.value, currency), figure.unit)


def number_large(value: Number) -> Figure:
    """Write a number for a metric.

    >>> str(number_large(214_000)), str(number_large(999_999)), str(number_large(41_870))
    ('214k', '1M', '41,870')
    """
    value = Decimal(str(value))
    if abs(_rounded(value, 0)) < LARGE:
        return Figure(decimal(value))
    return _in_wan(value) if chinese() else _in_thousands(value)


def percent(ratio: Number, places: int = 1) -> str:
    """Write a share.

    >>> percent(0.342), percent(-0.05, 0)
    ('34.2%', '−5%')
    """
    return decimal(Decimal(str(ratio)) * 100, places) + "%"


def points(difference: Number, places: int = 1) -> str:
    """Write the difference of two shares in percentage points, with its sign.

    >>> points(0.029)
    '+2.9 pts'
    """
    value = _rounded(Decimal(str(difference)) * 100, places)
    return signed(value, places) + " " + ngettext("pt", "pts", 1 if abs(value) == 1 else 2)


def signed(value: Number, places: int = 0) -> str:
    """Write a number with its sign; zero has none.

    >>> signed(41), signed(-3), signed(0)
    ('+41', '−3', '0')
    """
    text = decimal(value, places)
    return "+" + text if _rounded(value, places) > 0 else text


def change(ratio: Number, places: int = 1) -> Change:
    """Describe a relative change, such as +0.086 for 8.6 % more.

    >>> change(-0.206)
    Change(direction='down', text='20.6%', word='')
    """
    return Change(_direction(_rounded(Decimal(str(ratio)) * 100, places)), percent(_size(ratio), places))


def change_points(difference: Number, places: int = 1) -> Change:
    """Describe a change of a share in percentage points.

    >>> change_points(0.029)
    Change(direction='up', text='2.9 pts', word='')
    """
    return Change(
        _direction(_rounded(Decimal(str(difference)) * 100, places)),
        points(_size(difference), places).removeprefix("+"),
    )


def number(value: Number, most: int = 4) -> str:
    """Write a number with the decimals it has.

    >>> number(Decimal("12.5000")), number(Decimal("-3.0000"))
    ('12.5', '−3')
    """
    return _short(Decimal(str(value)), most)


def price(value: Decimal, currency: str) -> str:
    """Write a unit price: the decimals of its currency, and more where it has them.

    >>> price(Decimal("2.5500"), "GBP"), price(Decimal("0.0125"), "GBP")
    ('£2.55', '£0.0125')
    """
    least = exponent(currency)
    exact = next((places for places in range(least, 5) if _rounded(value, places) == value), 4)
    return _with_symbol(decimal(value, exact), currency)


def money_range(low: int, high: int, currency: str) -> str:
    """Write an interval of amounts, the symbol once.

    >>> money_range(790000, 2890000, "CNY")
    '¥7,900–28,900'
    """
    return f"{money_whole(low, currency)}–{decimal(to_major(high, currency))}"


def span(low: Number, high: Number, places: int = 0) -> str:
    """Write an interval of numbers.

    >>> span(3, 12)
    '3–12'
    """
    return f"{decimal(low, places)}–{decimal(high, places)}"


def size(octets: int) -> str:
    """Write the size of a file.

    >>> size(3_100_000), size(512)
    ('3.1 MB', '512 B')
    """
    value = Decimal(octets)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{decimal(value, 0 if unit == 'B' else 1)} {unit}"
        value /= 1000
    return f"{decimal(value, 1)} GB"


def missing(*, applies: bool = True) -> str:
    """Say why a value is not there: nobody gave it, or it cannot be."""
    return _("Not given") if applies else _("Not applicable")


def _rounded(value: Number, places: int) -> Decimal:
    """Round half away from zero, as shops do."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _size(value: Number) -> Decimal:
    """Take a number without its sign."""
    return abs(Decimal(str(value)))


def _with_symbol(text: str, currency: str) -> str:
    """Put the currency's sign behind the minus and before the digits."""
    return MINUS + symbol(currency) + text[1:] if text.startswith(MINUS) else symbol(currency) + text


def _in_wan(value: Decimal) -> Figure:
    """Write in ten thousands with one decimal, or in hundred millions with two."""
    wan = _rounded(value / 10_000, 1)
    if abs(wan) < 10_000:
        return Figure(_short(wan, 1), "万")
    return Figure(_short(value / 100_000_000, 2), "亿")


def _in_thousands(value: Decimal) -> Figure:
    """Write in thousands, millions or billions with three digits."""
    for scale, unit in ((1_000, "k"), (1_000_000, "M")):
        places = max(0, 2 - (abs(value) / scale).adjusted())
        if abs(_rounded(value / scale, places)) < 1_000:
            return Figure(_short(value / scale, places), unit)
    return Figure(_short(value / 1_000_000_000, 2), "B")


def _short(value: Decimal, places: int) -> str:
    """Write with at most so many decimals, leaving out zeros at the end."""
    text = decimal(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _direction(value: Decimal) -> str:
    """Name the direction of a change after rounding, so that 0.0 % is never an arrow."""
    return "up" if value > 0 else "down" if value < 0 else "flat"
