"""Many rows at once: SQLite's executemany or PostgreSQL's COPY, in the caller's transaction.

Django's `bulk_create` builds an object for every row; imports of hundreds of thousands of lines cannot pay that.
Values go in as the database stores them (a FixedPointField as its integer, JSON as text); times may be datetimes or
UTC text.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection, models

MOST_VALUES = 500  # in one statement on SQLite


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of stored values; `columns` are attribute names of the model (`order_id`, not `order`)."""
    if not rows:
        return
    rows = _stored_times(model, columns, rows)
    names = [_column(model, name) for name in columns]
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
    target = f"{table} ({', '.join(connection.ops.quote_name(name) for name in names)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"copy {target} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            _insert_together(cursor, target, rows)


def _insert_together(cursor: Any, target: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert several rows a statement, which spares SQLite and Python much of the work of one each.

    What is left over goes by halves: a few statements, and always the same ones, which SQLite keeps prepared.
    """
    width, start = len(rows[0]), 0
    one = f"({', '.join(['%s'] * width)})"
    together = 2 ** (MOST_VALUES // width).bit_length() // 2 or 1
    while start < len(rows):
        groups = range(start, len(rows) - together + 1, together)
        values = (list(chain.from_iterable(rows[first : first + together])) for first in groups)
        if groups:
            cursor.executemany(f"insert into {target} values {', '.join([one] * together)}", values)  # noqa: S608 - ours
        start, together = start + len(groups) * together, together // 2


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set the columns of many rows, each to its own values; a row ends with the primary key."""
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(_column(model, name))} = %s" for name in columns)
    table, key = quote(model._meta.db_table), quote("id")  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.executemany(f"update {table} set {sets} where {key} = %s", rows)  # noqa: S608 - names come from the model


def delete(model: type[models.Model], keys: Iterable[int], *, by: str = "pk") -> int:
    """Delete rows by a key without loading them; says how many. Whatever hangs on them was deleted before."""
    every = list(keys)
    parts = (every[start : start + MOST_VALUES] for start in range(0, len(every), MOST_VALUES))
    found = (model._default_manager.filter(**{f"{by}__in": some}) for some in parts)  # noqa: SLF001 - as above
    return sum(int(rows._raw_delete(rows.db)) for rows in found)  # noqa: SLF001 - Django's own way, without collecting


def _stored_times(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Write datetimes as UTC text, the way Django keeps them on SQLite; PostgreSQL reads the same."""
    times = {field.attname for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField)}  # noqa: SLF001
    places = [place for place, name in enumerate(columns) if name in times and isinstance(rows[0][place], dt.datetime)]
    if not places:
        return rows
    return [tuple(stored(v) if place in places else v for place, v in enumerate(row)) for row in rows]


@lru_cache(maxsize=1_024)  # what comes together has its times together
def stored(value: dt.datetime | None) -> str | None:
    """Give a time as UTC text, as rows bring it."""
    return None if value is None else str(value.astimezone(dt.UTC) if value.tzinfo else value).partition("+")[0]


def _column(model: type[models.Model], attribute: str) -> str:
    """Find the column of an attribute; a name the model does not know is a KeyError."""
    return {field.attname: field.column for field in model._meta.concrete_fields if field.column}[attribute]  # noqa: SLF001
