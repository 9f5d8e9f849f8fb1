"""The book's tables as PostgreSQL keeps them: which there are, their columns, and loading them quickly."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

Cursor = Any
FOREIGN_KEYS = """
    select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace order by 1, 2
"""
INDEXES = """
    select index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
    from pg_index as index join pg_class as class on class.oid = index.indexrelid
    where class.relnamespace = current_schema()::regnamespace
    and not exists (select from pg_constraint as bound where bound.conindid = index.indexrelid) order by 1
"""


def names(cursor: Cursor) -> list[str]:
    """List the tables there are, views apart."""
    cursor.execute(
        "select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' order by 1"
    )
    return [name for (name,) in cursor.fetchall()]


def kinds(cursor: Cursor, table: str) -> dict[str, str]:
    """List the columns of a table that hold what was written, in their order, with their types."""
    cursor.execute(
        "select column_name, data_type from information_schema.columns where table_schema = current_schema() "
        "and table_name = %s and is_generated = 'NEVER' order by ordinal_position",
        [table],
    )
    return dict(cursor.fetchall())


def sequences(cursor: Cursor) -> dict[str, int]:
    """Give how far each sequence has counted: keys never come back, also of rows that are gone."""
    cursor.execute(
        "select sequencename, last_value from pg_sequences "
        "where schemaname = current_schema() and last_value is not null"
    )
    return dict(cursor.fetchall())


def count_from(cursor: Cursor, reached: dict[str, int]) -> None:
    """Have sequences go on after what they reached."""
    for name, value in reached.items():
        cursor.execute("select setval(to_regclass(quote_ident(%s)), %s)", [name, value])


def spelled(table: str, of: Sequence[str]) -> str:
    """Spell a table with its columns, as COPY wants it."""
    quote = connection.ops.quote_name
    return f"{quote(table)} ({', '.join(map(quote, of))})"


@contextmanager
def bare(cursor: Cursor) -> Iterator[None]:
    """Have tables without foreign keys and secondary indexes while they are filled; they are made anew afterwards.

    That is many times quicker than keeping them up for every row, and a key without its row is found all the same.
    """
    cursor.execute(FOREIGN_KEYS)
    keys = cursor.fetchall()
    cursor.execute(INDEXES)
    indexes = cursor.fetchall()
    for table, name, _definition in keys:
        cursor.execute(f"alter table {table} drop constraint {name}")
    for name, _definition in indexes:
        cursor.execute(f"drop index {name}")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in keys:
        cursor.execute(f"alter table {table} add constraint {name} {definition}")
