"""Bringing the lake up to date: every row of a feed that is new or changed is claimed, loaded, appended exactly once.

A crash at any step loses nothing: the next round first finishes what the book says was claimed, and asks the lake's
snapshots which tables of a batch were appended already. Readers see a round's tables together, when it is complete.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.core.jobs.lease import lease
from guanxi.warehouse import claims, lake, place, rebuild, upkeep
from guanxi.warehouse.crew import Crew
from guanxi.warehouse.files import base_files, change_files
from guanxi.warehouse.models import Moment, SyncBatch
from guanxi.warehouse.registry import Feed, Table, feeds, tables

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable

LEASE = gettext_noop("the sync of the lake")
TERM = dt.timedelta(seconds=30)
EVERY, LATEST = dt.timedelta(seconds=15), dt.timedelta(seconds=30)
PIECE = 5_000  # rows read out of the book at once
NOT_LONG = dt.timedelta(0)
HISTORY = dt.timedelta(days=1)


@dataclass
class Round:
    """What one round did: rows of the book exported (changed and deleted ones too), batches, seconds."""

    rows: int = 0
    batches: int = 0
    seconds: float = 0.0


@contextmanager
def alone(*, wait: dt.timedelta | None = None, note: Callable[[str], None] | None = None) -> Iterator[Heartbeat]:
    """Be the only one who writes the lake; `note` is told when that means waiting."""
    with lease(LEASE, wait=wait, term=TERM, on_wait=note) as held:
        yield held


def sync(*, wait: dt.timedelta | None = None, note: Callable[[str], None] | None = None) -> Round:
    """Export what is new, changed or deleted, and let readers see it."""
    with alone(wait=wait, note=note) as held:
        return run(held)


def fold(*, wait: dt.timedelta | None = None, note: Callable[[str], None] | None = None) -> Round:
    """Export what is new, and rewrite whole what changes have touched."""
    with alone(wait=wait, note=note) as held:
        return run(held, whole=True)


def is_due() -> bool:
    """Tell whether the next round may begin: ten times as long after the last one as it took, 15 to 30 seconds.

    Without the end of it rounds would become longer and longer where much comes: each would have more to do.
    """
    moment = Moment.objects.latest_one()
    if moment is None:
        return True
    return timezone.now() >= moment.taken_at + min(max(EVERY, 10 * dt.timedelta(seconds=moment.seconds)), LATEST)


def run(held: Heartbeat, *, whole: bool = False) -> Round:
    """Do one round under the lease; `whole` folds the change parts, however small."""
    begun, done = monotonic(), Round()
    rebuild.resume(held)
    _check_known()
    for batch in SyncBatch.objects.filter(state=SyncBatch.State.CLAIMED).order_by("pk"):
        if batch.feed in feeds():
            _count(done, _export(feeds()[batch.feed], batch, held, found=True))
    for feed in reversed(
        list(feeds().values())
    ):  # the highest context first: what its rows refer to is in the book by then
        while claims.are_waiting(feed) and _count(done, _export(feed, SyncBatch.objects.create(feed=feed.name), held)):
            held.check()
    upkeep.maintain(held, whole=whole)
    held.check()
    done.seconds = monotonic() - begun
    Moment.objects.advance(moved(), seconds=done.seconds)
    _forget()
    return done


def _check_known() -> None:
    """Raise LakeBroken where the lake is another than the one readers know: new rows alone would be taken for all."""
    known = next(iter(Moment.objects.heads(tables())), None)
    if known and lake.find(known) is None:
        said = {"home": place.shown(), "name": known}
        raise lake.LakeBroken(
            _("The lake at %(home)s has no %(name)s. Run `guanxi lake rebuild`, or name the place where it was.") % said
        )


def _count(done: Round, rows: int) -> int:
    done.rows += rows
    done.batches += bool(rows)
    return rows


def _export(feed: Feed, batch: SyncBatch, held: Heartbeat, *, found: bool = False) -> int:
    """Claim (or find again) a batch of one feed, load it, and append it; gives the number of the book's rows."""
    targets = [
        table for table in map(_Target.of, feed.loaders) if not (found and lake.holds(table.table, str(batch.token)))
    ]
    with Crew() as crew:
        rows = _load(feed, claims.reclaimed(feed, batch) if found else claims.fresh(feed, batch), targets, crew)
        written = crew.finished()
    if not rows and not found:
        batch.delete()
        return 0
    for target in targets:
        held.check()
        files = [file for name, file in written if name == target.declared.name]
        if files:
            lake.commit(target.table, added=files, properties={lake.BATCH: str(batch.token)})
    held.check()
    batch.append(rows)
    return rows


@dataclass(frozen=True)
class _Target:
    """A table of the lake beside its declaration."""

    declared: Table
    table: "IcebergTable"

    @classmethod
    def of(cls, name: str) -> "_Target":
        return cls(tables()[name], lake.made(name, tables()[name].stored))


def _load(feed: Feed, claim: claims.Claim, targets: Sequence[_Target], crew: Crew) -> int:
    rows = 0
    for ids in claim.slices():
        rows += len(ids)
        for target in targets:
            crew.do(_first, target, _loaded(feed, target, ids))
    for versions in claim.changed_slices():
        rows += len(versions)
        for target in targets:
            crew.do(_again, target, _loaded(feed, target, claims.tidy(sorted(versions))), versions)
    for target in targets if claim.buried else ():
        crew.do(_gone, target, claim.buried)
    return rows + len(claim.buried)


def _first(target: _Target, rows: pa.Table) -> "Iterator[tuple[str, DataFile]]":
    return ((target.declared.name, file) for file in base_files(target.table, target.declared, rows))


def _again(target: _Target, rows: pa.Table, versions: dict[int, int]) -> "Iterator[tuple[str, DataFile]]":
    """Write newer versions of rows; of those that the loader leaves out by now, that they are not there any more."""
    known, keys = pa.array(versions.values(), pa.int32()), pa.array(versions.keys(), pa.int64())
    there = rows[target.declared.version].combine_chunks()
    found = change_files(target.table, rows, known.take(pc.index_in(there, keys)))
    absent = pc.invert(pc.is_in(keys, there))
    hidden = pa.table({target.declared.version: keys.filter(absent)})
    left = change_files(target.table, hidden, known.filter(absent), deleted=True)
    return ((target.declared.name, file) for file in chain(found, left))


def _gone(target: _Target, ids: Sequence[int]) -> "Iterator[tuple[str, DataFile]]":
    rows = pa.table({target.declared.version: pa.array(ids, pa.int64())})
    labels = pa.repeat(pa.scalar(0, pa.int32()), len(ids))
    return ((target.declared.name, file) for file in change_files(target.table, rows, labels, deleted=True))


def _loaded(feed: Feed, target: _Target, ids: Sequence[int]) -> pa.Table:
    """Load rows piece by piece: on their way out of the book they take many times the room they have in a table."""
    load, wanted = feed.loaders[target.declared.name], target.declared.stored.names
    pieces = (load(ids[start : start + PIECE]) for start in range(0, len(ids), PIECE))
    try:
        return pa.concat_tables(rows.select(wanted) for rows in pieces)
    except KeyError as error:
        raise lake.LakeBroken(f"The loader of {target.declared.name} gives no column {error}.") from error


def moved() -> dict[str, int]:
    """The newest snapshot of every declared table that was ever written."""
    found = {name: lake.find(name) for name in tables()}
    heads = {name: lake.snapshot_id(table) for name, table in found.items() if table is not None}
    return {name: head for name, head in heads.items() if head is not None}


def _forget() -> None:
    """Drop the records of rounds long done."""
    last = Moment.objects.order_by("-pk").values_list("pk", flat=True)[:1]
    Moment.objects.forget(list(last), timezone.now() - HISTORY)
    SyncBatch.objects.filter(state=SyncBatch.State.APPENDED, appended_at__lt=timezone.now() - HISTORY).delete()
