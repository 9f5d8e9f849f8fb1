"""Questions of analysts: any SELECT over the lake, run in a process of its own that can read nothing else."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.warehouse import dialect, engines, near, queries
from guanxi.warehouse.queries import BadQuery
from guanxi.warehouse.reading import latest, views

SECONDS = 30
ROWS = 1_000_000
BYTES = 512 * 1024**2
LEAST_BYTES = 16 * 1024**2
MEMORY_BYTES = 2 * 1024**3
TOO_LONG, STOPPED = "Timeout", "Stopped"  # what is said of a query that was ended, beside the engine's own words
CAGE = Path(__file__).with_name("cage.py")  # run as a file: it imports nothing of ours
LOOK = 0.25  # seconds between two looks whether somebody stopped it


@dataclass(frozen=True)
class Answer:
    """The rows of a query; `truncated` where it had more than the limit allows."""

    rows: pa.Table
    truncated: bool


Read = tuple[pa.Table | None, str]


def _go_on() -> None:
    """Let it go on."""


def ask(
    query: str,
    *,
    rows: int = ROWS,
    seconds: int = SECONDS,
    engine: str = engines.DUCKDB,
    check: Callable[[], None] = _go_on,
) -> Answer:
    """Answer a query on the latest moment; a BadQuery says in one sentence why not.

    `check` is called a few times a second while the query runs, on DuckDB; what it raises ends the query.
    """
    queries.check(query)
    if engine != engines.DUCKDB:
        return _elsewhere(query, engine, rows=rows, seconds=seconds)
    scratch = settings.HOME / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sql-", dir=scratch) as own:
        return _run(_order(query, own, rows=rows, seconds=seconds), check)


def _elsewhere(query: str, engine: str, *, rows: int, seconds: int) -> Answer:
    """Answer through Spark Connect; only functions that mean the same there: others of Spark's run programs."""
    for stray in dialect.strange_functions(queries.parsed(query)):
        raise BadQuery(_("On this engine %(problem)s. Leave it out, or ask DuckDB.") % {"problem": stray})
    begun, found, left, size = monotonic(), [], rows, BYTES
    with engines.moment(engine) as now:
        reader = now.reader(query)
        for batch in reader:
            found.append(batch.slice(0, left))
            truncated = batch.num_rows > left or batch.nbytes > size
            left, size = left - found[-1].num_rows, size - batch.nbytes
            if monotonic() - begun > seconds:
                raise _too_long(seconds)
            if truncated:
                return Answer(pa.Table.from_batches(found, reader.schema), truncated=True)
    return Answer(pa.Table.from_batches(found, reader.schema), truncated=False)


def _order(query: str, scratch: str, *, rows: int, seconds: int) -> dict[str, Any]:
    plans = latest().of(query)
    return {
        "query": query,
        "views": list(views(query, plans, {})),
        "paths": [near.here(path) for plan in plans.values() for path in plan.paths],
        "scratch": scratch,
        "rows": rows,
        "seconds": seconds,
        "bytes": min(BYTES, max(LEAST_BYTES, rows * (BYTES // ROWS))),
        "memory_bytes": MEMORY_BYTES,
    }


def _run(order: dict[str, Any], check: Callable[[], None]) -> Answer:
    with (
        ThreadPoolExecutor(1) as hands,
        subprocess.Popen(
            [sys.executable, "-I", str(CAGE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd=order["scratch"],
            start_new_session=True,
        ) as child,
    ):
        reading = hands.submit(_read, child, order)
        try:
            rows, said = _awaited(reading, order["seconds"], check)
        finally:
            child.kill()
            hands.shutdown()  # the pipes are read to their end before they are closed
    return _answered(rows, _ending(said))


def _awaited(reading: "Future[Read]", seconds: int, check: Callable[[], None]) -> "Read":
    until = monotonic() + seconds
    while True:
        try:
            return reading.result(timeout=min(LOOK, max(until - monotonic(), 0)))
        except TimeoutError:
            if monotonic() >= until:
                raise _too_long(seconds) from None
            check()


def _too_long(seconds: int) -> BadQuery:
    said = {"seconds": seconds}
    text = _("The query took longer than %(seconds)s seconds. Ask for less at a time.") % said
    return BadQuery(text, said=TOO_LONG)


def _read(child: "subprocess.Popen[bytes]", order: dict[str, Any]) -> Read:
    """Hand over the order and read what comes, on a thread of its own."""
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise AssertionError("all three are pipes")
    rows = None
    with contextlib.suppress(OSError), child.stdin:  # a child that died early says why
        child.stdin.write(json.dumps(order).encode())
    with contextlib.suppress(pa.ArrowInvalid, OSError):  # the child's last words say why
        rows = pa.ipc.open_stream(child.stdout).read_all()
    return rows, child.stderr.read().decode(errors="replace")


def _answered(rows: pa.Table | None, ending: dict[str, Any]) -> Answer:
    if rows is None or "error" in ending:
        said = " ".join(ending.get("error", STOPPED).split())
        shown = {"error": said if "error" in ending else _("it was stopped")}
        text = _("The query cannot be answered: %(error)s.") % shown
        raise BadQuery(text, said=said, line=ending.get("line"), column=ending.get("column"))
    return Answer(rows, bool(ending.get("truncated")))


def _ending(said: str) -> dict[str, Any]:
    lines = said.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else {}
    except json.JSONDecodeError:
        found = {}
    return found if isinstance(found, dict) else {}
