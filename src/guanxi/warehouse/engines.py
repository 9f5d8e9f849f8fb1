"""Which engine computes: DuckDB inside this process, or a Spark Connect server; both read the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput, Failed
from guanxi.warehouse.reading import snapshot

DUCKDB = "duckdb"
SPARK = "sc"


class BadEngine(BadInput):
    """No engine goes by that name or at that address."""


class EngineFailed(Failed):
    """The engine could not compute what it was asked for; the text says why."""


class EngineAway(EngineFailed):
    """The Spark Connect server does not answer, or not as it should."""


class Reader(Protocol):
    """One moment of the lake, as an engine reads it."""

    def reader(self, query: str, **params: Any) -> pa.RecordBatchReader:
        """Run a SELECT and give a reader, whose schema is known before the first row."""


def chosen(engine: str = "") -> str:
    """Check the name of an engine, the settings' one unless given: `duckdb`, or `sc://host:port`; else BadEngine."""
    engine = engine or settings.LAKE_ENGINE or DUCKDB
    if engine == DUCKDB or _is_address(engine):
        return engine
    raise BadEngine(
        _("The engine %(engine)s is not there. Use duckdb, or sc://host:port for a Spark Connect server.")
        % {"engine": engine}
    )


def shown(engine: str) -> str:
    """Name an engine without what its address may tell besides: a token, or who asks.

    >>> shown("sc://spark.example:15002/;token=abc")
    'sc://spark.example:15002'
    """
    if not _is_address(engine):
        return engine
    parts = urlsplit(engine)
    return f"{SPARK}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def reach(engine: str) -> None:
    """Look whether an engine answers; EngineAway says why it does not."""
    if engine != DUCKDB:
        from guanxi.warehouse import remote  # noqa: PLC0415 - brings the client of Spark, where it is installed

        with remote.opened(engine):
            return


@contextmanager
def moment(engine: str, types: dict[str, str] | None = None) -> Iterator[Reader]:
    """Open the latest moment of the lake on an engine; `types` are those of the parameters that will be given."""
    if engine == DUCKDB:
        with snapshot() as lake:
            yield lake
        return
    from guanxi.warehouse import remote  # noqa: PLC0415 - brings the client of Spark, where it is installed

    with remote.snapshot(engine, types or {}) as lake:
        yield lake


def _is_address(engine: str) -> bool:
    try:
        parts = urlsplit(engine)
        return parts.scheme == SPARK and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
