"""Tastes: what somebody likes best, from the strongest act of each day.

A day counts once for each category, price band and way of paying or delivery, with its strongest act: looked 1, wished
for 2, put into the cart 3, bought 5. The weight of a day halves every 90 days:

    score = sum over days of w(day) * 2 ** (day / 90)

with days counted from 1970 and the largest power taken out, so that it is a pure function of the days. A share is a
score divided by the sum of all of its kind; no clock enters it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import fsum

from guanxi.core.money import exponent

HALF_LIFE_DAYS = 90
NEEDED = 3  # days
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Liking:
    """What is liked best of a kind: its share of all that was, from how many days, since which day of 1970."""

    value: str
    share: float
    days: int
    since: int


def best(tastes: Mapping[str, Mapping[int, int]], kind: str) -> tuple[Liking | None, int]:
    """Find what is liked best of a kind, None on too few days; and on how many days anything of it was.

    >>> best({"category:tea": {10: 1, 11: 5}, "category:cup": {100: 1, 101: 1}}, "category")[0].value
    'tea'
    """
    mine = {key.partition(":")[2]: days for key, days in tastes.items() if key.startswith(f"{kind}:")}
    every = {day for days in mine.values() for day in days}
    if len(every) < NEEDED:
        return None, len(every)
    last = max(every)
    scores = {value: _score(days, last) for value, days in mine.items()}
    value = max(scores, key=lambda each: (scores[each], each))
    return Liking(value, scores[value] / fsum(scores.values()), len(mine[value]), min(mine[value])), len(every)


def _score(days: Mapping[int, int], last: int) -> float:
    return fsum(
        weight * 2.0 ** ((day - last) / HALF_LIFE_DAYS) for day, weight in days.items()
    )  # in any order the same


@lru_cache
def unit_of(currency: str) -> int:
    """Say how many minor units make one of a currency; a hundred where none is named."""
    return int(10 ** exponent(currency)) if currency else 100


@lru_cache(maxsize=4_000)
def band_of(minor: int, currency: str) -> str:
    """Give the band of a price, 1-2-5 to the power of ten: its currency and its lower end in major units.

    >>> band_of(12_800, "CNY"), band_of(99, "CNY"), band_of(50_000, "JPY")
    ('CNY100', 'CNY0', 'JPY50000')
    """
    major = minor // unit_of(currency)
    least = max((step * 10**power for power in range(12) for step in STEPS if step * 10**power <= major), default=0)
    return f"{currency}{least if least >= STEPS[0] * 10 else 0}"


def ends_of(band: str) -> tuple[str, int, int]:
    """Read a band: its currency, and its ends in major units.

    >>> ends_of("CNY100"), ends_of("CNY0"), ends_of("20")
    (('CNY', 100, 200), ('CNY', 0, 10), ('', 20, 50))
    """
    currency, least = (band[:3], int(band[3:])) if band[:1].isalpha() else ("", int(band))
    if least == 0:
        return currency, 0, 10
    return currency, least, least * 5 // 2 if str(least)[0] == "2" else least * 2
