"""Marts computed on tables that an engine holds: those a mart reads come before it."""

import datetime as dt
from typing import Any

import pyarrow as pa

from guanxi.warehouse import registry, runs

GIVEN = {"base_currency": "CNY", "time_zone": "UTC"}
Rows = list[dict[str, Any]]


def computed(engine: Any, *names: str, as_of: dt.date, **params: Any) -> dict[str, Rows]:
    """Compute marts and what they read on an engine's tables; a table it does not hold is an empty one.

    Gives the rows of each by its name.
    """
    known, found = GIVEN | {"as_of": as_of} | params, {}
    for name in runs.ordered(names):
        mart = registry.marts()[name]
        for table in mart.reads & registry.tables().keys():
            _hold_if_missing(engine, table)
        given = {each.name: known[each.name] for each in mart.asked} | mart.unbounded
        table = engine.sql(mart.sql, params=given).to_arrow_table()
        engine.register(name, table)
        found[name] = table.to_pylist()
    return found


def hold(engine: Any, **tables: Any) -> None:
    """Let an engine hold rows as the tables of the lake; what they do not tell is null."""
    for name in registry.tables():
        engine.unregister(name)
    for name, rows in tables.items():
        engine.register(name, pa.Table.from_pylist([*map(dict, rows)], registry.tables()[name].shown))


def _hold_if_missing(engine: Any, table: str) -> None:
    held = {row[0] for row in engine.sql("select view_name from duckdb_views()").fetchall()}
    if table not in held:
        engine.register(table, registry.tables()[table].shown.empty_table())
