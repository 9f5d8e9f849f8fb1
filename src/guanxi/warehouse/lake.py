"""The Iceberg side: the catalog, the tables as they lie in files, and commits. Each table has one writer at a time.

Every table carries three columns of ours before its own: `_part` (year and month of a base row such as 202411, 0 where
the table has no months, -1 for the change part), `_version` and `_deleted`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.core.errors import Failed
from guanxi.warehouse import place
from guanxi.warehouse.place import reached

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table as IcebergTable

NAMESPACE = "guanxi"
OPENING = Lock()  # two threads that find no catalogue would both make one
CHANGES = -1
HIDDEN = (pa.field("_part", pa.int32()), pa.field("_version", pa.int32()), pa.field("_deleted", pa.bool_()))
BATCH = "guanxi.batch"
CHANGE_ROWS = "guanxi.change-rows"
PROPERTIES = {
    "format-version": "2",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "5",
}


class LakeBroken(Failed):
    """The lake does not hold what the book believes it holds."""


def home() -> Path:
    """The lake's folder; where it lies in a bucket, that of its catalogue, another one for every bucket and prefix."""
    return Path(settings.HOME) / "lakes" / place.key(settings.LAKE) if place.is_bucket() else Path(settings.LAKE)


def catalog() -> "SqlCatalog":
    """The catalog of this installation: a SQLite file in the lake's home, or what the settings name."""
    with OPENING:
        return _catalog(str(settings.LAKE), settings.LAKE_CATALOG_URL, home(), tuple(place.options().items()))


@lru_cache(maxsize=8)
def _catalog(lake: str, url: str, home: Path, options: tuple[tuple[str, str], ...]) -> "SqlCatalog":
    from pyiceberg.catalog.sql import SqlCatalog  # noqa: PLC0415 - half a second, and most commands do without

    home.mkdir(parents=True, exist_ok=True)
    address = url or f"sqlite:///{home}/catalog.sqlite3?timeout=30"
    found = SqlCatalog(NAMESPACE, uri=address, warehouse=lake, **dict(options))
    found.create_namespace_if_not_exists(NAMESPACE)
    return found


def laid_out(columns: pa.Schema) -> pa.Schema:
    """The columns of a table as they lie in files."""
    return pa.schema([pa.field(field.name, field.type) for field in (*HIDDEN, *columns)])


def find(name: str) -> "IcebergTable | None":
    """Load a table, or None where it was never written."""
    from pyiceberg.exceptions import NoSuchTableError  # noqa: PLC0415 - see _catalog

    try:
        with reached():
            return catalog().load_table((NAMESPACE, name))
    except NoSuchTableError:
        return None
    except FileNotFoundError as error:
        said = {"name": name, "file": error.filename or place.named(error)}
        raise LakeBroken(_("The lake's table %(name)s misses %(file)s. Run `guanxi lake rebuild`.") % said) from error


def made(name: str, columns: pa.Schema) -> "IcebergTable":
    """Load a table, making it or adding the columns declared since."""
    table = find(name)
    return _made(name, columns) if table is None else _widened(table, columns)


def drop(name: str) -> None:
    """Forget a table that cannot be read any more; its files are left to whoever looks for the cause."""
    catalog().drop_table((NAMESPACE, name))


def _made(name: str, columns: pa.Schema) -> "IcebergTable":
    from pyiceberg.io.pyarrow import pyarrow_to_schema  # noqa: PLC0415 - see _catalog

    return created(name, pyarrow_to_schema(_numbered(laid_out(columns)), format_version=2))


@reached()
def created(name: str, schema: "Schema") -> "IcebergTable":
    """Make a table that is not there, its hidden columns first; its columns are numbered in their order."""
    from pyiceberg.partitioning import PartitionField, PartitionSpec  # noqa: PLC0415 - see _catalog
    from pyiceberg.transforms import IdentityTransform  # noqa: PLC0415

    part = PartitionField(source_id=1, field_id=1000, transform=IdentityTransform(), name="_part")
    return catalog().create_table(
        (NAMESPACE, name),
        schema,
        location=f"{settings.LAKE}/{name}",
        partition_spec=PartitionSpec(part),
        properties=PROPERTIES,
    )


@reached()
def _widened(table: "IcebergTable", columns: pa.Schema) -> "IcebergTable":
    from pyiceberg.io.pyarrow import pyarrow_to_schema  # noqa: PLC0415 - see _catalog

    known = {field.name: str(field.field_type) for field in table.schema().fields}
    wanted = pyarrow_to_schema(_numbered(laid_out(columns)), format_version=2)
    for field in wanted.fields:
        if known.get(field.name, str(field.field_type)) != str(field.field_type):
            said = {"column": field.name, "name": table.name()[-1]}
            raise LakeBroken(_("Column %(column)s of %(name)s has another type now. Run `guanxi lake rebuild`.") % said)
    new = [field for field in wanted.fields if field.name not in known]
    if new:
        with table.update_schema() as update:
            for field in new:
                update.add_column(field.name, field.field_type)
    return table


def _numbered(schema: pa.Schema) -> pa.Schema:
    return pa.schema([f.with_metadata({"PARQUET:field_id": str(i)}) for i, f in enumerate(schema, 1)])


@reached()
def commit(
    table: "IcebergTable",
    *,
    added: Sequence["DataFile"] = (),
    removed: Sequence["DataFile"] = (),
    properties: Mapping[str, str] | None = None,
) -> None:
    """Make files part of a table, and take others out, in one new snapshot."""
    changes = change_rows(table) + _change_rows(added) - _change_rows(removed)
    with table.transaction() as transaction:
        update = transaction.update_snapshot(snapshot_properties={CHANGE_ROWS: str(changes), **(properties or {})})
        with update.overwrite() if removed else update.fast_append() as snapshot:
            _judge_apart(snapshot)
            for file in removed:
                snapshot.delete_data_file(file)
            for file in added:
                snapshot.append_data_file(file)


def _judge_apart(snapshot: Any) -> None:
    """Give every manifest a judge of its own.

    PyIceberg 0.12 looks for the files to remove in several threads that share one evaluator, which keeps the manifest
    it is at in itself: now and then it misses one, and the commit fails.
    """
    shared = snapshot._build_manifest_evaluator  # noqa: SLF001 - there is no other way in

    def judge(spec: int) -> Any:
        def fits(manifest: Any) -> bool:
            return bool(shared(spec)(manifest))

        return fits

    snapshot._build_manifest_evaluator = judge  # noqa: SLF001


def change_rows(table: "IcebergTable") -> int:
    """How many rows the change part has; kept in the snapshot, so that asking costs nothing."""
    snapshot = table.current_snapshot()
    found = snapshot.summary.get(CHANGE_ROWS) if snapshot and snapshot.summary else None
    return int(found or 0)


def _change_rows(files: "Sequence[DataFile]") -> int:
    return sum(file.record_count for file in files if file.partition[0] == CHANGES)


def holds(table: "IcebergTable", batch: str) -> bool:
    """Tell whether a batch was appended, by the live snapshots; they are kept until the book knows."""
    return any(s.summary is not None and s.summary.get(BATCH) == batch for s in table.metadata.snapshots)


@dataclass(frozen=True)
class Files:
    """The files of one table at one snapshot: base rows by part, and the change part."""

    base: tuple["DataFile", ...] = ()
    changes: tuple["DataFile", ...] = ()


@reached()
def files(table: "IcebergTable", snapshot_id: int | None = None) -> Files:
    """List the files of a snapshot, the newest one unless told."""
    snapshot = table.current_snapshot() if snapshot_id is None else table.snapshot_by_id(snapshot_id)
    if snapshot is None:
        return Files()
    entries = [
        entry.data_file
        for manifest in snapshot.manifests(table.io)
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
    ]
    entries.sort(key=lambda file: (file.partition[0], file.file_path))
    return Files(
        base=tuple(file for file in entries if file.partition[0] != CHANGES),
        changes=tuple(file for file in entries if file.partition[0] == CHANGES),
    )


def written_at(name: str) -> dt.datetime | None:
    """When a table was last written, or None where it never was."""
    table = find(name)
    snapshot = table and table.current_snapshot()
    return dt.datetime.fromtimestamp(snapshot.timestamp_ms / 1000, dt.UTC) if snapshot else None


def snapshot_id(table: "IcebergTable") -> int | None:
    """The id of the newest snapshot."""
    snapshot = table.current_snapshot()
    return None if snapshot is None else snapshot.snapshot_id
