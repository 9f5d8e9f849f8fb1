"""Deliveries worked off: what is new in them becomes events of whose they are, what is no call goes to quarantine.

A set at a time, each in one transaction of the book; a delivery leaves the inbox after that. Where the worker was
killed in between, the same delivery is worked off again and finds everything there, so nothing is lost or doubled.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from django.db import IntegrityError, transaction

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers import dispatch
from guanxi.customers.dispatch import Occurred
from guanxi.customers.models import Event
from guanxi.customers.pace import Pace
from guanxi.identity import devices
from guanxi.identity.evidence import parts
from guanxi.identity.resolution import known, resolve
from guanxi.ingest.collection import inbox, traits
from guanxi.ingest.collection.ahead import Ahead
from guanxi.ingest.collection.calls import Call, Reason
from guanxi.ingest.collection.happening import COLUMNS, Happened, Whose
from guanxi.ingest.collection.inbox import Received
from guanxi.ingest.collection.people import Crowd, crowd, device_key, key_of
from guanxi.ingest.collection.quarantine import aside
from guanxi.ingest.collection.reading import Arrived, Readings, Refusal, read_all
from guanxi.ingest.collection.schema import Tally
from guanxi.ingest.models import EventSource, Quarantined, TakenCall
from guanxi.ingest.ordering.calls import once_each
from guanxi.ingest.people import let_in

log = logging.getLogger("guanxi.ingest")
SECONDS = 1.0  # that a worker stays with it before it looks for a job
AT_ONCE = 20  # deliveries looked at together
NOBODY: Whose = (None, None)
Sources = Mapping[int, EventSource]
_pace = Pace(250, least=100, most=1_000)  # calls at once
_ahead = Ahead(AT_ONCE)


@dataclass
class Worked:
    """What became of some deliveries."""

    deliveries: int = 0
    events: int = 0
    repeated: int = 0
    quarantined: int = 0


@dataclass
class Taken:
    """What is new in some deliveries, by source, with what has to be told apart from it."""

    fresh: list[Arrived] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    repeated: int = 0
    events: list[Occurred] = field(default_factory=list)


def work_off(most: int = AT_ONCE) -> Worked:
    """Work some deliveries off, the oldest first; where none waits nothing happens."""
    received, seen = inbox.oldest(most), Tally()
    done = _work_off(received, read_all(received), seen)
    seen.write()
    return done


def _work_off(received: Sequence[Received], readings: Readings, seen: Tally) -> Worked:
    if not received:
        return Worked()
    done = Worked(len(received))
    left, sources = readings.arrived, sources_of(readings.arrived)
    while some := left[: _pace.size]:
        _pace.keep(partial(_take, some, sources, done, seen))
        left = left[len(some) :]
    with transaction.atomic():
        done.quarantined += set_aside(readings.refused)
    inbox.done([each.key for each in received])
    return done


def sources_of(arrived: Iterable[Arrived]) -> Sources:
    """Find the sources of some calls, by their keys."""
    return EventSource.objects.select_related("store").in_bulk({each.source for each in arrived})


def _take(arrived: Sequence[Arrived], sources: Sources, done: Worked, tally: Tally) -> int:
    """Take some calls; each of a delivery that is worked off again is known by then. Gives how many."""
    told = take(arrived, sources, tally)
    transaction.on_commit(partial(dispatch.foresee, told.events))  # not before they stand in the book
    done.events += len(told.events)
    done.repeated += told.repeated
    done.quarantined += set_aside(told.refused)
    return len(arrived)


def take(arrived: Sequence[Arrived], sources: Sources, tally: Tally) -> Taken:
    """Make events of those calls that are new, in the caller's transaction; tells what became of the others."""
    told = _told_apart(arrived)
    told.events, repeated = _write(told.fresh, sources, tally)
    told.repeated += repeated
    return told


def _told_apart(arrived: Sequence[Arrived]) -> Taken:
    """Leave out what was taken before; what comes under a known name and says something else is set aside."""
    return Taken(list(arrived)) if _all_new(arrived) else _one_by_one(arrived)


def _all_new(arrived: Sequence[Arrived]) -> bool:
    """Note calls down where none came before, which is almost always, and spares asking; tells whether it did."""
    try:
        with transaction.atomic():
            _note((each.source, each.message, each.content) for each in arrived)
    except IntegrityError:
        return False
    return True


def _note(rows: Iterable[tuple[int, bytes, bytes]]) -> None:
    bulk.insert(TakenCall, ["source_id", "message", "content"], list(rows))


def _one_by_one(arrived: Sequence[Arrived]) -> Taken:
    found = Taken()
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
        _note(rows)
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
    return Refusal(
        Reason.OTHER_CONTENT, each.source, each.call.kind, each.token, each.nth, each.raw, each.call.received_at
    )


def _write(fresh: Sequence[Arrived], sources: Sources, tally: Tally) -> tuple[list[Occurred], int]:
    """Write the events of new calls, each with whose it is, and have orders follow from them.

    Says how many came again of those that tell of orders.
    """
    together: dict[str, list[Arrived]] = defaultdict(list)
    for each in fresh:
        together[sources[each.source].namespace].append(each)
    found: list[Happened] = []
    for namespace, mine in together.items():
        whose = _whose(crowd((each.call for each in mine), namespace))
        found += [
            Happened(each.call, sources[each.source], whose.get(_key(each.call), NOBODY), *each.event)
            for each in mine if each.event
        ]  # fmt: skip
    once = once_each(found)
    keys = reserve(Event, len(once.happened))
    Event.objects.append(COLUMNS, [each.row(key) for key, each in zip(keys, once.happened, strict=True)])
    once.note(keys)
    tally.add(once.happened, keys)
    return [each.occurred(key) for key, each in zip(keys, once.happened, strict=True)], once.repeated


def _key(call: Call) -> str:
    return key_of(call.user) if call.user else device_key(call.anonymous)


def _whose(found: Crowd) -> dict[str, Whose]:
    """Find or make the profiles of a crowd; who was erased is nobody, and what they do is nobody's."""
    told: dict[str, Whose] = {}
    said = list(found.people.values())
    if said and (seen := {each.key: each for each in let_in(said)}):
        there = known(found.namespace, "", list(seen))
        people = resolve(list(seen.values()), import_id=traits.STREAM).people
        traits.tell(people, seen, found.when, seen.keys() - there.keys())
        told = {key: (person.profile_id, person.customer_id) for key, person in people.items()}
    return told | devices.meet(found.namespace, {device_key(each): (each, at) for each, at in found.devices.items()})


def set_aside(refused: Sequence[Refusal]) -> int:
    """Keep what is no call, once; gives how much there was."""
    made = [aside(each) for each in refused]
    Quarantined.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def drained() -> Iterator[Worked]:
    """Work everything off that waits, set after set."""
    while (done := work_off()).deliveries:
        yield done


def finish() -> None:
    """Work everything off, however much it is."""
    for done in drained():
        log.info("%s", done)


def tend() -> bool:
    """Work off what waits for a while, where nobody else does, and tell of it; tells whether anything was."""
    if not inbox.oldest(1):
        _ahead.rest()
        return False
    try:
        with lease(dispatch.TURN) as held:
            return _tend(held)
    except LeaseTaken:
        return False


def _tend(held: Heartbeat) -> bool:
    until, tally, more = monotonic() + SECONDS, Tally(), True
    while more:
        more = monotonic() < until
        done = _work_off(*_ahead.take(more=more), tally)
        more = more and done.deliveries > 0
        dispatch.keep_up()
        held.check()
        log.debug("%s", done)
    tally.write()
    return True
