"""Reading the book in columns: a query's result as an Arrow table, without a Python object for every value.

SQLite hands over each column as one JSON array, PostgreSQL the whole result by COPY; both are decoded in C. That is
several times the speed of fetching rows, and leaves the other core free.
"""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

HANDS = 2
TEN_THOUSANDTH = pa.scalar(Decimal("0.0001"), pa.decimal128(4, 4))


def among(column: str, ids: Sequence[int] | Sequence[str]) -> tuple[str, list[Any]]:
    """Spell "the column is one of these ids" as a condition and its parameters.

    >>> among("orders.id", range(5, 9))
    ('orders.id between %s and %s', [5, 8])
    """
    if isinstance(ids, range) and ids.step == 1:
        return f"{column} between %s and %s", [ids.start, ids.stop - 1]
    if connection.vendor == "postgresql":
        return f"{column} = any(%s)", [list(ids)]
    return f"{column} in (select value from json_each(%s))", [json.dumps(list(ids))]


def columns(sql: str, params: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """Run a SELECT on the book and give the columns named in `schema`, with its types.

    Values may be as the database stores them: whole numbers for decimals are ten-thousandths (FixedPointField),
    instants are UTC, truth values may be 0 and 1. A literal percent sign is written `%%`, as everywhere in Django.
    """
    read = _from_postgresql if connection.vendor == "postgresql" else _from_sqlite
    return pa.table(
        [typed(column, field.type) for column, field in zip(read(sql, params, schema), schema, strict=True)], schema
    )


def typed(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """Give a column as read from the book the type it has in the lake."""
    if pa.types.is_decimal(wanted) and pa.types.is_integer(column.type):
        return pc.multiply(column.cast(pa.decimal128(19, 0)), TEN_THOUSANDTH).cast(wanted)
    if pa.types.is_boolean(wanted) and not pa.types.is_integer(column.type):
        return pc.if_else(pc.is_valid(column), pc.is_in(column, pa.array(["t", "true", "1"], column.type)), None)
    if pa.types.is_timestamp(wanted):
        zoned = connection.vendor == "postgresql"  # it spells instants with their offset, which is UTC's
        return (pc.replace_substring_regex(column, r"\+00$", "") if zoned else column).cast(wanted)
    return column.cast(wanted)


def _from_sqlite(sql: str, params: Sequence[Any], schema: pa.Schema) -> list[pa.ChunkedArray]:
    lists = ", ".join(f'json_group_array("{field.name}")' for field in schema)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*), {lists} from ({sql})", params)
        count, *texts = cursor.fetchone()
    if not count:
        return [pa.chunked_array([], _carrier(field.type)) for field in schema]
    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(_decoded, texts, [field.type for field in schema]))


def _decoded(text: str, wanted: pa.DataType) -> pa.ChunkedArray:
    import polars as pl  # noqa: PLC0415 - slow to import, and only a sync needs it

    kinds = {pa.int64(): pl.Int64, pa.float64(): pl.Float64, pa.string(): pl.String}
    values = pl.Series([text]).str.json_decode(pl.List(kinds[_carrier(wanted, truth=pa.int64())])).explode()
    return pa.chunked_array([values.to_arrow()])


def _from_postgresql(sql: str, params: Sequence[Any], schema: pa.Schema) -> list[pa.ChunkedArray]:
    from pyarrow import csv  # noqa: PLC0415 - only a sync needs it

    names = ", ".join(f'"{field.name}"' for field in schema)
    with connection.cursor() as cursor, io.BytesIO() as text:
        statement = f"copy (select {names} from ({sql}) as book) to stdout (format csv)"
        with cursor.copy(statement, params) as copy:
            for block in copy:
                text.write(block)
        data = text.getvalue()
    if not data:
        return [pa.chunked_array([], _carrier(field.type)) for field in schema]
    found = csv.read_csv(
        pa.py_buffer(data),
        read_options=csv.ReadOptions(column_names=schema.names),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={field.name: _carrier(field.type) for field in schema},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return list(found.columns)


def _carrier(wanted: pa.DataType, *, truth: pa.DataType | None = None) -> pa.DataType:
    """The type in which a value travels from the book."""
    if pa.types.is_integer(wanted) or pa.types.is_decimal(wanted):
        return pa.int64()
    if pa.types.is_boolean(wanted):
        return truth or pa.string()
    return pa.float64() if pa.types.is_floating(wanted) else pa.string()
