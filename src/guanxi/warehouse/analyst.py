"""Questions of analysts: any SELECT over the lake, run in a process of its own that can read nothing else."""

import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from threading import Timer
from time import monotonic
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.warehouse import dialect, engines, queries
from guanxi.warehouse.queries import BadQuery
from guanxi.warehouse.reading import latest, views

SECONDS = 30
ROWS = 1_000_000
BYTES = 512 * 1024**2
MEMORY_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Answer:
    """The rows of a query; `truncated` where it had more than the limit allows."""

    rows: pa.Table
    truncated: bool


def ask(query: str, *, rows: int = ROWS, seconds: int = SECONDS, engine: str = engines.DUCKDB) -> Answer:
    """Answer a query on the latest moment; a BadQuery says in one sentence why not."""
    queries.check(query)
    if engine != engines.DUCKDB:
        return _elsewhere(query, engine, rows=rows, seconds=seconds)
    scratch = settings.HOME / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sql-", dir=scratch) as own:
        return _run(_order(query, own, rows=rows, seconds=seconds), seconds)


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
        "paths": [path for plan in plans.values() for path in plan.paths],
        "scratch": scratch,
        "rows": rows,
        "seconds": seconds,
        "bytes": BYTES,
        "memory_bytes": MEMORY_BYTES,
    }


def _run(order: dict[str, Any], seconds: int) -> Answer:
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "guanxi.warehouse.cage"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd=order["scratch"],
        start_new_session=True,
    ) as child:
        killer = Timer(seconds, child.kill)
        killer.start()
        try:
            return _read(child, order)
        finally:
            in_time = killer.is_alive()
            killer.cancel()
            child.kill()
            if not in_time:
                raise _too_long(seconds)


def _too_long(seconds: int) -> BadQuery:
    said = {"seconds": seconds}
    return BadQuery(_("The query took longer than %(seconds)s seconds. Ask for less at a time.") % said)


def _read(child: "subprocess.Popen[bytes]", order: dict[str, Any]) -> Answer:
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise AssertionError("all three are pipes")
    with child.stdin:
        child.stdin.write(json.dumps(order).encode())
    rows = None
    with contextlib.suppress(pa.ArrowInvalid, OSError):  # the child's last words say why
        rows = pa.ipc.open_stream(child.stdout).read_all()
    ending = _ending(child.stderr.read().decode(errors="replace"))
    if rows is None or "error" in ending:
        said = " ".join(ending.get("error", _("it was stopped")).split())
        raise BadQuery(_("The query cannot be answered: %(error)s.") % {"error": said})
    return Answer(rows, bool(ending.get("truncated")))


def _ending(said: str) -> dict[str, Any]:
    lines = said.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else {}
    except json.JSONDecodeError:
        found = {}
    return found if isinstance(found, dict) else {}
