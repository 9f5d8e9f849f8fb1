"""The inbox: deliveries as they came, on disk before they are answered, until the worker has made events of them.

On SQLite it is a file of its own beside the book, so that whoever delivers waits for nobody who writes the book; on
PostgreSQL it is a table of the book. Bodies are sealed, for they name people; each under a token made for it, which
also names its calls where the sender did not. Bodies say the same names over and over, so they are compressed first:
what is waited for is the disk.
"""

# ruff: noqa: S608 - what stands in the SQL are names of our own

import datetime as dt
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from guanxi.core.time import now
from guanxi.guard.sealing import context, seal, unseal

FILE = "inbox.sqlite3"
TABLE = "ingest_delivery"
BUSY_SECONDS = 5.0
QUICKLY = 1  # level of compression
PACKED = b"\x78"  # begins what is compressed; deliveries kept by older versions begin as JSON does
PRAGMAS = (
    "pragma journal_mode=wal",
    "pragma synchronous=full",
    "pragma secure_delete=on",
    "pragma wal_autocheckpoint=4000",
)
SCHEMA = f"""
create table if not exists {TABLE} (
    id integer primary key autoincrement, source_id integer not null, kind text not null, received_at text not null,
    token text not null, sealed blob not null
)
"""
COLUMNS = ("source_id", "kind", "received_at", "token", "sealed")


class InboxClosed(Exception):
    """Nothing can be put on disk now: it is full, or the database is away."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """One delivery out of the inbox; `kind` is what its address said, empty for a batch."""

    key: int
    source: int
    kind: str
    received_at: dt.datetime
    token: str
    body: bytes


_local = threading.local()


def put(source: int, body: bytes, *, kind: str = "") -> None:
    """Keep a delivery; on disk when this returns. Raises InboxClosed."""
    token = secrets.token_hex(16)
    sealed = seal(zlib.compress(body, QUICKLY).decode("latin-1"), _place(token))
    row = (source, kind, now().isoformat(), token, sealed)
    try:
        _write(f"insert into {TABLE} ({', '.join(COLUMNS)}) values (%s, %s, %s, %s, %s)", row)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        raise InboxClosed(str(error)) from error


def oldest(most: int, *, after: int = 0) -> list[Received]:
    """Read the deliveries that wait longest, or those after one of them; they stay until they are `done`."""
    rows = _read(f"select id, {', '.join(COLUMNS)} from {TABLE} where id > %s order by id limit %s", (after, most))
    return [_received(row) for row in rows]


def done(keys: Sequence[int]) -> None:
    """Take deliveries out, once what they say stands in the book."""
    _write(f"delete from {TABLE} where id in ({', '.join(['%s'] * len(keys))})", tuple(keys))


def waiting() -> int:
    """Count the deliveries that wait."""
    return int(_read(f"select count(*) from {TABLE}", ())[0][0])


def _received(row: tuple[Any, ...]) -> Received:
    key, source, kind, at, token, sealed = row
    moment = at if isinstance(at, dt.datetime) else dt.datetime.fromisoformat(at)
    kept = unseal(sealed, _place(token)).encode("latin-1")
    body = zlib.decompress(kept) if kept.startswith(PACKED) else kept
    return Received(key=key, source=source, kind=kind, received_at=moment, token=token, body=body)


def _place(token: str) -> str:
    return context(TABLE, token, "sealed")


def _write(sql: str, values: tuple[Any, ...]) -> None:
    with _cursor() as cursor:
        cursor.execute(*_spelled(sql, values))


def _read(sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with _cursor() as cursor:
        cursor.execute(*_spelled(sql, values))
        return list(cursor.fetchall())


def _spelled(sql: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    return (sql, values) if connection.vendor == "postgresql" else (sql.replace("%s", "?"), values)


@contextmanager
def _cursor() -> Iterator[Any]:
    """Give a cursor of the file, which this thread keeps open, or of the book; what is written is kept at the end."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            yield cursor
    else:
        file = _file(Path(settings.HOME) / FILE)
        with file:
            yield file.cursor()


def _file(path: Path) -> sqlite3.Connection:
    kept: tuple[Path, sqlite3.Connection] | None = getattr(_local, "kept", None)
    if kept is None or kept[0] != path or not path.exists():
        opened = sqlite3.connect(path, timeout=BUSY_SECONDS)
        for pragma in PRAGMAS:
            opened.execute(pragma)
        opened.execute(SCHEMA)
        opened.commit()
        _local.kept = kept = (path, opened)
    return kept[1]
