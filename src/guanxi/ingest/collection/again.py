"""Quarantine, looked at again: what waits there is worked off once more, or dropped.

A call that is tried again came when it came, but is judged by the clock of now: what was ahead of its time may have
come to pass. What fails again stays, with the reason of today.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.time import now
from guanxi.ingest.collection.calls import Envelope, NoCall, Reason, read
from guanxi.ingest.collection.inbox import Received
from guanxi.ingest.collection.reading import Arrived, Readings, Refusal, read_all
from guanxi.ingest.collection.schema import Tally
from guanxi.ingest.collection.working import set_aside, sources_of, take
from guanxi.ingest.models import Quarantined
from guanxi.ingest.models.quarantine import QuarantinedQuerySet

AT_ONCE = 50  # calls of a transaction
WHOLE = (Reason.NOT_JSON, Reason.TOO_MANY)  # of these it is a delivery that waits, unless its address named one call


@dataclass
class Tried:
    """What became of calls that were tried again; `repeated` were taken before."""

    taken: int = 0
    repeated: int = 0
    failed: int = 0

    @property
    def gone(self) -> int:
        """How many do not wait any more."""
        return self.taken + self.repeated


def retry(rows: QuarantinedQuerySet, *, by: Staff | None) -> Tried:
    """Work some rows off again, a few at a time; what fails stays and has another reason."""
    done = Tried()
    for keys in _parts(rows):
        _try(keys, done)
    told = {"taken": (None, done.taken), "repeated": (None, done.repeated), "failed": (None, done.failed)}
    AuditEntry.write("quarantine.retried", by=by, on="quarantine:list", changes=told)
    return done


def drop(rows: QuarantinedQuerySet, *, by: Staff | None) -> int:
    """Delete some rows for good; gives how many there were."""
    done = 0
    for keys in _parts(rows):
        done += Quarantined.objects.filter(pk__in=keys).delete()[0]
    AuditEntry.write("quarantine.dropped", by=by, on="quarantine:list", changes={"rows": (None, done)})
    return done


def _parts(rows: QuarantinedQuerySet) -> Iterator[list[int]]:
    """Walk the keys there are now, from the oldest on: those that fail again are not met twice."""
    last, newest = 0, rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    some = rows.order_by("pk").filter(pk__lte=newest)
    while keys := list(some.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        yield keys
        last = keys[-1]


@transaction.atomic
def _try(keys: Sequence[int], done: Tried) -> None:
    rows = list(Quarantined.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    readings, tally = _read(rows), Tally()
    told = take(readings.arrived, sources_of(readings.arrived), tally)
    tally.write()
    refused = {(each.token, each.nth): each for each in (*readings.refused, *told.refused)}
    failed = [row for row in rows if _stays(row, refused)]
    Quarantined.objects.bulk_update(failed, ["reason", "tried_at"])
    Quarantined.objects.filter(pk__in={row.pk for row in rows} - {row.pk for row in failed}).delete()
    done.taken += len(told.fresh)
    done.repeated += told.repeated
    done.failed += len(failed) + set_aside(list(refused.values()))


def _stays(row: Quarantined, refused: dict[Any, Refusal]) -> bool:
    """Tell whether a row was refused again, and give it the reason of today."""
    found = refused.get((row.token, row.nth))
    if found is None or found.raw != row.sent:
        return False
    row.reason, row.tried_at = refused.pop((row.token, row.nth)).reason, now()
    return True


def _read(rows: Sequence[Quarantined]) -> Readings:
    readings = Readings()
    for row in rows:
        if not row.kind and row.reason in WHOLE:
            found = read_all([_delivery(row)])
            readings.arrived += found.arrived
            readings.refused += found.refused
        else:
            _read_call(row, readings)
    return readings


def _delivery(row: Quarantined) -> Received:
    return Received(
        key=0, source=row.source_id, kind="", received_at=row.received_at, token=row.token, body=row.sent
    )  # fmt: skip


def _read_call(row: Quarantined, readings: Readings) -> None:
    raw = row.sent
    envelope = Envelope(received_at=row.received_at, sent_at=row.sent_at, judged_at=now())
    try:
        call = read(raw, envelope, kind=row.kind)
    except NoCall as error:
        where = row.source_id, row.kind, row.token
        readings.refused.append(Refusal(error.reason, *where, row.nth, raw, row.received_at, row.sent_at))
    else:
        readings.arrived.append(Arrived.of(call, row.source_id, row.token, row.nth, raw))
