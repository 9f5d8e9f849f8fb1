"""Marts: analytical results, each a SQL file a person can read, computed on one moment and kept in the lake.

What cannot be computed in SQL is a mart whose file has a header alone: a program computes its rows and keeps them by
parts, months say, so that it has a past.
"""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext_noop

from guanxi.core.errors import Failed
from guanxi.core.jobs.lease import lease
from guanxi.warehouse import dialect, lake, plans, queries, upkeep
from guanxi.warehouse.engine import connect
from guanxi.warehouse.files import marked, write
from guanxi.warehouse.headers import Header, Named, parse
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot, views
from guanxi.warehouse.registry import marts

SAMPLES: dict[str, Any] = {
    "date": dt.date(2024, 2, 29),
    "timestamp": dt.datetime(2024, 2, 29),  # noqa: DTZ001 - the lake's instants are UTC without saying so
    "integer": 1,
    "bigint": 1,
    "double": 1.0,
    "boolean": True,
    "varchar": "",
}
FOREVER = None
AT_ONCE = 100_000
LEASE = gettext_noop("mart")


class MartBroken(Failed):
    """A mart's file does not fit its header, the lake's tables, or the canonical dialect."""


@dataclass(frozen=True)
class Mart:
    """One analytical result: `<context>/sql/<name>.sql`."""

    name: str
    sql_path: Path

    @cached_property
    def sql(self) -> str:
        """The file's text, which is one SELECT."""
        return self.sql_path.read_text(encoding="utf-8")

    @cached_property
    def header(self) -> Header:
        """What the file says of itself."""
        try:
            return parse(self.sql)
        except ValueError as error:
            raise MartBroken(f"Mart {self.name}: {error}. Correct the header in {self.sql_path.name}.") from error

    @property
    def is_told(self) -> bool:
        """Whether a program computes it, because its file has no SELECT."""
        return all(line.startswith("--") or not line.strip() for line in self.sql.splitlines())

    @property
    def grain(self) -> str:
        """What one row is."""
        return self.header.grain

    @property
    def parameters(self) -> tuple[Named, ...]:
        """The values it has to be given."""
        return self.header.parameters

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        return pa.schema([(column.name, plans.arrow_type(column.type)) for column in self.header.columns])


@dataclass(frozen=True)
class Run:
    """One computation of a mart, as kept in the lake."""

    mart: str
    rows: int
    seconds: float
    snapshot_id: int


def run(mart: Mart | str, **params: Any) -> Run:
    """Compute a mart on the latest moment and replace what the lake has of it; readers see the old rows until then."""
    mart = marts()[mart] if isinstance(mart, str) else mart
    begun = monotonic()
    with lease(f"{LEASE} {mart.name}", wait=FOREVER) as held:
        table = _table(mart)
        before = lake.files(table)
        with snapshot() as now:
            file = write(table, 0, _rows(now.reader(mart.sql, **params), mart))
        held.check()
        lake.commit(table, added=[file] if file else [], removed=(*before.base, *before.changes))
        head = lake.snapshot_id(table) or 0
        Moment.objects.advance({mart.name: head})
        if len(table.metadata.snapshots) > upkeep.KEPT_MOMENTS:
            upkeep.tidy(table)
    return Run(mart.name, file.record_count if file else 0, monotonic() - begun, head)


def keep(mart: Mart | str, part: int, told: Iterable[pa.RecordBatch], *, without: Collection[int] = ()) -> Run:
    """Put rows that a program computed into one part of a mart; the other parts stay, as its past.

    `without` are customers of whom nothing may stay: their rows are taken out of the other parts.
    """
    mart = marts()[mart] if isinstance(mart, str) else mart
    begun = monotonic()
    with lease(f"{LEASE} {mart.name}", wait=FOREVER) as held:
        table = _table(mart)
        before = lake.files(table).base
        file = write(table, part, _marked(told, part))
        old = [each for each in before if each.partition[0] == part]
        thinned = dict(_thinned(table, mart, [each for each in before if each.partition[0] != part], without))
        added = [each for each in (file, *(new for _old, new in thinned.values())) if each]
        held.check()
        lake.commit(table, added=added, removed=(*old, *(gone for gone, _new in thinned.values())))
        head = lake.snapshot_id(table) or 0
        Moment.objects.advance({mart.name: head})
        if len(table.metadata.snapshots) > upkeep.KEPT_MOMENTS:
            upkeep.tidy(table)
    return Run(mart.name, file.record_count if file else 0, monotonic() - begun, head)


def _thinned(
    table: Any, mart: Mart, files: list[Any], without: Collection[int]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Write files anew that have rows of customers of whom nothing may stay."""
    ids = {field.name: field.field_id for field in table.schema().fields}
    for old in files if without else ():
        with connect() as engine:
            rows = plans.scan([old.file_path], lake.laid_out(mart.schema), ids)
            engine.execute("create temp table gone as select unnest($ids) as customer_id", {"ids": list(without)})
            if engine.execute(f"select count(*) from {rows} semi join gone using (customer_id)").fetchall() == [(0,)]:
                continue
            left = engine.sql(f"select * from {rows} anti join gone using (customer_id)").to_arrow_reader(AT_ONCE)
            yield old.file_path, (old, write(table, old.partition[0], left))


def _marked(told: Iterable[pa.RecordBatch], part: int) -> Iterator[pa.RecordBatch]:
    for batch in told:
        yield from marked(pa.Table.from_batches([batch]), part).to_batches()


def rows(mart: str, columns: str = "*") -> Iterator[pa.RecordBatch]:
    """Read what the lake has of a mart, piece by piece."""
    with snapshot() as now:
        yield from now.batches(f"select {columns} from {plans.name(mart)}")


def _rows(found: pa.RecordBatchReader, mart: Mart) -> Iterator[pa.RecordBatch]:
    if found.schema.names != mart.schema.names:
        raise MartBroken(f"Mart {mart.name} gives {found.schema.names}, but its header says {mart.schema.names}.")
    yield from _marked(found, 0)


def _table(mart: Mart) -> Any:
    try:
        return lake.made(mart.name, mart.schema)
    except lake.LakeBroken:  # a column has another type now, or files are missing: it is computed anew anyhow
        Moment.objects.forget_table(mart.name)
        lake.drop(mart.name)
        return lake.made(mart.name, mart.schema)


def check(mart: Mart) -> None:
    """Prove a mart without data: its header, its tables, its functions, and its result's columns and types."""
    problems = list(_problems(mart))
    if problems:
        raise MartBroken(f"Mart {mart.name}: {'; '.join(problems)}. Correct {mart.sql_path.name}.")


def _problems(mart: Mart) -> Iterator[str]:
    from sqlglot import exp  # noqa: PLC0415 - a quarter of a second, and few commands need it

    if mart.header.name != mart.name:
        yield f"the header calls it {mart.header.name}"
    if mart.is_told:
        return
    try:
        tree = queries.parsed(mart.sql)
    except queries.BadQuery as error:
        yield str(error)
        return
    unknown = queries.outside(tree)
    yield from (f"{table} is not a table of the lake" for table in unknown)
    yield from dialect.strays(tree)
    used = {place.name for place in tree.find_all(exp.Placeholder)}
    if used != (declared := {parameter.name for parameter in mart.parameters}):
        yield f"it uses the parameters {sorted(used)}, the header says {sorted(declared)}"
    elif not unknown:
        yield from _differences(mart)


def _differences(mart: Mart) -> Iterator[str]:
    """Run the mart on empty tables and compare its columns with the header's."""
    import duckdb  # noqa: PLC0415 - as above

    params = {parameter.name: SAMPLES.get(parameter.type) for parameter in mart.parameters}
    try:
        with connect() as engine:
            for statement in views(mart.sql, {}, {}):
                engine.execute(statement)
            found = engine.sql(mart.sql, params=params)
            given = [(name, str(kind).lower()) for name, kind in zip(found.columns, found.types, strict=True)]
    except duckdb.Error as error:
        yield " ".join(str(error).split())
        return
    wanted = [(column.name, column.type) for column in mart.header.columns]
    if given != wanted:
        yield f"its columns are {_spelled(given)}, the header says {_spelled(wanted)}"


def _spelled(columns: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)
