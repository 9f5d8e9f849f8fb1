"""What sources are seen to send: counted in memory while events are made, and added up in the book set by set.

Names of events and of fields are kept, values never; a name that could itself name a person is kept as an ellipsis. A
sender who makes names up fills no table: of a source so many events are kept, and of an event so many fields.
"""

import datetime as dt
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from guanxi.core.time import now
from guanxi.ingest.collection.happening import Happened
from guanxi.ingest.models.schema import SeenEvent, SourceHour

MOST_EVENTS, MOST_FIELDS = 500, 200
NEWEST = 50  # events of an hour that the live view can show
HOURS_FOR = dt.timedelta(days=8)
LONGEST = 60
SOMEBODY = re.compile(r"@|\d{7}|[\x00-\x1f]")
UNTOLD = "…"
TYPES: dict[type, str] = {
    str: "text", int: "number", float: "number", bool: "flag", list: "list", dict: "object", type(None): "nothing",
}  # fmt: skip
Shape = tuple[int, str, tuple[str, ...], tuple[type, ...], frozenset[str]]  # source, event, fields, types, dropped
Key = tuple[int, str]  # source and event
NOTHING: frozenset[str] = frozenset()


def fit(name: str) -> str:
    """Give a name as it may be kept.

    >>> fit("price"), fit("lin@example.com"), fit("order 13812345678")
    ('price', '…', '…')
    """
    return UNTOLD if SOMEBODY.search(name) else name[:LONGEST]


@dataclass
class Tally:
    """What some calls say, by its shape, and which events came of each source."""

    shapes: Counter[Shape] = field(default_factory=Counter)
    counts: Counter[int] = field(default_factory=Counter)
    newest: dict[int, deque[int]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=NEWEST)))

    def add(self, happened: Sequence[Happened], keys: Sequence[int]) -> None:
        """Count events that were written under these keys: their fields, and the names of those that were dropped."""
        for key, each in zip(keys, happened, strict=True):
            source, told = each.source.pk, each.kept.properties
            dropped = frozenset(each.kept.dropped) if each.kept.dropped else NOTHING
            self.shapes[source, each.name, tuple(told), tuple(map(type, told.values())), dropped] += 1
            self.counts[source] += 1
            self.newest[source].append(key)

    @transaction.atomic
    def write(self) -> None:
        """Add it up in the book; a worker killed before that made events which no page counts."""
        if not self.shapes:
            return
        at = now()
        self._write_events(at)
        self._write_hours(at.replace(minute=0, second=0, microsecond=0))

    def _write_events(self, at: dt.datetime) -> None:
        shapes: dict[Key, list[tuple[Shape, int]]] = defaultdict(list)
        for shape, count in self.shapes.items():
            shapes[shape[0], fit(shape[1])].append((shape, count))
        seen = _seen(shapes, at)
        for key, each in seen.items():
            each.last_at = at
            for shape, count in shapes[key]:
                _add(each, shape, count)
        SeenEvent.objects.bulk_create(
            seen.values(), update_conflicts=True, unique_fields=["source", "name"],
            update_fields=["count", "last_at", "fields", "dropped"],
        )  # fmt: skip

    def _write_hours(self, hour: dt.datetime) -> None:
        rows = SourceHour.objects.select_for_update().filter(source__in=self.counts, hour=hour)
        known = {each.source_id: each for each in rows}
        for source, count in self.counts.items():
            if source not in known:
                SourceHour.objects.filter(source=source, hour__lt=hour - HOURS_FOR).delete()
            each = known.setdefault(source, SourceHour(source_id=source, hour=hour))
            each.events += count
            each.newest = [*each.newest, *self.newest[source]][-NEWEST:]
        SourceHour.objects.bulk_create(
            known.values(), update_conflicts=True, unique_fields=["source", "hour"], update_fields=["events", "newest"]
        )


def _seen(keys: Iterable[Key], at: dt.datetime) -> dict[Key, SeenEvent]:
    """Read what was seen before of some events, and begin anew with others while their source has room."""
    asked: dict[int, set[str]] = defaultdict(set)
    for source, name in keys:
        asked[source].add(name)
    found: dict[Key, SeenEvent] = {}
    for source, names in asked.items():
        rows = SeenEvent.objects.select_for_update().filter(source=source)
        known = {each.name: each for each in (rows.filter(name__in=names) if len(names) < MOST_EVENTS else rows)}
        fresh = sorted(names - known.keys())
        room = MOST_EVENTS - SeenEvent.objects.filter(source=source).count() if fresh else 0
        made = {name: SeenEvent(source_id=source, name=name, first_at=at) for name in fresh[: max(room, 0)]}
        found |= {(source, name): each for name, each in (known | made).items() if name in names}
    return found


def _add(seen: SeenEvent, shape: Shape, count: int) -> None:
    seen.count += count
    _source, _name, fields, types, dropped = shape
    for each, kind in zip(fields, types, strict=True):
        name = fit(each)
        told = seen.fields.get(name)
        if told is None:
            if len(seen.fields) >= MOST_FIELDS:
                continue
            told = seen.fields[name] = {"n": 0, "types": []}
        told["n"] += count
        word = TYPES.get(kind, "text")
        if word not in told["types"]:
            told["types"].append(word)
    for each in dropped:
        name = fit(each)
        if name in seen.dropped or len(seen.dropped) < MOST_FIELDS:
            seen.dropped[name] = seen.dropped.get(name, 0) + count
