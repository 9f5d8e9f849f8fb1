"""What a field of each kind may hold: reading what was typed, and saying what is kept.

A value travels as text: a decimal with a point, a day as ISO 8601 writes it, `yes` or `no`, the key of a choice;
several choices as several texts.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.core.errors import BadInput
from guanxi.core.money import SCALE
from guanxi.pages import formats, moments
from guanxi.shop.models import CustomField, Kind

LETTERS = {Kind.TEXT: 200, Kind.LONG: 4000, Kind.LINK: 500}
MOST_CHOSEN = 30
LARGEST = 10**12
WHOLE = re.compile(r"[+-]?\d{1,13}", re.ASCII)
DECIMAL = re.compile(r"[+-]?\d{1,13}(\.\d{1,4})?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
YES = frozenset({"yes", "y", "true", "1", "是", "对", "有"})
NO = frozenset({"no", "n", "false", "0", "否", "不", "无"})
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
FIRST_YEAR, LAST_YEAR = 1900, 2200
IN_MONTHS = 36  # that a child's age is told in months


class BadValue(BadInput):
    """A value does not fit its field."""


@dataclass(frozen=True)
class Kept:
    """One value as it stands in the book, and the text by which it travels."""

    text: str
    word: str | None = None
    number: int | None = None
    long: str = ""


def read(field: CustomField, told: Sequence[str]) -> list[Kept]:
    """Read what was typed into a field; nothing is no value, and BadValue says what does not fit."""
    texts = [text for each in told if (text := _clean(each))]
    if not texts:
        if field.is_required:
            raise BadValue(_("This is needed. Give %(field)s.") % {"field": field.label})
        return []
    if field.kind == Kind.CHOICES:
        return _several(field, texts)
    return [READERS[Kind(field.kind)](field, texts[0])]


def shown(field: CustomField, kept: Sequence[str]) -> str:
    """Write values as people read them."""
    return _(", ").join(SAID.get(Kind(field.kind), _as_it_is)(field, text) for text in kept)


def split(field: CustomField, cell: str) -> list[str]:
    """Part a cell of a file into values: several choices stand in one, with `;`, `|` or commas between."""
    return re.split(r"[;；|,，、\n]", cell) if field.kind == Kind.CHOICES else [cell]


def masked(kept: Sequence[str]) -> str:
    """Hide personal values: the first sign alone is left."""
    return " ".join(f"{text[:1]}***" for text in kept)


def text_of(field: CustomField, row: tuple[str | None, int | None, str]) -> str:
    """Write one row of the book as the text by which it travels."""
    word, number, long = row
    if number is None:
        return word if word is not None else long
    if field.kind in {Kind.DATE, Kind.CHILD}:
        return dt.date.fromordinal(number).isoformat()
    if field.kind == Kind.YES_NO:
        return "yes" if number else "no"
    return _spelled(number) if field.kind == Kind.DECIMAL else str(number)


def bound(field: CustomField, end: int | None) -> str:
    """Write a limit of a field as it was typed."""
    return "" if end is None else _spelled(end) if field.kind == Kind.DECIMAL else str(end)


def _clean(text: str) -> str:
    """Take blanks off the ends; refuse what no page can show."""
    text = text.replace("\r\n", "\n").strip()
    if any(not (each.isprintable() or each in "\n\t") for each in text):
        raise BadValue(_("There are signs in it that cannot be shown. Type it anew."))
    return text


def _text(field: CustomField, text: str) -> Kept:
    kind = Kind(field.kind)
    if kind != Kind.LONG and "\n" in text:
        raise BadValue(_("This takes one line. Put it on one."))
    most = min(field.most or LETTERS[kind], LETTERS[kind])
    if len(text) > most:
        said = ngettext("This has %(letters)s letter; %(most)s fit. Make it shorter.",
                        "This has %(letters)s letters; %(most)s fit. Make it shorter.", len(text))  # fmt: skip
        raise BadValue(said % {"letters": formats.count(len(text)), "most": formats.count(most)})
    if len(text) < (field.least or 0):
        said = _("This has %(letters)s letters; it takes at least %(least)s. Make it longer.")
        raise BadValue(said % {"letters": formats.count(len(text)), "least": formats.count(field.least or 0)})
    return Kept(text, long=text) if kind == Kind.LONG else Kept(text, word=text)


def _whole(field: CustomField, text: str) -> Kept:
    bare = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if not WHOLE.fullmatch(bare):
        raise BadValue(_("“%(text)s” is no whole number. Give one such as 12.") % {"text": text[:40]})
    number = _bounded(field, int(bare), 1)
    return Kept(str(number), number=number)


def _decimal(field: CustomField, text: str) -> Kept:
    bare = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if not DECIMAL.fullmatch(bare):
        said = _("“%(text)s” is no number with at most four digits behind the point. Give one such as 12.5.")
        raise BadValue(said % {"text": text[:40]})
    number = _bounded(field, int(Decimal(bare) * SCALE), SCALE)
    return Kept(_spelled(number), number=number)


def _bounded(field: CustomField, number: int, unit: int) -> int:
    least = -LARGEST * unit if field.least is None else field.least
    most = LARGEST * unit if field.most is None else field.most
    if not least <= number <= most:
        said = {"least": _spelled(least * SCALE // unit), "most": _spelled(most * SCALE // unit)}
        raise BadValue(_("This lies outside of what the field takes. Give %(least)s to %(most)s.") % said)
    return number


def _date(_field: CustomField, text: str) -> Kept:
    for form in DAYS:
        try:
            day = dt.datetime.strptime(text.split(" ", maxsplit=1)[0], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return Kept(day.isoformat(), number=day.toordinal())
    raise BadValue(_("“%(text)s” is no day. Give one such as 2026-11-27.") % {"text": text[:40]})


def _yes_no(_field: CustomField, text: str) -> Kept:
    word = text.casefold()
    if word not in YES | NO:
        raise BadValue(_("“%(text)s” is neither yes nor no. Give one of them.") % {"text": text[:40]})
    return Kept("yes", number=1) if word in YES else Kept("no", number=0)


def _choice(field: CustomField, text: str) -> Kept:
    """Find a choice by its key, or by what it is called in either language."""
    for each in field.choices:
        if text.casefold() in {each["key"].casefold(), each["en"].casefold(), each["zh"].casefold()}:
            return Kept(each["key"], word=each["key"])
    said = {"text": text[:40], "known": _(", ").join(field.titles.values())}
    raise BadValue(_("“%(text)s” is none of the choices. Give one of these: %(known)s.") % said)


def _several(field: CustomField, texts: Sequence[str]) -> list[Kept]:
    chosen = {kept.text: kept for kept in (_choice(field, text) for text in texts)}
    if len(chosen) > MOST_CHOSEN:
        raise BadValue(_("More than %(most)s are chosen. Choose fewer.") % {"most": MOST_CHOSEN})
    order = [each["key"] for each in field.choices]
    return sorted(chosen.values(), key=lambda kept: order.index(kept.text))


def _link(field: CustomField, text: str) -> Kept:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        fits = False
    if not fits:
        raise BadValue(_("“%(text)s” is no link. Give one that begins with https://.") % {"text": text[:40]})
    return _text(field, text)


def _spelled(scaled: int) -> str:
    """Write ten-thousandths without needless noughts."""
    return f"{Decimal(scaled) / SCALE:f}".rstrip("0").rstrip(".") if scaled % SCALE else str(scaled // SCALE)


def _as_it_is(_field: CustomField, text: str) -> str:
    return text


def _child(born: dt.date) -> str:
    return _("%(age)s, born %(day)s") % {"age": age(born, timezone.localdate()), "day": moments.full_day(born)}


def age(born: dt.date, today: dt.date) -> str:
    """Say how old a child is: in days in its first month, in months in its first three years, then in years.

    >>> age(dt.date(2025, 9, 28), dt.date(2026, 11, 28)), age(dt.date(2020, 2, 29), dt.date(2026, 2, 28))
    ('14 months old', '5 years old')
    """
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if born > today:
        return _("not born yet")
    if months == 0:
        days = (today - born).days
        return ngettext("%(count)s day old", "%(count)s days old", days) % {"count": days}
    if months < IN_MONTHS:
        return ngettext("%(count)s month old", "%(count)s months old", months) % {"count": months}
    return ngettext("%(count)s year old", "%(count)s years old", months // 12) % {"count": months // 12}


READERS: dict[Kind, Callable[[CustomField, str], Kept]] = {
    Kind.TEXT: _text, Kind.LONG: _text, Kind.WHOLE: _whole, Kind.DECIMAL: _decimal, Kind.DATE: _date,
    Kind.CHILD: _date, Kind.YES_NO: _yes_no, Kind.CHOICE: _choice, Kind.LINK: _link,
}  # fmt: skip
SAID: dict[Kind, Callable[[CustomField, str], str]] = {
    Kind.WHOLE: lambda _field, text: formats.count(int(text)),
    Kind.DATE: lambda _field, text: moments.full_day(dt.date.fromisoformat(text)),
    Kind.CHILD: lambda _field, text: _child(dt.date.fromisoformat(text)),
    Kind.YES_NO: lambda _field, text: _("yes") if text == "yes" else _("no"),
    Kind.CHOICE: lambda field, text: field.titles.get(text, text),
    Kind.CHOICES: lambda field, text: field.titles.get(text, text),
}
