"""Marts that programs compute, kept by parts, months say, so that they have a past."""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

from collections.abc import Collection, Iterable, Iterator
from time import monotonic
from typing import Any

import pyarrow as pa

from guanxi.core.jobs.lease import lease
from guanxi.warehouse import lake, making, plans, upkeep
from guanxi.warehouse.engine import connect
from guanxi.warehouse.files import marked, write
from guanxi.warehouse.marts import Mart, Run
from guanxi.warehouse.models import Moment
from guanxi.warehouse.registry import marts as registered

AT_ONCE = 100_000


def keep(mart: Mart | str, part: int, told: Iterable[pa.RecordBatch], *, without: Collection[int] = ()) -> Run:
    """Put rows that a program computed into one part of a mart; the other parts stay, as its past.

    `without` are customers of whom nothing may stay: their rows are taken out of the other parts.
    """
    mart = registered()[mart] if isinstance(mart, str) else mart
    begun = monotonic()
    with lease(f"{making.LEASE} {mart.name}", wait=making.FOREVER) as held:
        table = making.table_of(mart)
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
