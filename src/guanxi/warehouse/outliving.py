"""Tables whose rows stay in the lake when they leave the book: what of them a rebuild has to keep."""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from django.db import connection

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.warehouse import lake, place, plans
from guanxi.warehouse.book import columns
from guanxi.warehouse.engine import connect
from guanxi.warehouse.files import base_files
from guanxi.warehouse.models import Moment, Tombstone
from guanxi.warehouse.registry import Table, feed_of

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable

log = logging.getLogger("guanxi.warehouse")
BATCH_ROWS = 500_000
KEYS = pa.schema([pa.field("id", pa.int64())])


def thin(declared: Table, held: Heartbeat) -> None:
    """Leave in a table what the book has no more; what it has is exported anew after that.

    A table that cannot be read at all is made anew empty, as any other; of one that misses files the others are kept.
    """
    try:
        table = lake.find(declared.name)
        found = lake.files(table) if table else lake.Files()
    except (lake.LakeBroken, FileNotFoundError):
        log.exception("The lake's table %s cannot be read; what the book had no more is lost.", declared.name)
        lake.drop(declared.name)
        Moment.objects.all().delete()  # what they name is gone
        table, found = None, lake.Files()
    if table is None:
        lake.made(declared.name, declared.stored)
    elif found.base or found.changes:
        kept = list(_kept(lake.made(declared.name, declared.stored), declared, found, held))
        held.check()
        lake.commit(table, added=kept, removed=(*found.base, *found.changes))


def _kept(table: "IcebergTable", declared: Table, found: lake.Files, held: Heartbeat) -> "Iterator[DataFile]":
    ids = tuple((field.name, field.field_id) for field in table.schema().fields)
    plan = plans.Plan(_there(table, found.base), _there(table, found.changes), ids)
    key = plans.name(declared.version)
    with connect() as engine:
        engine.register("known", _known(declared))
        rows = engine.sql(
            f"select rows.* from {plans.newest(declared, plan)} as rows anti join known on rows.{key} = known.id"
        )
        for batch in rows.to_arrow_reader(BATCH_ROWS):
            held.check()
            yield from base_files(table, declared, pa.Table.from_batches([batch]))


def _there(table: "IcebergTable", files: "tuple[DataFile, ...]") -> tuple[str, ...]:
    paths = plans.paths(files)
    with place.reached():
        there = tuple(path for path in paths if table.io.new_input(path).exists())
    if len(there) < len(paths):
        log.error("The lake's table %s misses %d files.", table.name()[-1], len(paths) - len(there))
    return there


def _known(declared: Table) -> pa.Table:
    """The keys of what the book has, and of what it decided to have forgotten."""
    feed = feed_of(declared.name)
    if feed is None:
        return KEYS.empty_table()
    mine = connection.ops.quote_name(feed.model._meta.db_table)  # noqa: SLF001
    theirs = connection.ops.quote_name(Tombstone._meta.db_table)  # noqa: SLF001
    sql = f"select id from {mine} union all select row_id from {theirs} where feed = %s"
    return columns(sql, [feed.name], KEYS)
