"""What a list can be narrowed by: one of several values, a range of numbers, a range of days.

A value travels in the address as `name=value`, a range as `name=least..most` of which one end may be missing. What
makes no sense is as if it were not there.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _

from guanxi.pages import formats, moments

Text = str | Promise

NUMBER = re.compile(r"\d{1,10}", re.ASCII)
FIRST_DAY = dt.date(1990, 1, 1)


@dataclass(frozen=True, eq=False)
class Filter:
    """One of several values: `choices` are those it knows, `narrow` applies what one means to the rows."""

    name: str
    title: Text
    choices: Mapping[str, Text]
    narrow: Callable[[Any, Any], Any]
    input: ClassVar[str] = ""

    def read(self, asked: str) -> str:
        """Read what an address asks for; what is unknown is nothing."""
        return asked if asked in self.choices else ""

    def meaning(self, value: str) -> Any:
        """Give what `narrow` is told."""
        return value

    def apply(self, rows: Any, value: str) -> Any:
        """Keep the rows of a value."""
        return self.narrow(rows, self.meaning(value))

    def told(self, value: str) -> Text:
        """Say a value in words."""
        return self.choices[value]


@dataclass(frozen=True, eq=False)
class Range(Filter):
    """Everything between two ends; `narrow` is told both, None where one is missing."""

    def end(self, text: str) -> Any:
        """Read one end; None where it is none."""
        raise NotImplementedError

    def end_told(self, end: Any) -> object:
        """Say one end in words."""
        raise NotImplementedError

    def read(self, asked: str) -> str:
        """Read a range, and put its ends in order."""
        if asked in self.choices:
            return asked
        ends = [self.end(text.strip()) for text in asked.split("..")]
        if len(ends) != 2 or ends == [None, None]:
            return ""
        if None not in ends:
            ends.sort()
        return "..".join("" if end is None else str(end) for end in ends)

    def meaning(self, value: str) -> Any:
        """Give both ends."""
        least, most = (self.end(text) for text in value.split(".."))
        return least, most

    def told(self, value: str) -> Text:
        """Say a range in words."""
        if value in self.choices:
            return self.choices[value]
        least, most = (None if end is None else self.end_told(end) for end in self.meaning(value))
        if least is None:
            return _("at most %(most)s") % {"most": most}
        if most is None:
            return _("at least %(least)s") % {"least": least}
        return str(least) if least == most else f"{least} – {most}"


@dataclass(frozen=True, eq=False)
class Between(Range):
    """A range of whole numbers; `unit` writes one in words. Money is typed whole and kept in `scale` minor units."""

    unit: Callable[[int], object] = field(default=formats.count, kw_only=True)
    scale: int = field(default=1, kw_only=True)
    input: ClassVar[str] = "number"

    def meaning(self, value: str) -> Any:
        """Give both ends in the units that are kept."""
        return tuple(None if end is None else end * self.scale for end in super().meaning(value))

    def end(self, text: str) -> int | None:
        """Read a whole number."""
        return int(text) if NUMBER.fullmatch(text) else None

    def end_told(self, end: int) -> object:
        """Say a number with its unit."""
        return self.unit(end)


@dataclass(frozen=True, eq=False)
class Days(Range):
    """A range of days, or the last so many days up to today, which the choices name by their number."""

    input: ClassVar[str] = "date"

    def end(self, text: str) -> dt.date | None:
        """Read a day as ISO 8601 writes it."""
        try:
            return max(dt.date.fromisoformat(text), FIRST_DAY)
        except ValueError:
            return None

    def meaning(self, value: str) -> Any:
        """Give the first and the last day."""
        if value in self.choices:
            return timezone.localdate() - dt.timedelta(days=int(value) - 1), None
        return super().meaning(value)

    def end_told(self, end: dt.date) -> object:
        """Write a day."""
        return moments.full_day(end)


@dataclass(frozen=True, eq=False)
class Typed(Filter):
    """One value that is typed and has to be met whole; `choices` is empty."""

    input: ClassVar[str] = "text"

    def read(self, asked: str) -> str:
        """Read what was typed; what no page can show is nothing."""
        text = asked.strip()[:200]
        return text if text.isprintable() else ""

    def told(self, value: str) -> Text:
        """Say the value."""
        return value


def on_days(field: str) -> Callable[[Any, Any], Any]:
    """Make what narrows rows to those of which something happened on these days of the reader."""

    def narrow(rows: Any, days: tuple[dt.date | None, dt.date | None]) -> Any:
        first, last = days
        if first:
            rows = rows.filter(**{f"{field}__gte": _midnight(first)})
        return rows.filter(**{f"{field}__lt": _midnight(last + dt.timedelta(days=1))}) if last else rows

    return narrow


def lazily(names: Callable[[], Any]) -> Any:
    """Ask for the values of a filter only where a page needs them: pairs of a value and its title, or a mapping."""
    return SimpleLazyObject(lambda: {str(value): title for value, title in dict(names()).items()})


def joined(query: QueryDict, filters: Iterable[Filter]) -> QueryDict | None:
    """Write the two ends that a form sent apart as one range; None where none came apart."""
    changed = None
    for each in filters:
        names = (f"{each.name}_from", f"{each.name}_to")
        if not each.input or not any(name in query for name in names):
            continue
        changed = changed or query.copy()
        value = each.read("..".join(query.get(name, "") for name in names))
        for name in (*names, each.name):
            changed.pop(name, None)
        if value:
            changed[each.name] = value
    return changed


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
