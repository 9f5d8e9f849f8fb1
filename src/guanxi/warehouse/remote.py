"""The lake read through Spark Connect: the files of one moment as views on the server, results as Arrow.

The server is handed the files that the book's moment names, as DuckDB is: a directory does not say which of its
metadata counts, and no catalogue or extension has to be set up there.
"""

import re
import socket
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
from django.utils.translation import gettext as _

from guanxi.warehouse import plans, translation
from guanxi.warehouse.engines import EngineAway, EngineFailed, shown
from guanxi.warehouse.reading import Plans, latest, selections

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

PORT = 15_002
LEAST = (4, 0)  # our client's own generation
CONNECT_SECONDS = 5
TRIES = 3  # of a call that was not answered: the client's own patience is ten minutes
ALIVE_MS = 10_000  # how often a silent server is asked whether it is still there
# By ANSI's rule Sail 0.7 raises divisions by zero that no row asks for; that none is by zero is proven of every mart.
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "false"}


class RemoteLake:
    """The lake at one moment, on a server. Tables are views of this session, named as declared."""

    def __init__(self, session: "SparkSession", plans: Plans, types: Mapping[str, str]) -> None:
        self._session = session
        self._plans = plans
        self._types = types
        self._viewed: dict[str, str] = {}
        self._scanned: dict[tuple[str, ...], str] = {}

    def reader(self, query: str, **params: Any) -> pa.RecordBatchReader:
        """Run a SELECT and give a reader, whose schema is known before the first row; EngineFailed says why not."""
        with _told():
            for name, rows in selections(query, self._plans.of(query), scan=self._scan):
                if self._viewed.get(name) != rows:
                    self._session.sql(translation.spark(rows)).createOrReplaceTempView(name)
                    self._viewed[name] = rows
            found = _batches(self._session, translation.spark(query, params, self._types))
            first = next(found)
        return pa.RecordBatchReader.from_batches(first.schema, _each(chain([first], found)))

    def _scan(self, files: Sequence[str], columns: pa.Schema, field_ids: Mapping[str, int]) -> str:
        """Name a view of the columns of files; a file older than a column gives nulls."""
        if not files:
            return plans.scan(files, columns, field_ids)
        key = (*columns.names, *files)
        if key not in self._scanned:
            name = f"_files_{uuid.uuid4().hex}"
            self._session.read.schema(_ddl(columns)).parquet(*map(_uri, files)).createOrReplaceTempView(name)
            self._scanned[key] = name
        return self._scanned[key]


@contextmanager
def snapshot(address: str, types: Mapping[str, str]) -> Iterator[RemoteLake]:
    """Open the latest moment of the lake on a server; EngineAway where it does not answer, or is too old."""
    with opened(address) as session:
        yield RemoteLake(session, latest(), types)


@contextmanager
def opened(address: str) -> Iterator["SparkSession"]:
    """Open a session of its own on a server; EngineAway where it does not answer, or is too old."""
    _knock(address)
    with _told():
        session = _session(address)
    try:
        with _told():
            _look_at(session, address)
            for name, value in SETTINGS.items():
                session.conf.set(name, value)
        yield session
    finally:
        with _told():
            session.stop()


def _knock(address: str) -> None:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or PORT), CONNECT_SECONDS).close()
    except OSError as error:
        raise _away(address, error.strerror or str(error)) from error


def _session(address: str) -> "SparkSession":
    try:
        from pyspark.sql.connect.client import DefaultChannelBuilder  # noqa: PLC0415 - an extra, and slow to import
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415
        from pyspark.sql.connect.session import SparkSession  # noqa: PLC0415
    except ImportError as error:
        raise EngineAway(
            _("The packages for Spark Connect are not installed. Call `pip install 'guanxi[spark]'`.")
        ) from error
    channel = DefaultChannelBuilder(address)
    for option in ("grpc.keepalive_time_ms", "grpc.keepalive_timeout_ms"):
        channel.setChannelOption(option, ALIVE_MS)
    session = SparkSession(connection=channel)
    session.client.set_retry_policies([DefaultPolicy(max_retries=TRIES)])
    return session


def _look_at(session: "SparkSession", address: str) -> None:
    found = session.version
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < LEAST:
        said = {"engine": shown(address), "version": found, "least": ".".join(map(str, LEAST))}
        raise EngineAway(_("The server at %(engine)s speaks Spark %(version)s. Use one of %(least)s or later.") % said)


@contextmanager
def _told() -> Iterator[None]:
    """Say in a sentence what the client says in many lines; its advice on packages and tries is for nobody."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"pyspark", "grpc"}:
            raise
        said = " ".join(str(error).partition("JVM stacktrace")[0].split()) or type(error).__name__
        raise (EngineAway if _is_gone(error) else EngineFailed)(
            _("The Spark Connect server could not answer: %(error)s") % {"error": said[:500]}
        ) from error


def _is_gone(error: Exception) -> bool:
    return any(word in str(error) for word in ("UNAVAILABLE", "Connection refused", "Socket closed", "DEADLINE"))


def _away(address: str, why: str) -> EngineAway:
    return EngineAway(
        _("No Spark Connect server answers at %(engine)s (%(why)s). Start it, or name another by --engine.")
        % {"engine": shown(address), "why": why}
    )


def _batches(session: "SparkSession", sql: str) -> Iterator[pa.RecordBatch]:
    """Give the rows piece by piece as the server sends them, at least one piece without rows."""
    frame: Any = session.sql(sql)
    plan = frame._plan.to_proto(session.client)  # noqa: SLF001 - toArrow would hold the whole result
    for piece in session.client.to_table_as_iterator(plan, {}):
        if isinstance(piece, pa.Table):
            yield from piece.to_batches() or [pa.RecordBatch.from_pylist([], schema=piece.schema)]


def _each(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    with _told():
        yield from batches


def _ddl(columns: pa.Schema) -> str:
    return ", ".join(f"`{field.name}` {_type(field)}" for field in columns)


def _type(field: pa.Field) -> str:
    found = plans.sql_type(field.remove_metadata())
    return {"varchar": "string", "integer": "int", "timestamp": "timestamp_ntz"}.get(found, found)


def _uri(path: str) -> str:
    return path if "://" in path else f"file://{path}"
