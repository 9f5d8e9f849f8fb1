"""The book on its way into a backup and out of one: SQLite's file, or the rows of PostgreSQL's tables."""

# ruff: noqa: S608 - what stands in the SQL are names that the database itself gave, quoted

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from guanxi.operation import schema, tables
from guanxi.operation.errors import NotTheSame

NAME = "book.sqlite3"
PAGES = 4096  # copied at a time, 16 MB
PAUSE = 0.004  # seconds between, so that pages which are asked for meanwhile come first


def take(into: Path) -> dict[str, Any]:
    """Copy the book as it is at one moment while others write on; gives what is needed to put it back."""
    return (_rows if connection.vendor == "postgresql" else _file)(into)


def _file(into: Path) -> dict[str, Any]:
    home = Path(settings.HOME)
    for name in _beside:  # first, so that what goes from there into the book meanwhile is in both
        if (home / name).exists():
            (into / "home").mkdir(exist_ok=True)
            copy_file(into / "home" / name, home / name)
    copy_file(into / NAME)
    return {"tables": check(into / NAME)}


_beside: list[str] = []


def beside(name: str) -> None:
    """Have a file of SQLite in the home, from which rows go into the book, be part of every backup."""
    _beside[:] = sorted({*_beside, name})


def copy_file(target: Path, source: Path | None = None) -> None:
    """Copy SQLite's file. The copy reads within one read transaction, so that no writer makes it begin anew."""
    with (
        closing(sqlite3.connect(source or connection.settings_dict["NAME"], isolation_level=None)) as book,
        closing(sqlite3.connect(target)) as copy,
    ):
        book.execute("begin")
        book.execute("select count(*) from sqlite_master").fetchone()
        book.backup(copy, pages=PAGES, sleep=PAUSE)
        copy.execute("pragma journal_mode = delete")


def check(path: Path) -> dict[str, int]:
    """Prove a SQLite file whole, with every key pointing at a row, and count the rows of its tables."""
    with closing(sqlite3.connect(path)) as copy:
        said = copy.execute("pragma integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise NotTheSame(f"The book's file is damaged: {said}")
        astray = copy.execute("pragma foreign_key_check").fetchone()
        if astray:
            raise NotTheSame(f"A row of {astray[0]} refers to one that is not there.")
        listed = copy.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        return {name: copy.execute(f'select count(*) from "{name}"').fetchone()[0] for (name,) in listed.fetchall()}


def _rows(into: Path) -> dict[str, Any]:
    """Copy the rows of every table as they are to one transaction."""
    folder = into / "book"
    folder.mkdir()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        found: dict[str, Any] = {"tables": {}, "columns": {}, "sequences": tables.sequences(cursor)}
        for name in tables.names(cursor):
            found["columns"][name] = list(tables.kinds(cursor, name))
            found["tables"][name] = _copy_out(cursor, name, found["columns"][name], folder / name)
    return found


def _copy_out(cursor: Any, name: str, columns: list[str], path: Path) -> int:
    with path.open("wb") as file, cursor.copy(f"copy {tables.spelled(name, columns)} to stdout") as copy:
        for block in copy:
            file.write(block)
    return int(cursor.rowcount)


@transaction.atomic
def put_rows_back(facts: dict[str, Any], source: Path) -> None:
    """Make the tables of a copy in an empty PostgreSQL database and fill them: all of it, or nothing."""
    schema.make(facts["migrations"])
    with connection.cursor() as cursor:
        ours = set(tables.names(cursor))  # others lay beside them in the same database
        with tables.bare(cursor):
            for name, count in ((name, count) for name, count in facts["tables"].items() if name in ours):
                cursor.execute(f"delete from {connection.ops.quote_name(name)}")
                if _copy_in(cursor, name, facts["columns"][name], source / "book" / name) != count:
                    raise NotTheSame(f"Not all rows of {name} came in.")
        tables.count_from(cursor, facts["sequences"])


def _copy_in(cursor: Any, name: str, columns: list[str], path: Path) -> int:
    with path.open("rb") as file, cursor.copy(f"copy {tables.spelled(name, columns)} from stdin") as copy:
        while block := file.read(1024**2):
            copy.write(block)
    return int(cursor.rowcount)


@contextmanager
def opened(path: Path) -> Iterator[None]:
    """Have a file be the book, until the block ends; then it is one file again, closed."""
    former = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = path
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former
