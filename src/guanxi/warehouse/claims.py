"""Claiming: rows of the book are marked with the batch that exports them, a few thousand per short transaction."""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from time import monotonic

from django.db import connection, transaction

from guanxi.warehouse.models import Arrival, LakeSource, SyncBatch, Tombstone
from guanxi.warehouse.registry import Feed

AT_ONCE = 2_000  # rows in a transaction
SECONDS = 0.012  # what a transaction may last on SQLite, where others wait for the writer
AT_LEAST, AT_MOST = 500, 8_000
ARRIVALS = 5_000
BATCH_ROWS = 1_000_000
SLICE = 20_000


@dataclass
class Claim:
    """What one batch took: ids of rows exported for the first time, versions of changed rows, ids of deleted ones."""

    new: Iterable[Sequence[int]]
    changed: dict[int, int]
    buried: list[int]

    def slices(self) -> Iterator[Sequence[int]]:
        """The new ids in slices of a size that fits into memory; where they are being claimed, claimed on the way."""
        together: list[Sequence[int]] = []
        for ids in self.new:
            together.append(ids)
            if sum(map(len, together)) >= SLICE:
                yield joined(together)
                together = []
        if together:
            yield joined(together)

    def changed_slices(self) -> Iterator[dict[int, int]]:
        """The changed rows in slices."""
        left = iter(sorted(self.changed.items()))
        while some := dict(islice(left, SLICE)):
            yield some


def are_waiting(feed: Feed) -> bool:
    """Tell whether the feed has anything to export."""
    rows = feed.model._default_manager.filter(lake_batch__isnull=True)  # noqa: SLF001 - Django's documented name
    arrived = Arrival.objects.filter(model=feed.model._meta.label_lower, lake_batch__isnull=True)  # noqa: SLF001
    return (
        arrived.exists() or rows.exists() or Tombstone.objects.filter(feed=feed.name, lake_batch__isnull=True).exists()
    )


def fresh(feed: Feed, batch: SyncBatch) -> Claim:
    """Claim what waits; new rows are claimed while their ids are asked for, so that loading can go on beside it."""
    new = chain(_arrived(feed.model, batch), _new(feed.model, batch))
    return Claim(new, _changed(feed.model, batch), _buried(feed.name, batch))


def _arrived(model: type[LakeSource], batch: SyncBatch) -> Iterator[range]:
    """Claim what was announced, whole ranges at a time."""
    label, taken = model._meta.label_lower, 0  # noqa: SLF001
    while taken < BATCH_ROWS:
        waiting = Arrival.objects.filter(model=label, lake_batch__isnull=True).order_by("pk")
        some = list(waiting[:ARRIVALS])
        if not some:
            return
        Arrival.objects.filter(pk__in=[arrival.pk for arrival in some]).update(lake_batch=batch.pk)
        taken += sum(len(arrival.rows) for arrival in some)
        yield from _pieces(some)


def _pieces(arrivals: Iterable[Arrival]) -> Iterator[range]:
    """Cut long ranges to a size that fits into memory."""
    for arrival in arrivals:
        for start in range(0, len(arrival.rows), SLICE):
            yield arrival.rows[start : start + SLICE]


def _new(model: type[LakeSource], batch: SyncBatch) -> Iterator[Sequence[int]]:
    taken, limit = 0, AT_ONCE
    while taken < BATCH_ROWS:
        begun = monotonic()
        ids = _claim_new(model, batch, limit)
        if not ids:
            return
        taken += len(ids)
        limit = int(min(max(limit * SECONDS / (monotonic() - begun), AT_LEAST), AT_MOST))
        yield ids


def _changed(model: type[LakeSource], batch: SyncBatch) -> dict[int, int]:
    versions: dict[int, int] = {}
    while len(versions) < BATCH_ROWS and (some := _claim_changed(model, batch)):
        versions.update(some)
    return versions


def _buried(feed: str, batch: SyncBatch) -> list[int]:
    ids: list[int] = []
    waiting = Tombstone.objects.filter(feed=feed, lake_batch__isnull=True).order_by("pk")
    while len(ids) < BATCH_ROWS and (some := list(waiting.values_list("pk", "row_id")[:AT_ONCE])):
        Tombstone.objects.filter(pk__in=[pk for pk, _ in some]).update(lake_batch=batch.pk)
        ids += [row_id for _, row_id in some]
    return ids


def reclaimed(feed: Feed, batch: SyncBatch) -> Claim:
    """Find again what an interrupted batch had claimed; rows that changed since go with a later one."""
    buried = list(Tombstone.objects.filter(lake_batch=batch.pk).values_list("row_id", flat=True))
    arrived = _pieces(Arrival.objects.filter(lake_batch=batch.pk).order_by("pk"))
    if batch.first_id is None:
        return Claim(arrived, {}, buried)
    span = (batch.first_id, batch.last_id)
    rows = feed.model._default_manager.filter(lake_batch=batch.pk, pk__range=span).order_by("pk")  # noqa: SLF001
    changed = dict(rows.filter(version__gt=1).values_list("pk", "version"))
    ids = rows.filter(version=1).values_list("pk", flat=True).iterator(chunk_size=10_000)
    new = (tidy(some) for some in iter(lambda: list(islice(ids, SLICE)), []))
    return Claim(chain(arrived, new), changed, buried)


def joined(chunks: Sequence[Sequence[int]]) -> Sequence[int]:
    """Put chunks of sorted ids together."""
    whole = all(isinstance(chunk, range) for chunk in chunks)
    if whole and all(one[-1] + 1 == two[0] for one, two in pairwise(chunks)):
        return range(chunks[0][0], chunks[-1][-1] + 1)
    return [row for chunk in chunks for row in chunk]


def tidy(ids: Sequence[int]) -> Sequence[int]:
    """Spell sorted ids without gaps as a range, which loaders read faster."""
    return range(ids[0], ids[-1] + 1) if ids and ids[-1] - ids[0] + 1 == len(ids) else ids


@transaction.atomic
def _claim_new(model: type[LakeSource], batch: SyncBatch, limit: int) -> Sequence[int]:
    ids = (_lock_new if connection.vendor == "postgresql" else _mark_new)(model, batch, limit)
    if ids:
        batch.widen(ids[0], ids[-1])
    return tidy(ids)


def _lock_new(model: type[LakeSource], batch: SyncBatch, limit: int) -> Sequence[int]:
    rows = model._default_manager  # noqa: SLF001
    waiting = rows.filter(lake_batch__isnull=True, version=1).order_by("pk").select_for_update(skip_locked=True)
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    rows.filter(pk__in=ids).update(lake_batch=batch.pk)
    return ids


def _mark_new(model: type[LakeSource], batch: SyncBatch, limit: int) -> Sequence[int]:
    """Mark a range of ids on SQLite, where nobody else writes meanwhile; in SQL, for a claim costs more than a load."""
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
    waiting = "lake_batch is null and version = 1"
    with connection.cursor() as cursor:
        some = f"select id from {table} where {waiting} order by id limit %s"
        cursor.execute(f"select min(id), max(id) from ({some})", [limit])
        first, last = cursor.fetchone()
        if first is None:
            return []
        path = "not indexed" if last - first < 2 * limit else ""  # a dense range is quicker without the index
        cursor.execute(
            f"update {table} {path} set lake_batch = %s where id between %s and %s and {waiting}",
            [batch.pk, first, last],
        )
        if cursor.rowcount == last - first + 1:
            return range(first, last + 1)
    mine = model._default_manager.filter(lake_batch=batch.pk, version=1, pk__range=(first, last))  # noqa: SLF001
    return list(mine.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _claim_changed(model: type[LakeSource], batch: SyncBatch) -> dict[int, int]:
    rows = model._default_manager  # noqa: SLF001
    changed = rows.filter(lake_batch__isnull=True, version__gt=1)
    waiting = changed.order_by("version", "pk").select_for_update(skip_locked=True)  # as the index has them
    versions = dict(waiting.values_list("pk", "version")[:AT_ONCE])
    if versions:
        rows.filter(pk__in=list(versions)).update(lake_batch=batch.pk)
        batch.widen(min(versions), max(versions))
    return versions
