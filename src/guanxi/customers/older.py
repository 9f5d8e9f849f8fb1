"""What one person did that has left the book: read from the lake, for the timeline to go on with."""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.warehouse.lookup import Lookup, lookup
from guanxi.warehouse.models import Tombstone

PATIENCE = 0.06  # seconds after which no further month is looked through for the same page
PLACED = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
DIGITS = 19


class Place(NamedTuple):
    """A place in a story, between the events before and after it; written into addresses."""

    at: dt.datetime
    id: int = 0

    @classmethod
    def of(cls, event: Event) -> Self:
        """Give the place of an event."""
        return cls(event.occurred_at, event.pk)

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Read a place as written; None where it is none.

        >>> Place.read("5-7") == Place(PLACED + 5 * MICROSECOND, 7), Place.read("-"), Place.read("9" * 18 + "-1")
        (True, None, None)
        """
        at, _dash, key = text.partition("-")
        if not all(each.isascii() and each.isdigit() and len(each) < DIGITS for each in (at, key)):
            return None
        try:
            return cls(PLACED + int(at) * MICROSECOND, int(key))
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"{(self.at - PLACED) // MICROSECOND}-{self.id}"


@dataclass(frozen=True)
class Stretch:
    """Events, the newest first; down to `floor` none is missing, and without one there are none before them."""

    events: list[Event] = field(default_factory=list)
    floor: Place | None = None


def older(customer: Customer, before: Place, *, names: Collection[str] = (), most: int) -> Stretch:
    """Give what a person did before a place that the book has no more, as much as is found within patience."""
    profiles = SourceProfile.objects.filter(customer=customer).values_list("pk", flat=True)
    rows, floor = _found(lookup("timeline", list(profiles)), before, names, most)
    there = _known_to_the_book([row["event_id"] for row in rows])
    return Stretch([event_of(row) for row in rows if row["event_id"] not in there], floor)


def _found(
    found: Lookup, before: Place, names: Collection[str], most: int
) -> tuple[list[Mapping[str, Any]], Place | None]:
    rows: list[Mapping[str, Any]] = []
    months, begun, floor = [month for month in found.months() if _begin(month) < before], monotonic(), None
    for month in months:
        rows += _newest(found.rows(month), before, names, most)
        if month != months[-1] and (len(rows) >= most or monotonic() - begun > PATIENCE):
            floor = _begin(month)
            break
    return rows[:most], Place.of(event_of(rows[most - 1])) if len(rows) > most else floor


def _newest(rows: pa.Table, before: Place, names: Collection[str], most: int) -> list[Mapping[str, Any]]:
    """Give the newest rows before a place, and one more than are asked for where there is one."""
    at = pa.scalar(naive(before.at), rows["occurred_at"].type)
    same = pc.and_(pc.equal(rows["occurred_at"], at), pc.less(rows["event_id"], before.id))
    fit = pc.or_(pc.less(rows["occurred_at"], at), same)
    if names:
        fit = pc.and_(fit, pc.is_in(rows["name"], pa.array(sorted(names), pa.string())))
    order = [("occurred_at", "descending"), ("event_id", "descending")]
    found: list[Mapping[str, Any]] = rows.filter(fit).sort_by(order).slice(0, most + 1).to_pylist()
    return found


def _begin(month: int) -> Place:
    return Place(dt.datetime(month // 100, month % 100, 1, tzinfo=dt.UTC))


def _known_to_the_book(ids: list[int]) -> set[int]:
    """Keep those that the book has, or has decided to have forgotten: it knows better."""
    if not ids:
        return set()
    here = Event.objects.filter(pk__in=ids).values_list("pk", flat=True)
    return {*here, *Tombstone.objects.filter(feed="events", row_id__in=ids).values_list("row_id", flat=True)}


def naive(at: dt.datetime) -> dt.datetime:
    """Give an instant as the lake keeps it: UTC without saying so."""
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def event_of(row: Mapping[str, Any]) -> Event:
    """Make an event of a row of `timeline`, or of `events`; whose it is by now it does not know, but its profile."""
    told = {name: row[name].replace(tzinfo=dt.UTC) for name in ("occurred_at", "received_at") if name in row}
    return Event(
        pk=row["event_id"], profile_id=row["profile_id"], name=row["name"], source=row["source"],
        properties=json.loads(row["properties"]), **told,
    )  # fmt: skip
