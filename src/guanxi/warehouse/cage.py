"""The process in which an analyst's query runs: bounded, without files or network, killed by its parent on overrun.

Reads one order as JSON from standard input: the views, the files they read, the query and its limits. Writes the
result as an Arrow stream to standard output, and one JSON line to standard error: how it ended.
Knows nothing of the book.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

ADDRESS_SPACE = 4 * 1024**3  # beyond the engine's own limit, for what it does not count
BATCH_ROWS = 10_000


def main() -> None:
    """Run one order."""
    order = json.load(sys.stdin)
    try:
        _bound(order)
        ending = _answer(order)
    except (duckdb.Error, pa.ArrowInvalid, MemoryError) as error:
        ending = _told(str(error) or "Out of memory")
    sys.stdout.flush()
    print(json.dumps(ending), file=sys.stderr)


def _bound(order: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"] * 8, order["seconds"] * 8 + 1))
    space = order["memory_bytes"] + ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (space, space))


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    with _locked(order) as engine:
        statements = engine.extract_statements(order["query"])
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return {"error": "This is not one SELECT"}
        try:
            found = engine.sql(order["query"]).to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            return _placed(engine, order["query"], error)
        truncated = False
        with pa.ipc.new_stream(sys.stdout.buffer, found.schema) as out:
            for batch, truncated in _limited(found, order["rows"], order["bytes"]):  # noqa: B007 - the last one counts
                out.write_batch(batch)
    return {"truncated": truncated}


def _placed(engine: "duckdb.DuckDBPyConnection", query: str, error: duckdb.Error) -> dict[str, Any]:
    """Say what is wrong, and where: a relation leaves that out, an explanation of the same does not."""
    if "LINE " not in str(error):
        try:
            engine.execute(f"explain\n{query}")
        except duckdb.Error as again:
            return _told(str(again), above=1)
    return _told(str(error))


def _told(said: str, *, above: int = 0) -> dict[str, Any]:
    """Take an error apart: its first paragraph, and the line and column under which it draws its arrows, from 1."""
    told: dict[str, Any] = {"error": said.split("\n\n", maxsplit=1)[0].strip()}
    if drawn := re.search(r"\nLINE (\d+): (.*)\n( *)\^", said):
        told["line"] = int(drawn[1]) - above
        if not drawn[2].startswith("..."):
            told["column"] = len(drawn[3]) - len(f"LINE {drawn[1]}: ") + 1
    return told


def _locked(order: dict[str, Any]) -> "duckdb.DuckDBPyConnection":
    """Open the engine, make the views, and take everything else away: the order of these steps is the lock."""
    engine = duckdb.connect(
        config={
            "memory_limit": f"{order['memory_bytes']}B",
            "temp_directory": order["scratch"],
            "max_temp_directory_size": "4GB",
            "threads": 2,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    for statement in order["views"]:
        engine.execute(statement)
    engine.execute("set allowed_paths = $paths", {"paths": order["paths"]})
    engine.execute("set enable_external_access = false")
    engine.execute("set lock_configuration = true")
    return engine


def _limited(found: pa.RecordBatchReader, rows: int, size: int) -> Iterator[tuple[pa.RecordBatch, bool]]:
    for batch in found:
        part = _fitting(batch.slice(0, rows), size)
        rows, size = rows - part.num_rows, size - part.nbytes
        over = part.num_rows < batch.num_rows
        yield part, over
        if over:
            return


def _fitting(part: pa.RecordBatch, size: int) -> pa.RecordBatch:
    """Halve a piece until it fits: one row may hold a text of many megabytes."""
    while part.nbytes > size and part.num_rows:
        part = part.slice(0, part.num_rows // 2)
    return part


if __name__ == "__main__":
    main()
