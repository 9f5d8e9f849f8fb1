"""From files to relations: the SQL by which DuckDB reads a table of the lake at one snapshot, newest versions only."""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
from django.utils.translation import gettext as _

from guanxi.warehouse import lake, near
from guanxi.warehouse.registry import Table

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile


def sql_type(field: pa.Field) -> str:
    """The SQL type of a column, as headers and the contract spell it."""
    if field.metadata and b"sql" in field.metadata:
        return str(field.metadata[b"sql"].decode())
    if pa.types.is_decimal(field.type):
        return f"decimal({field.type.precision},{field.type.scale})"
    return _NAMES[field.type]


_NAMES = {
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.string(): "varchar",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}


def arrow_type(name: str) -> pa.DataType:
    """The Arrow type of a SQL type as headers spell it; KeyError where there is none."""
    if name.startswith("decimal("):
        precision, scale = name.removeprefix("decimal(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    return {sql: arrow for arrow, sql in _NAMES.items()}[name]


@dataclass(frozen=True)
class Plan:
    """The files of one table at one snapshot, and the Iceberg field id of each column."""

    base: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    field_ids: tuple[tuple[str, int], ...] = ()
    parts: tuple[int, ...] = ()  # of the base files, in their order

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file the plan reads."""
        return self.base + self.changes


@lru_cache(maxsize=512)
def plan(name: str, snapshot_id: int, home: str) -> Plan:
    """Look up the files of a table at a snapshot of the lake at `home`; a snapshot never changes, so once is enough."""
    table = lake.find(name)
    if table is None or table.snapshot_by_id(snapshot_id) is None:
        said = {"home": home, "name": name}
        raise lake.LakeBroken(
            _("The lake at %(home)s misses a snapshot of %(name)s. Run `guanxi lake rebuild`.") % said
        )
    found = lake.files(table, snapshot_id)
    ids = tuple((field.name, field.field_id) for field in table.schema().fields)
    parts = tuple(file.partition[0] for file in found.base)
    return Plan(paths(found.base), paths(found.changes), ids, parts)


def paths(files: "Iterable[DataFile]") -> tuple[str, ...]:
    """The paths of data files."""
    return tuple(file.file_path for file in files)


def scan(files: Sequence[str], columns: pa.Schema, field_ids: Mapping[str, int]) -> str:
    """Spell reading `columns` from files; found by field id, so a file older than a column gives nulls.

    Files of a bucket are fetched before: LakeAway, or FileNotFoundError where one is missing.
    """
    known = [field for field in columns if field.name in field_ids]
    late = ", ".join(f"cast(null as {_stored_type(f)}) as {name(f.name)}" for f in columns if f.name not in field_ids)
    if not files:
        nothing = ", ".join(f"cast(null as {_stored_type(field)}) as {name(field.name)}" for field in columns)
        return f"(select {nothing} where false)"
    listed = ", ".join(map(text, near.files(files)))
    typed = ", ".join(
        f"{field_ids[f.name]}: {{name: {text(f.name)}, type: {text(_stored_type(f))}, default_value: null}}"
        for f in known
    )
    return f"(select *{', ' + late if late else ''} from read_parquet([{listed}], schema = map {{{typed}}}))"


Scan = Callable[[Sequence[str], pa.Schema, Mapping[str, int]], str]
GONE = "_deleted and _version = 0"  # for good; one with a version hides that version of a row alone


def newest(declared: Table, found: Plan, *, scan: Scan = scan, columns: pa.Schema | None = None) -> str:
    """Spell the stored columns of a table's rows as they are now: no older version, nothing deleted.

    `scan` spells reading columns from files: DuckDB's way unless told. `columns` are others than the stored ones.
    """
    ids, key = dict(found.field_ids), name(declared.version)
    columns = declared.stored if columns is None else columns
    base = scan(found.base, columns, ids)
    if not found.changes:
        return base
    changes = scan(found.changes, lake.laid_out(declared.stored), ids)
    wanted = ", ".join(f"changes.{name(column)}" for column in columns.names)
    kept = ", ".join(f"base.{name(column)}" for column in columns.names)
    return f"""(
        with changes as materialized (select * from {changes}),
        latest as materialized (
            select {key}, max(_version) as _version, bool_or({GONE}) as _gone from changes group by {key}
        )
        select {kept} from {base} as base anti join latest on base.{key} = latest.{key}
        union all
        select {wanted} from changes join latest
        on changes.{key} = latest.{key} and changes._version = latest._version
        where not latest._gone and not changes._deleted
    )"""


def shown(declared: Table, relation: str, *, linked: bool = True) -> str:
    """Spell what readers see of a table: its columns in order, those of other tables joined to it where `linked`."""
    derived = {link.column: index for index, link in enumerate(declared.through)} if linked else {}
    left = {link.column for link in declared.through} - set(derived)
    wanted = ", ".join(_column(field, derived) for field in declared.shown if field.name not in left)
    joins = "".join(
        f" left join (select {name(link.on)}, {name(link.column)} from {name('_' + link.table)}"
        f" where {name(link.column)} is not null) as through_{index}"  # who has none need not be found: half the memory
        f" on through_{index}.{name(link.on)} = rows.{name(link.on)}"
        for index, link in enumerate(declared.through if linked else ())
    )
    return f"select {wanted} from {relation} as rows{joins}"


def _column(field: pa.Field, derived: Mapping[str, int]) -> str:
    source = f"through_{derived[field.name]}" if field.name in derived else "rows"
    column = f"{source}.{name(field.name)}"
    if field.metadata and b"sql" in field.metadata:
        return f"cast({column} as {sql_type(field)}) as {name(field.name)}"
    return column


def _stored_type(field: pa.Field) -> str:
    return sql_type(field.remove_metadata())


def name(word: str) -> str:
    """Quote a name."""
    return '"' + word.replace('"', '""') + '"'


def text(value: str) -> str:
    """Quote a text: a file's path or a column's name, which cannot be parameters of a view."""
    return "'" + value.replace("'", "''") + "'"
