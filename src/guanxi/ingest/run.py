"""The story of an import: stage, write bucket by bucket, then the refunds; stopped, killed and resumed at any point."""

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.core.errors import GuanxiError
from guanxi.core.jobs.lease import lease
from guanxi.core.jobs.run import Stopped
from guanxi.core.time import now
from guanxi.ingest.documents import Documents, Reading, assemble, utc
from guanxi.ingest.landing import Landing
from guanxi.ingest.merging import Merging
from guanxi.ingest.models import TURN, Import, ImportChange, NotResumable
from guanxi.ingest.people import Origin
from guanxi.ingest.plan import Plan
from guanxi.ingest.refunds import Refunds, refund_documents
from guanxi.ingest.rejects import Rejects
from guanxi.ingest.staging import FIRST_SEEN, MANIFEST, Staged, ahead, each_bucket, first_seen, stage
from guanxi.ingest.tally import Tally
from guanxi.orders.models import Purchases, Store

Progress = Callable[[Import], None]

ASKED_EVERY = 0.25
ADDED_UP_FROM = 5_000  # orders; fewer wait for those of the next bucket
_asked: dict[int, float] = {}


def silent(_batch: Import) -> None:
    """Report progress to nobody."""


def run(batch: Import, *, progress: Progress = silent, wait: dt.timedelta | None = dt.timedelta(0)) -> Import:
    """Import the files, or what is left of them; a finished import refuses.

    One import at a time writes to a store; others wait `wait` for it (None: as long as it takes).
    """
    refuse_what_is_over(batch)
    since = time.monotonic()
    with lease(f"{TURN} {batch.store_code}", wait=wait), at_work(batch):
        store = batch.store or open_store(batch)
        staged = staged_of(batch, progress)
        landing = Landing(
            batch, store, origin_of(batch, store), Tally(batch, since=since), first_seen=_first_seen(batch, store)
        )
        _write_orders(landing, staged, progress)
        _write_refunds(landing, staged, progress)
        finish(batch, landing.tally, staged)
    return batch


def refuse_what_is_over(batch: Import) -> None:
    """Raise NotResumable where nothing is left to import."""
    if batch.state in {Import.State.DONE, Import.State.UNDONE, Import.State.UNDOING, Import.State.CANCELLED}:
        said = {"number": batch.pk, "state": batch.get_state_display().lower()}
        raise NotResumable(_("Import %(number)s is %(state)s; there is nothing left to import.") % said)


def planned_store(batch: Import) -> Store:
    """The store the import writes to: the one of its code, or as it will be set up; that one is not saved."""
    there = Store.objects.filter(code=batch.store_code).first()
    preset = batch.read_as
    told = dict(preset.store)
    return there or Store(
        code=batch.store_code,
        name=told.get("name", batch.store_code) if batch.store_code == told.get("code") else batch.store_code,
        channel=told.get("channel", "own"),
        currency=told.get("currency") or preset.sheets[0].constants.get("currency", "CNY"),
        time_zone=preset.sheets[0].layout.time_zone or told.get("time_zone", "UTC"),
    )


@transaction.atomic
def open_store(batch: Import) -> Store:
    """Find or set up the import's store; a new one is in the undo log."""
    planned = planned_store(batch)
    store = Store.open(
        planned.code, name=planned.name, channel=planned.channel, currency=planned.currency, time_zone=planned.time_zone
    )
    if planned._state.adding:  # noqa: SLF001 - Django's documented name
        ImportChange.objects.create(batch=batch, created={"stores": [[store.pk, store.pk]]})
    batch.set(store=store)
    return store


def files_of(batch: Import) -> list[tuple[Path, str]]:
    """Where the import's files lie, and what people call them."""
    return [(Path(file["path"]), file["name"]) for file in batch.files]


def staged_of(batch: Import, progress: Progress) -> Staged:
    """Read and clean the files, once."""

    def step(rows: int) -> None:
        batch.rows_done = rows
        look(batch, progress)

    staged = stage(batch.folder, files_of(batch), batch.read_as, step=step)
    if batch.rows_total != staged.rows or not batch.cursor:
        start = {"phase": "orders", "bucket": 0, "done": 0}
        batch.set(rows_total=staged.rows, rows_done=0, seconds=0, counts={}, cursor=start)
    return staged


def look(batch: Import, progress: Progress) -> None:
    """Tell how far it is, and stop where somebody asked for it."""
    progress(batch)
    if time.monotonic() - _asked.get(batch.pk, 0) < ASKED_EVERY:
        return
    _asked[batch.pk] = time.monotonic()
    if Import.objects.filter(pk=batch.pk, stop_requested_at__isnull=False).exists():
        said = {"number": batch.pk}
        raise Stopped(_("Import %(number)s was stopped; `guanxi import resume %(number)s` goes on.") % said)


@contextmanager
def at_work(batch: Import) -> Iterator[None]:
    """Keep the import's state true while it is written, whatever ends the writing."""
    batch.set(state=Import.State.RUNNING, started_at=batch.started_at or now(), error="", stop_requested_at=None)
    try:
        yield
    except (Stopped, KeyboardInterrupt):
        batch.set(state=Import.State.STOPPED)
        raise
    except GuanxiError as error:
        batch.set(state=Import.State.FAILED, error=str(error))
        raise
    except Exception as error:
        batch.set(state=Import.State.FAILED, error=f"{type(error).__name__}: {error}")
        raise


def origin_of(batch: Import, store: Store) -> Origin:
    """Whose customers the import's files hold."""
    preset = batch.read_as
    return Origin(source=preset.rules.namespace or store.channel, store=store.code, currency=store.currency,
        rules=preset.rules)  # fmt: skip


def reading_of(batch: Import, store: Store) -> Reading:
    """How the import's documents are understood."""
    preset = batch.read_as
    zone = preset.sheets[0].layout.time_zone or store.time_zone
    return Reading(rules=preset.rules, currency=store.currency, time_zone=zone, states=preset.states)


def _first_seen(batch: Import, store: Store) -> pl.DataFrame:
    zone = reading_of(batch, store).time_zone
    return first_seen(batch.folder).with_columns(utc(pl.col("first_seen_at"), zone))


def _write_orders(landing: Landing, staged: Staged, progress: Progress) -> None:
    """Write the orders bucket by bucket: the new ones first, then what the others say more."""
    batch = landing.batch
    if batch.cursor["phase"] == "refunds":
        return
    reading = reading_of(batch, landing.store)
    for number, documents in ahead(_each_assembled(batch, staged, reading)):
        plan = Plan.of(batch, number, documents.order_numbers)
        bucket = landing.bucket(documents, plan)
        _keep(batch, number, documents, bucket.customers)
        for _done in landing.write(bucket.fresh, plan.cursor("orders")):
            look(batch, progress)
        for _done in Merging(landing).write(bucket.standing, plan.cursor("merging")):
            look(batch, progress)
        Purchases.objects.settle(waiting=ADDED_UP_FROM)
    Purchases.objects.settle()
    batch.set(cursor={"phase": "refunds", "bucket": 0, "done": 0})


def _each_assembled(batch: Import, staged: Staged, reading: Reading) -> Iterator[tuple[int, Documents]]:
    """Put the documents of the buckets still to be written together; knows nothing of the book."""
    for number, rows in each_bucket(batch.folder, staged, first=batch.cursor["bucket"]):
        if not rows.is_empty():
            yield number, assemble(rows, reading)


def _keep(batch: Import, number: int, documents: Documents, customers: list[int]) -> None:
    """Put aside what a later step needs of a bucket; written anew where the bucket is begun again."""
    aside = batch.folder / "aside"
    aside.mkdir(exist_ok=True)
    heads = documents.orders.filter(pl.col("kind") == "refund")
    lines = documents.lines.join(heads, on="number", how="semi", maintain_order="left")
    people = pl.DataFrame({"customer": customers}, schema={"customer": pl.Int64})
    for name, frame in {"refunds": heads, "lines": lines, "people": people, "stray": documents.stray}.items():
        if frame.height:
            frame.write_ipc(aside / f"{name}-{number:04}.arrow")


def _write_refunds(landing: Landing, staged: Staged, progress: Progress) -> None:
    batch = landing.batch
    aside = batch.folder / "aside"
    for number in range(batch.cursor["bucket"], staged.buckets):
        path = aside / f"refunds-{number:04}.arrow"
        if not path.exists():
            continue
        heads, lines = (_aside(batch, name, number) for name in ("refunds", "lines"))
        documents = refund_documents(heads, lines, landing)
        done = batch.cursor["done"] if batch.cursor["bucket"] == number else 0
        for _done in Refunds(landing).write(documents, done, {"phase": "refunds", "bucket": number}):
            look(batch, progress)


def _aside(batch: Import, name: str, number: int) -> pl.DataFrame:
    return pl.read_ipc(batch.folder / "aside" / f"{name}-{number:04}.arrow")


def finish(batch: Import, tally: Tally, staged: Staged) -> None:
    """Count what can only be counted at the end, keep the rejections, and let the staged rows go."""
    aside = batch.folder / "aside"
    people = [pl.read_ipc(path) for path in aside.glob("people-*.arrow")]
    rejects = Rejects.of(batch.folder)
    for code in ("stray", "nobody"):
        for path in sorted(aside.glob(f"{code}-*.arrow")):
            rejects.add_lost(pl.read_ipc(path), code)
    if batch.subject == "orders":
        tally.counts["customers"] = pl.concat(people).get_column("customer").n_unique() if people else 0
    tally.counts["documents"] = tally.counts["orders"] + tally.counts["refund_documents"]
    tally.counts["rejected"] = rejects.count
    tally.counts["rows"] = staged.rows
    with transaction.atomic():
        report = batch.report | {"rejects": rejects.samples()}
        tally.save(batch, state=Import.State.DONE, finished_at=now(), report=report)
        batch.audit("done")
    for file in (MANIFEST, FIRST_SEEN):
        (batch.folder / file).unlink(missing_ok=True)
    for folder in ("staged", "aside", "files"):  # what people sent is in the book now, and nowhere else in the clear
        shutil.rmtree(batch.folder / folder, ignore_errors=True)
