"""Keeping the lake small and quick: changes folded in, small files merged, snapshots forgotten, dead files removed."""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.warehouse import lake, near, place, plans
from guanxi.warehouse.engine import connect
from guanxi.warehouse.files import write
from guanxi.warehouse.models import Moment, RetiredFile, SyncBatch
from guanxi.warehouse.registry import Table, tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable

COMMITS = 40
KEPT_MOMENTS = 5
SMALL_BYTES = 64 * 1024**2
FOLD_ROWS = 200_000
BATCH_ROWS = 100_000


def maintain(held: Heartbeat, *, whole: bool = False) -> None:
    """Look after every table that has become many commits or many changes; `whole` folds all changes in.

    Runs under the sync's lease when no batch is half done, for a batch is looked up in the snapshots forgotten here.
    """
    if SyncBatch.objects.filter(state=SyncBatch.State.CLAIMED).exists():
        return
    for name, declared in tables().items():
        held.check()
        table = lake.find(name)
        if table is None:
            continue
        changes = lake.change_rows(table)
        if changes and (whole or changes >= FOLD_ROWS):
            fold(table, declared, held)
        if len(table.metadata.snapshots) >= COMMITS:
            compact(table, declared, held)
            tidy(table)


def tidy(table: "IcebergTable") -> None:
    """Forget old snapshots, and remove the files that only they named."""
    expire(table)
    sweep(table)


def fold(table: "IcebergTable", declared: Table, held: Heartbeat) -> None:
    """Rewrite whole the parts that the change part touches, and empty it."""
    files, ids = lake.files(table), _field_ids(table)
    with connect() as engine:
        _stage_changes(engine, declared, plans.scan(plans.paths(files.changes), lake.laid_out(declared.stored), ids))
        touched = _touched(engine, declared, plans.scan(plans.paths(files.base), lake.laid_out(declared.stored), ids))
        by_part = _by_part(files.base)
        added, removed = [], list(files.changes)
        for part in touched:
            held.check()
            old = by_part.get(part, [])
            base = plans.scan(plans.paths(old), lake.laid_out(declared.stored), ids)
            file = write(table, part, _folded(engine, declared, base, part))
            added += [file] if file else []
            removed += old
    held.check()
    lake.commit(table, added=added, removed=removed)


def _stage_changes(engine: "DuckDBPyConnection", declared: Table, changes: str) -> None:
    key, month = plans.name(declared.version), declared.month_of and plans.name(declared.month_of)
    part = f"coalesce(cast(year({month}) * 100 + month({month}) as integer), 0)" if month else "cast(0 as integer)"
    engine.execute(f"create temp view changes as select * from {changes}")
    engine.execute(
        f"create temp table latest as select {key}, max(_version) as _version, bool_or({plans.GONE}) as _gone "
        f"from changes group by {key}"
    )
    engine.execute(
        f"create temp table fresh as select changes.* replace ({part} as _part) from changes join latest "
        f"on changes.{key} = latest.{key} and changes._version = latest._version "
        "where not latest._gone and not changes._deleted"
    )


def _touched(engine: "DuckDBPyConnection", declared: Table, base: str) -> list[int]:
    key = plans.name(declared.version)
    rows = engine.execute(
        f"select _part from {base} as base semi join latest on base.{key} = latest.{key} "
        "union select _part from fresh order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def _folded(engine: "DuckDBPyConnection", declared: Table, base: str, part: int) -> Iterator[pa.RecordBatch]:
    key = plans.name(declared.version)
    query = (
        f"select base.* from {base} as base anti join latest on base.{key} = latest.{key} "
        f"union all by name select * from fresh where _part = $part{_sorted(declared)}"
    )
    yield from engine.sql(query, params={"part": part}).to_arrow_reader(BATCH_ROWS)


def _sorted(declared: Table) -> str:
    return f" order by {', '.join(map(plans.name, declared.sort))}" if declared.sort else ""


def compact(table: "IcebergTable", declared: Table, held: Heartbeat) -> None:
    """Merge the small files of each part into one."""
    files, ids = lake.files(table), _field_ids(table)
    added: list[DataFile] = []
    removed: list[DataFile] = []
    with connect(ordered=True) as engine:
        for part, mine in _by_part((*files.base, *files.changes)).items():
            small = [file for file in mine if file.file_size_in_bytes < SMALL_BYTES]
            if len(small) < 2:
                continue
            held.check()
            rows = plans.scan(plans.paths(small), lake.laid_out(declared.stored), ids)
            file = write(
                table, part, engine.sql(f"select * from {rows}{_sorted(declared)}").to_arrow_reader(BATCH_ROWS)
            )
            added += [file] if file else []
            removed += small
    held.check()
    if removed:
        lake.commit(table, added=added, removed=removed)


@place.reached()
def expire(table: "IcebergTable") -> None:
    """Forget the snapshots that neither the newest moments nor the table's head name."""
    moments = Moment.objects.order_by("-pk").values_list("snapshots", flat=True)[:KEPT_MOMENTS]
    kept = {moment.get(table.name()[-1]) for moment in moments} | {lake.snapshot_id(table)}
    old = [s.snapshot_id for s in table.metadata.snapshots if s.snapshot_id not in kept]
    if old:
        table.maintenance.expire_snapshots().by_ids(old).commit()


def sweep(table: "IcebergTable", *, grace: dt.timedelta | None = None) -> None:
    """Remove files that no live snapshot has named for the grace period, which is longer than the longest read.

    A file is retired when first found unnamed and removed by a later sweep: its own time tells only when it was
    written.
    """
    there = place.listed(table.location())
    if not there:
        return
    table.refresh()
    now = timezone.now()
    grace = dt.timedelta(seconds=settings.LAKE_GRACE_SECONDS) if grace is None else grace
    live = _live(table)
    dead = {file.path for file in there if file.path not in live and file.written_at <= now - grace}
    known = RetiredFile.objects.filter(path__startswith=f"{table.location()}/")
    known.exclude(path__in=dead).delete() if len(dead) < 5_000 else None
    due = set(known.filter(retired_at__lte=now - grace).values_list("path", flat=True)) & dead
    for path in due:
        place.remove(path)
        near.forget(path)
    RetiredFile.objects.filter(path__in=due).delete()
    RetiredFile.objects.bulk_create(
        (RetiredFile(path=path, retired_at=now) for path in dead - due), ignore_conflicts=True
    )


def unnamed(table: "IcebergTable", *, before: dt.datetime) -> int:
    """Count the files no snapshot names that were written before a moment."""
    table.refresh()
    live = _live(table)
    return sum(file.path not in live and file.written_at <= before for file in place.listed(table.location()))


@place.reached()
def _live(table: "IcebergTable") -> set[str]:
    """Every file that the table's metadata names, itself included."""
    named = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    manifests = {}
    for snapshot in table.metadata.snapshots:
        named.add(snapshot.manifest_list)
        manifests.update({manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)})
    for path, manifest in manifests.items():
        named.add(path)
        entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
        named.update(entry.data_file.file_path for entry in entries)
    return named


def _by_part(files: "Iterable[DataFile]") -> "dict[int, list[DataFile]]":
    parts: dict[int, list[DataFile]] = defaultdict(list)
    for file in files:
        parts[file.partition[0]].append(file)
    return parts


def _field_ids(table: "IcebergTable") -> dict[str, int]:
    return {field.name: field.field_id for field in table.schema().fields}
