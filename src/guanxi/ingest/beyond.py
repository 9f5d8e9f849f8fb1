"""What people did before the book's memory: read from the lake, newest first, a stretch of time after the other.

Behaviour lies sorted by what was done, not by who did it, so a stretch is read whole for one person. Reading ends when
there is enough, or after a tenth of a second: what is further back is asked for when somebody scrolls there.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from guanxi.customers.models import Customer, Event
from guanxi.customers.timeline import Older, Place
from guanxi.ingest.behaviour import SUBJECT
from guanxi.privacy.models import RetentionRun
from guanxi.warehouse.reading import Lake, snapshot

FIRST = dt.timedelta(days=62)  # the first stretch; the next ones are twice as long each
SECONDS = 0.1
COLUMNS = "event_id, name, profile_id, occurred_at, received_at, source, cast(properties as varchar) as properties"
OLDEST = "select min(occurred_at) as oldest from events"


@dataclass(frozen=True)
class _Asked:
    """Whose events are asked for, of which names (all where none is named), and how many."""

    profiles: Sequence[int]
    names: Collection[str]
    most: int


def read(customer: Customer, before: Place, names: Collection[str], most: int) -> Older:
    """Read events of a person before a place in the lake; nothing where the book still has everything."""
    profiles = list(customer.profiles.values_list("pk", flat=True)) if has_left() else []
    if not profiles:
        return Older()
    with snapshot() as lake:
        oldest = lake.sql(OLDEST)["oldest"][0].as_py()
        return _read(lake, _Asked(profiles, names, most), before, oldest) if oldest else Older()


def has_left() -> bool:
    """Tell whether behaviour ever left the book; once it has, that stays so."""
    if not _known:
        runs = RetentionRun.objects.values_list("counts", flat=True).iterator()
        _known.update([True] if any(counts.get(SUBJECT) for counts in runs) else [])
    return bool(_known)


_known: set[bool] = set()


def _read(lake: Lake, asked: _Asked, before: Place, oldest: dt.datetime) -> Older:
    found: list[Event] = []
    begun, place = monotonic(), before
    for since in _stretches(before.at, oldest.replace(tzinfo=dt.UTC)):
        found += _stretch(lake, asked, place, since, asked.most - len(found))
        if len(found) >= asked.most:
            return Older(found)
        if monotonic() - begun > SECONDS:
            return Older(found, since)
        place = Place(since, 0)
    return Older(found)


def _stretches(at: dt.datetime, oldest: dt.datetime) -> Iterator[dt.datetime]:
    """Give the beginnings of stretches of time, going back until the oldest event."""
    length = FIRST
    while at > oldest:
        at, length = max(at - length, oldest), length * 2
        yield at
        if at == oldest:
            return


def _stretch(lake: Lake, asked: _Asked, before: Place, since: dt.datetime, most: int) -> list[Event]:
    said: dict[str, Any] = {"at": naive(before.at), "id": before.key, "since": naive(since), "most": most}
    whose = {f"p{nth}": each for nth, each in enumerate(asked.profiles)}
    called = {f"n{nth}": each for nth, each in enumerate(sorted(asked.names))}
    query = f"""
        select {COLUMNS} from events
        where profile_id in ({_names(whose)}) and occurred_at >= $since
          and (occurred_at < $at or (occurred_at = $at and event_id < $id))
          {f"and name in ({_names(called)})" if called else ""}
        order by occurred_at desc, event_id desc limit $most
    """  # noqa: S608 - names of parameters and columns of our own
    return list(map(event_of, lake.sql(query, **said, **whose, **called).to_pylist()))


def _names(parameters: dict[str, Any]) -> str:
    return ", ".join(f"${name}" for name in parameters)


def naive(at: dt.datetime) -> dt.datetime:
    """Give an instant as the lake keeps it: UTC without saying so."""
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def event_of(row: Mapping[str, Any]) -> Event:
    """Make an event of a row of the lake with COLUMNS; whose it is by now it does not know, but its profile."""
    return Event(
        pk=row["event_id"], name=row["name"], profile_id=row["profile_id"], source=row["source"],
        occurred_at=row["occurred_at"].replace(tzinfo=dt.UTC),
        received_at=row["received_at"].replace(tzinfo=dt.UTC), properties=json.loads(row["properties"]),
    )  # fmt: skip
