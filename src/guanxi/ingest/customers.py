"""Customer files: a person a row, found by the same identifiers as in orders.

A file fills what is empty and changes what an import wrote; what a person of the shop wrote stays.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import transaction

from guanxi.core.jobs.lease import lease
from guanxi.core.time import now
from guanxi.customers.models import SourceProfile
from guanxi.identity.resolution import Resolution, Sighting, known, resolve
from guanxi.ingest import own, own_values, words
from guanxi.ingest.fields import CUSTOMER_FIELDS, Type
from guanxi.ingest.landing import Landing, created_people
from guanxi.ingest.models import TURN, Import
from guanxi.ingest.own import Own
from guanxi.ingest.people import GENDERS, Origin, identify, let_in, unread, with_known_numbers
from guanxi.ingest.run import Progress, at_work, finish, look, planned_store, refuse_what_is_over, silent, staged_of
from guanxi.ingest.staging import parts_of
from guanxi.ingest.tally import Tally
from guanxi.orders.models import Store

AT_ONCE = 150
NOTHING = own_values.Written("customers")


@dataclass(frozen=True)
class Told:
    """One row of a customer file as a sighting, and where it stood."""

    row: int
    sighting: Sighting
    own: Own = field(default_factory=dict)


def run_customers(batch: Import, *, progress: Progress = silent, wait: dt.timedelta | None = None) -> Import:
    """Import a customer file, or what is left of it; a finished import refuses."""
    refuse_what_is_over(batch)
    store = planned_store(batch)
    with lease(f"{TURN} {store.code}", wait=wait), at_work(batch):
        staged = staged_of(batch, progress)
        landing = Landing(batch, store, origin_of_people(batch, store), Tally(batch))
        for number, people in told_people(batch, landing.origin, first=batch.cursor["bucket"]):
            done = batch.cursor["done"] if batch.cursor["bucket"] == number else 0
            for start in range(done, len(people), AT_ONCE):
                end = min(start + AT_ONCE, len(people))
                write_people(landing, people[start:end], {"phase": "people", "bucket": number, "done": end})
                look(batch, progress)
        finish(batch, landing.tally, staged)
    return batch


def origin_of_people(batch: Import, store: Store) -> Origin:
    """Whose customers the file holds: those of the source that filled the store before, else the file's own."""
    rules = batch.read_as.rules
    before = SourceProfile.objects.filter(store=store.code).values_list("source", flat=True).first()
    return Origin(
        source=rules.namespace or before or store.channel, store=store.code, currency=store.currency, rules=rules
    )


def told_people(batch: Import, origin: Origin, *, first: int = 0) -> Iterator[tuple[int, list[Told]]]:
    """Read the rows part by part; a row that nothing identifies is rejected."""
    declared = own.declared("customers")
    for number, path in enumerate(parts_of(batch.folder)):
        if number < first:
            continue
        rows = _complete(pl.read_ipc(path))
        found = [
            Told(row["_row"], sighting, own.told_by(row, declared))
            for row in rows.iter_rows(named=True)
            if (sighting := seen(row, origin))
        ]
        _put_aside(batch, number, rows, found)
        yield number, found


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns the file did not have, empty."""
    types = {Type.TIME: pl.Datetime("us"), Type.DATE: pl.Date()}
    absent = [
        pl.lit(None, types.get(field.type, pl.String())).alias(name)
        for name, field in CUSTOMER_FIELDS.items()
        if name not in rows.columns
    ]
    return with_known_numbers(rows.with_columns(absent))


def seen(row: dict[str, Any], origin: Origin) -> Sighting | None:
    """Read a row as what a source says of a person; None where nothing in it identifies anybody."""
    identifications = tuple(identify(row, origin))
    if not identifications:
        return None
    key = row["customer_external_id"] or identifications[0].digest
    name = row["full_name"] or " ".join(part for part in (row["given_name"], row["surname"]) if part)
    return Sighting(
        source=origin.source,
        store=origin.store,
        key=key,
        seen_at=row["created_at"] or now(),
        identifications=identifications,
        name=name or "",
        gender=GENDERS.get((row["gender"] or "").lower(), ""),
        birthday=row["birthday"],
        province=row["province"] or "",
        city=row["city"] or "",
        country=row["country"] or "",
        unread=unread(row, identifications),
    )


def _put_aside(batch: Import, number: int, rows: pl.DataFrame, found: Sequence[Told]) -> None:
    """Note the rows that nothing identifies; they join the rejections at the end."""
    lost = rows.join(
        pl.DataFrame({"_row": [told.row for told in found]}, schema={"_row": pl.Int64}), on="_row", how="anti"
    )
    aside = batch.folder / "aside"
    aside.mkdir(exist_ok=True)
    if lost.height:
        lost.select("_row", number=pl.lit("")).write_ipc(aside / f"nobody-{number:03}.arrow")


@transaction.atomic
def write_people(landing: Landing, people: Sequence[Told], cursor: dict[str, Any]) -> tuple[Resolution, set[int]]:
    """Write a few people, or what a file says more of them, and move the cursor of the import behind them.

    Returns who they are, and which of those who were known something was written of.
    """
    welcome = {sighting.key for sighting in let_in([told.sighting for told in people])}
    people = [told for told in people if told.sighting.key in welcome]
    unique = {told.sighting.key: told.sighting for told in people}
    there = known(landing.origin.source, landing.origin.store, list(unique))
    outcome = resolve(list(unique.values()), import_id=landing.batch.pk)
    created = created_people(outcome)
    changed = words.write({outcome.people[key]: unique[key] for key in there}, import_id=landing.batch.pk)
    said: dict[int, Own] = {}
    for each in people:
        customer = outcome.people[each.sighting.key].customer_id
        said[customer] = {**said.get(customer, {}), **each.own}
    told = own_values.write("customers", said, import_id=landing.batch.pk) if any(said.values()) else NOTHING
    known_there = {outcome.people[key].customer_id for key in there}
    moved = {each.customer for each in changed} | (told.owners & known_there)
    landing.log(
        created | {name: ids for name, ids in told.ranges.items() if ids},
        [*(each.former for each in changed), *told.former],
    )
    landing.tally.add(
        customers=len(unique), customers_new=len(outcome.customers), customers_changed=len(moved),
        duplicates=sum(told.sighting.key in there for told in people), rows_done=len(people),
    )  # fmt: skip
    landing.tally.save(landing.batch, cursor=cursor)
    return outcome, moved
