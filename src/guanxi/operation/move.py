"""The move of the book from SQLite to PostgreSQL: all of it and verified, or nothing.

Nobody may have the book open meanwhile. Everything happens in one transaction of PostgreSQL, so that a move which was
interrupted leaves an empty database, and is begun again. The lake stays as it is: all keys are kept.
"""

# ruff: noqa: S608 - what stands in the SQL are names that the database itself gave, quoted

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any

import psycopg
from django.db import DataError, connection, connections, transaction

from guanxi import settings
from guanxi.operation import schema, sending, tables, tally
from guanxi.operation.errors import BookBusy, BookMoved, InTheWay, NotTheSame
from guanxi.operation.models import Relocation

AT_ONCE = 10_000
Tell = Callable[[str], None]


_before: list[Callable[[], None]] = []


def before(settle: Callable[[], None]) -> None:
    """Have `settle` bring into the book what waits in files beside it, before the book is moved."""
    _before.append(settle) if settle not in _before else None


def move(url: str, *, tell: Tell = lambda _sentence: None) -> dict[str, Any]:
    """Move the book to the empty PostgreSQL database at `url`, and say what is there now."""
    begun = monotonic()
    check_here()
    if connection.vendor != "sqlite":
        raise BookMoved("The book is on PostgreSQL already.")
    for settle in _before:
        settle()
    with _alone(connection.settings_dict["NAME"]) as book:
        with _book_at(url):
            place = "{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
            rows = _filled(book, tell)
        book.execute("insert into operation_relocation (\"to\", moved_at) values (?, datetime('now'))", [place])
        book.execute("commit")
    return {
        "to": place,
        "tables": len(rows),
        "rows": sum(rows.values()),
        "verified": True,
        "seconds": round(monotonic() - begun, 1),
    }


def check_here() -> None:
    """Raise BookMoved where the book was moved away from here."""
    gone = Relocation.objects.order_by("-pk").first() if connection.vendor == "sqlite" else None
    if gone:
        raise BookMoved(
            f"The book was moved to PostgreSQL at {gone.to} on {gone.moved_at:%Y-%m-%d}. Name it in "
            "GUANXI_DATABASE_URL; or, to go on with what was left here, run `guanxi move-to-postgres --stay`."
        )


def stay() -> None:
    """Go on with the book that was left behind; does nothing where none was."""
    Relocation.objects.all().delete()


@contextmanager
def _alone(path: Any) -> Iterator[sqlite3.Connection]:
    """Open the book so that nobody else can, not even to read it; BookBusy where somebody has it open."""
    connection.close()
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as book:
        try:
            book.execute("pragma locking_mode = exclusive")
            book.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            raise BookBusy("Guanxi runs on this book. Stop it, then move.") from error
        yield book


@contextmanager
def _book_at(url: str) -> Iterator[None]:
    """Have the database at a URL be the book while the block runs."""
    former, mine = connections.settings["default"], connections["default"]
    connections.settings["default"] = {**former, "CONN_HEALTH_CHECKS": False, **settings.database(url)}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = former
        connections["default"] = mine


@transaction.atomic
def _filled(book: sqlite3.Connection, tell: Tell) -> dict[str, int]:
    with connection.cursor() as cursor:
        if tables.names(cursor):
            raise InTheWay("The database holds tables already. Move into an empty one.")
        applied = book.execute("select app, name from django_migrations").fetchall()
        schema.make([key for key in applied if key in schema.known()])
        kinds = {name: tables.kinds(cursor, name) for name in tables.names(cursor)}
        with tables.bare(cursor):
            for name, columns in kinds.items():
                tell(name)
                _fill(book, cursor, name, columns)
        _count_on(book, cursor)
        tell("Comparing")
        rows = {name: _compared(book, cursor, name, columns) for name, columns in kinds.items()}
    sending.settle_here()
    return rows


def _fill(book: sqlite3.Connection, cursor: Any, table: str, kinds: dict[str, str]) -> None:
    spans = [place for place, kind in enumerate(kinds.values()) if kind == "interval"]
    target = tables.spelled(table, list(kinds))
    cursor.execute(f'delete from "{table}"')
    try:
        with cursor.copy(f"copy {target} from stdin") as copy:
            found = book.execute(f'select {target.partition("(")[2].rstrip(")")} from "{table}"')
            while rows := found.fetchmany(AT_ONCE):
                for row in rows:
                    copy.write_row(_spanned(row, spans) if spans else row)
    except (DataError, psycopg.DataError) as error:
        raise NotTheSame(f"PostgreSQL does not take a row of {table}: {' '.join(str(error).split())}") from error


def _spanned(row: tuple[Any, ...], spans: list[int]) -> tuple[Any, ...]:
    return tuple(
        f"{cell} microseconds" if place in spans and cell is not None else cell for place, cell in enumerate(row)
    )


def _count_on(book: sqlite3.Connection, cursor: Any) -> None:
    """Have keys go on where SQLite was: those of rows that are gone do not come back."""
    for table, reached in book.execute("select name, seq from sqlite_sequence where seq > 0").fetchall():
        cursor.execute(
            "select pg_get_serial_sequence(quote_ident(%s), 'id') where to_regclass(%s) is not null", [table] * 2
        )
        found = cursor.fetchone()
        if found and found[0]:
            cursor.execute("select setval(%s, %s)", [found[0], reached])


def _compared(book: sqlite3.Connection, cursor: Any, table: str, kinds: dict[str, str]) -> int:
    here = book.execute(tally.query(table, kinds, on="sqlite")).fetchone()
    cursor.execute(tally.query(table, kinds, on="postgresql"))
    there = cursor.fetchone()
    if not tally.same(here, there):
        raise NotTheSame(f"The table {table} is not the same in PostgreSQL. Nothing was moved.")
    return int(there[0])
