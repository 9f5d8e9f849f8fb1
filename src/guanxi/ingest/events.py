"""Event files: what happened, a row each; told before to somebody else, or by a system that cannot send.

What is written is what a page or an app would have told: events of people known by the numbers they have at the file's
source, and of devices. A row that was taken once, out of whichever file, is not taken again.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import polars as pl
from django.db import transaction

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.jobs.lease import lease
from guanxi.core.time import now
from guanxi.customers.models import Event, Identifier, SourceProfile
from guanxi.identity import devices
from guanxi.identity.evidence import parts
from guanxi.identity.normal import identification
from guanxi.identity.resolution import Identification, Sighting, current, resolve
from guanxi.ingest.collection.people import device_key, key_of
from guanxi.ingest.customers import origin_of_people
from guanxi.ingest.event_rows import properties_of
from guanxi.ingest.landing import created_people
from guanxi.ingest.models import TURN, EventSource, Import, ImportChange, TakenCall
from guanxi.ingest.models.source import FILES
from guanxi.ingest.people import Origin, let_in
from guanxi.ingest.run import Progress, at_work, finish, look, refuse_what_is_over, silent, staged_of
from guanxi.ingest.staging import parts_of
from guanxi.ingest.tally import Tally
from guanxi.orders.models import Store
from guanxi.warehouse.models import ranges

PEOPLE_AT_ONCE = 250
LASTS = 0.012  # seconds a transaction may last on SQLite, where others wait for the writer
AT_FIRST, AT_LEAST, AT_MOST = 300, 100, 2_000  # rows in a transaction
COLUMNS = ["id", "profile_id", "customer_id", "name", "occurred_at", "received_at", "source", "properties"]


def run_events(batch: Import, *, progress: Progress = silent, wait: dt.timedelta | None = None) -> Import:
    """Import an event file, or what is left of it; a finished import refuses."""
    refuse_what_is_over(batch)
    with lease(f"{TURN} {batch.store_code}", wait=wait), at_work(batch):
        staged = staged_of(batch, progress)
        writing = _Writing(batch, source_of(batch), Whose.of(batch), Tally(batch))
        for number, rows in told_events(batch, first=batch.cursor["bucket"]):
            people = writing.meet(rows)
            done = batch.cursor["done"] if batch.cursor["bucket"] == number else 0
            for _end in writing.write(rows, people, number, done):
                look(batch, progress)
        finish(batch, writing.tally, staged)
    return batch


def told_events(batch: Import, *, first: int = 0) -> Iterator[tuple[int, pl.DataFrame]]:
    """Read the staged rows part by part, from `first` on."""
    for number, path in enumerate(parts_of(batch.folder, "events")):
        if number >= first:
            yield number, pl.read_ipc(path)


def unknown(source: EventSource | None, rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows that were never taken from a source."""
    keys = rows.get_column("_key").to_list()
    known: set[bytes] = set()
    for some in parts(keys) if source else ():
        taken = TakenCall.objects.filter(source=source, message__in=some).values_list("message", flat=True)
        known |= {bytes(each) for each in taken}
    return rows.filter(pl.Series([each not in known for each in keys], dtype=pl.Boolean)) if known else rows


def source_of(batch: Import) -> EventSource:
    """Find or make the source that stands for the files of a namespace; it has no key, so nobody else writes to it."""
    store = Store.objects.filter(code=batch.store_code).first()
    told = {"namespace": batch.store_code, "store": store, "by": batch.by}
    return EventSource.objects.get_or_create(name=_title(batch.store_code), defaults=told)[0]


def known_source(batch: Import) -> EventSource | None:
    """Find the source of the files of a namespace; None where none was imported yet."""
    return EventSource.objects.filter(name=_title(batch.store_code)).first()


def _title(namespace: str) -> str:
    return FILES % {"namespace": namespace}


@dataclass(frozen=True)
class Whose:
    """Whose numbers a file gives: those of a source that tells live, or of a store's customers."""

    namespace: str
    origin: Origin | None = None

    @classmethod
    def of(cls, batch: Import) -> "Whose":
        """Look whether pages or programs tell under this name; else whether a store bears it."""
        tells = EventSource.objects.in_use().filter(namespace=batch.store_code, keys__isnull=False).exists()
        store = None if tells else Store.objects.filter(code=batch.store_code).first()
        return cls(batch.store_code, origin_of_people(batch, store) if store else None)

    def sighting(self, user: str, on: Sequence[str | None], at: dt.datetime) -> Sighting:
        """Say what a row says of a person: their number, and the devices they are on."""
        marks = [self._number(user), *(self._device(each) for each in on if each)]
        source, store, key = self.namespace, "", key_of(user)
        if self.origin:
            source, store, key = self.origin.source, self.origin.store, user
        return Sighting(source=source, store=store, key=key, seen_at=at, identifications=tuple(filter(None, marks)))

    def _number(self, user: str) -> Identification | None:
        if self.origin is None:
            return identification(Identifier.Kind.EXTERNAL_ID, user, namespace=self.namespace)
        rules = self.origin.rules
        scope = "" if rules.global_customers else self.origin.store
        return Identification(
            kind=rules.customer_kind, value=user, namespace=self.origin.namespace, scope=scope,
            strength=rules.customer_strength,
        )  # fmt: skip

    def _device(self, device: str) -> Identification | None:
        return identification(Identifier.Kind.DEVICE, device, namespace=self.namespace)


@dataclass
class _Writing:
    """One import at work."""

    batch: Import
    source: EventSource
    whose: Whose
    tally: Tally
    received_at: dt.datetime = field(default_factory=now)

    def meet(self, rows: pl.DataFrame) -> dict[str, int]:
        """Have the people and devices of some rows in the book; gives the profile of each by its key here."""
        people = rows.filter(pl.col("profile_external_id").is_not_null()).group_by(
            "profile_external_id", maintain_order=True
        ).agg(pl.col("device_id").unique(maintain_order=True), at=pl.col("occurred_at").min())  # fmt: skip
        alone = rows.filter(pl.col("profile_external_id").is_null()).group_by("device_id", maintain_order=True).agg(
            at=pl.col("occurred_at").min()
        )  # fmt: skip
        found: dict[str, int] = {}
        for some in people.iter_slices(PEOPLE_AT_ONCE):
            found |= self._people(
                {row[0]: self.whose.sighting(row[0], row[1], _utc(row[2])) for row in some.iter_rows()}
            )
        for some in alone.iter_slices(PEOPLE_AT_ONCE):
            found |= self._devices({device_key(device): (device, _utc(at)) for device, at in some.iter_rows()})
        return found

    @transaction.atomic
    def _people(self, seen: Mapping[str, Sighting]) -> dict[str, int]:
        outcome = resolve(let_in(list(seen.values())), import_id=self.batch.pk)
        self._log(created_people(outcome))
        self.tally.add(customers_new=len(outcome.customers))
        self.tally.save(self.batch)
        told = {key_of(user): outcome.people.get(each.key) for user, each in seen.items()}
        return {key: person.profile_id for key, person in told.items() if person}

    @transaction.atomic
    def _devices(self, seen: Mapping[str, tuple[str, dt.datetime]]) -> dict[str, int]:
        there = SourceProfile.objects.seen_by(self.whose.namespace, "").filter(key__in=list(seen))
        known = set(there.values_list("pk", flat=True))
        met = {key: profile for key, (profile, _customer) in devices.meet(self.whose.namespace, seen).items()}
        made = sorted(set(met.values()) - known)
        self._log({"profiles": ranges(made)} if made else {})
        return met

    def write(self, rows: pl.DataFrame, people: Mapping[str, int], number: int, done: int) -> Iterator[int]:
        """Write what is new of a part from a row on; yields how far it is after each transaction."""
        most = AT_FIRST
        while done < rows.height:
            some = rows.slice(done, most)
            done += some.height
            fresh = unknown(self.source, some)
            told = [_row(row, people, self) for row in fresh.iter_rows(named=True)]
            begun = monotonic()
            self._chunk(some.height, fresh, told, {"phase": "events", "bucket": number, "done": done})
            most = int(min(max(most * LASTS / max(monotonic() - begun, 0.001), AT_LEAST), AT_MOST, 2 * most))
            yield done

    @transaction.atomic
    def _chunk(self, rows: int, fresh: pl.DataFrame, told: list[tuple[Any, ...]], cursor: dict[str, Any]) -> None:
        """Write the events of one chunk, and that they were taken, and move the cursor behind it."""
        now_with = current({row[0] for row in told if row[0]})
        taken, ids = reserve(TakenCall, len(told)), reserve(Event, len(told))
        keys = [(pk, self.source.pk, key, key) for pk, key in zip(taken, fresh.get_column("_key"), strict=True)]
        bulk.insert(TakenCall, ["id", "source_id", "message", "content"], keys)
        Event.objects.append(
            COLUMNS, [(pk, row[0], now_with.get(row[0]), *row[1:]) for pk, row in zip(ids, told, strict=True)]
        )
        self._log({"events": ranges(ids), "calls": ranges(taken)} if told else {})
        self.tally.add(events=rows, events_new=len(told), duplicates=rows - len(told), rows_done=rows)
        self.tally.save(self.batch, cursor=cursor)

    def _log(self, created: Mapping[str, list[list[int]]]) -> None:
        if created:
            ImportChange.objects.create(batch=self.batch, created=dict(created))


def _row(row: Mapping[str, Any], people: Mapping[str, int], writing: _Writing) -> tuple[Any, ...]:
    """Give an event's columns, its key and its customer apart."""
    user, device = row["profile_external_id"], row["device_id"]
    profile = people.get(key_of(user) if user else device_key(device))
    written = json.dumps(properties_of(row), ensure_ascii=False)
    return profile, row["name"], _utc(row["occurred_at"]), writing.received_at, writing.source.namespace, written


def _utc(naive: dt.datetime) -> dt.datetime:
    return naive.replace(tzinfo=dt.UTC)
