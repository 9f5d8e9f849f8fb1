"""Deliveries worked off: what is new in them becomes events of whose they are, what is no call goes to quarantine.

A set at a time, each in one transaction of the book; a delivery leaves the inbox after that. Where the worker was
killed in between, the same delivery is worked off again and finds everything there, so nothing is lost or doubled.
"""

import datetime as dt
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers.models import Event
from guanxi.identity import devices
from guanxi.identity.evidence import parts
from guanxi.identity.resolution import Person, resolve
from guanxi.ingest.collection import context, inbox
from guanxi.ingest.collection.calls import Call, Kind, Reason
from guanxi.ingest.collection.names import canonical
from guanxi.ingest.collection.people import Crowd, crowd, device_key, key_of
from guanxi.ingest.collection.properties import keep
from guanxi.ingest.collection.reading import Arrived, Refusal, read_all
from guanxi.ingest.models import EventSource, Quarantined, TakenCall
from guanxi.ingest.people import let_in

log = logging.getLogger("guanxi.ingest")
TURN = gettext_noop("work off what was delivered")
SECONDS = 1.0  # that a worker stays with it before it looks for a job
AT_ONCE = 20  # deliveries looked at together
CALLS = 250  # of a transaction; others wait for it on SQLite
VIEWED = {Kind.PAGE: "Page Viewed", Kind.SCREEN: "Screen Viewed"}
NOBODY = (None, None)
Whose = tuple[int | None, int | None]  # profile and customer


@dataclass
class Worked:
    """What became of some deliveries."""

    deliveries: int = 0
    events: int = 0
    repeated: int = 0
    quarantined: int = 0


@dataclass
class _Set:
    """What is new in some deliveries, by source, with what has to be told apart from it."""

    fresh: list[Arrived] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    repeated: int = 0


def work_off(most: int = AT_ONCE) -> Worked:
    """Work some deliveries off, the oldest first; where none waits nothing happens."""
    received = inbox.oldest(most)
    if not received:
        return Worked()
    readings, done = read_all(received), Worked(len(received))
    for start in range(0, len(readings.arrived), CALLS):
        _take(readings.arrived[start : start + CALLS], done)
    with transaction.atomic():
        done.quarantined += _set_aside(readings.refused)
    inbox.done([each.key for each in received])
    return done


@transaction.atomic
def _take(arrived: Sequence[Arrived], done: Worked) -> None:
    """Take some calls; each of a delivery that is worked off again is known by then."""
    told = _told_apart(arrived)
    done.events += _write(told.fresh)
    done.repeated += told.repeated
    done.quarantined += _set_aside(told.refused)


def _told_apart(arrived: Sequence[Arrived]) -> _Set:
    """Leave out what was taken before; what comes under a known name and says something else is set aside."""
    found = _Set()
    for source, mine in _by_source(arrived).items():
        told = [(each, each.message, each.content) for each in mine]
        known = _known(source, [message for _each, message, _content in told])
        rows = []
        for each, message, content in told:
            if message not in known:
                known[message] = content
                found.fresh.append(each)
                rows.append((source, message, content))
            elif known[message] == content:
                found.repeated += 1
            else:
                found.refused.append(_repeated(each))
        bulk.insert(TakenCall, ["source_id", "message", "content"], rows)
    return found


def _by_source(arrived: Iterable[Arrived]) -> dict[int, list[Arrived]]:
    found: dict[int, list[Arrived]] = defaultdict(list)
    for each in arrived:
        found[each.source].append(each)
    return found


def _known(source: int, messages: Sequence[bytes]) -> dict[bytes, bytes]:
    rows = (TakenCall.objects.filter(source=source, message__in=some) for some in parts(messages))
    return {
        bytes(message): bytes(content) for some in rows for message, content in some.values_list("message", "content")
    }


def _repeated(each: Arrived) -> Refusal:
    return Refusal(Reason.OTHER_CONTENT, each.source, each.call.kind, each.token, each.nth, each.raw)


def _write(fresh: Sequence[Arrived]) -> int:
    """Write the events of new calls, each with whose it is; gives how many."""
    sources = {each.pk: each for each in EventSource.objects.filter(pk__in={each.source for each in fresh})}
    together: dict[str, list[Arrived]] = defaultdict(list)
    for each in fresh:
        together[sources[each.source].namespace].append(each)
    rows = []
    for namespace, mine in together.items():
        whose = _whose(crowd((each.call for each in mine), namespace))
        rows += [_row(each.call, whose, sources[each.source]) for each in mine if _happens(each.call)]
    columns = ["id", "profile_id", "customer_id", "name", "occurred_at", "received_at", "source", "properties"]
    Event.objects.append(columns, [(pk, *row) for pk, row in zip(reserve(Event, len(rows)), rows, strict=True)])
    return len(rows)


def _happens(call: Call) -> bool:
    """Tell whether a call says that something happened; others say who somebody is."""
    return call.kind in {Kind.TRACK, *VIEWED}


def _row(call: Call, whose: dict[str, Whose], source: EventSource) -> tuple[Any, ...]:
    profile, customer = whose.get(key_of(call.user) if call.user else device_key(call.anonymous), NOBODY)
    name = VIEWED.get(Kind(call.kind)) or canonical(call.name)
    told = context.told(call.context) | keep(call.properties).properties
    if call.kind in VIEWED and call.name:
        told["name"] = call.name
    written = json.dumps(told, ensure_ascii=False)
    return profile, customer, name, call.occurred_at, call.received_at, source.namespace, written


def _whose(found: Crowd) -> dict[str, Whose]:
    """Find or make the profiles of a crowd; who was erased is nobody, and what they do is nobody's."""
    seen = let_in(list(found.people.values()))
    people: dict[str, Person] = resolve(seen).people
    told: dict[str, Whose] = {key: (person.profile_id, person.customer_id) for key, person in people.items()}
    met = devices.meet(found.namespace, {device_key(each): (each, at) for each, at in found.devices.items()})
    return told | {key: (profile, customer) for key, (profile, customer) in met.items()}


def _set_aside(refused: Sequence[Refusal]) -> int:
    made = [
        Quarantined(
            source_id=each.source, reason=each.reason, kind=each.kind, received_at=dt.datetime.now(dt.UTC),
            **Quarantined.sealed_of(each.token, each.nth, each.raw),
        )
        for each in refused
    ]  # fmt: skip
    Quarantined.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def drained() -> Iterator[Worked]:
    """Work everything off that waits, set after set."""
    while (done := work_off()).deliveries:
        yield done


def tend() -> bool:
    """Work off what waits for a while, where nobody else does; tells whether anything was."""
    if not inbox.oldest(1):
        return False
    try:
        with lease(TURN) as held:
            return _tend(held)
    except LeaseTaken:
        return False


def _tend(held: Heartbeat) -> bool:
    until = monotonic() + SECONDS
    for done in drained():
        held.check()
        log.debug("%s", done)
        if monotonic() >= until:
            break
    return True
