"""Before the book is brought up to date: is it the right way, is there room, is there a way back."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

from guanxi.core import book
from guanxi.operation import backup, bookcopy, rooms, schema
from guanxi.operation.errors import NotUpgradable

FRESH = dt.timedelta(days=1)
COPY = "before-upgrade.sqlite3"


def check(*, without_backup: bool = False) -> None:
    """Raise NotUpgradable or NoSpace where migrating would be unwise; does nothing on a new book.

    Where there is no backup of the last day, a copy of a SQLite book is kept in the home; PostgreSQL needs the backup.
    """
    had = schema.applied()
    schema.check_known(had)
    if not had or without_backup or not book.pending():
        return
    if connection.vendor == "sqlite":
        rooms.check(Path(settings.HOME), rooms.size_of_book())  # a migration may write every row of a table again
    age = backup.age()
    if age is None or age > FRESH:
        _keep_a_way_back()


@contextmanager
def proven_once() -> Iterator[None]:
    """Look once, after all migrations, whether every reference of the book leads somewhere, and not after each of them.

    On SQLite each look reads the whole book: a minute of every migration where the book has 4 GB.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.check_constraints = lambda table_names=None: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        del database.check_constraints
    database.check_constraints()


def _keep_a_way_back() -> None:
    if connection.vendor == "postgresql":
        raise NotUpgradable(
            "The book has to be brought up to date, and there is no backup of the last day. "
            "Run `guanxi backup FILE` first, or `guanxi migrate --without-backup`."
        )
    draft = Path(settings.HOME) / f".{COPY}"
    draft.unlink(missing_ok=True)
    rooms.check(draft.parent, 2 * rooms.size_of_book())
    bookcopy.copy_file(draft)
    draft.chmod(0o600)
    draft.replace(draft.with_name(COPY))
