"""A program of its own: one worksheet to an Arrow file of text, under limits of memory and time.

Run as `python -m guanxi.guard.sheet WORKBOOK TARGET SHEET`; one JSON object on standard output. A hostile workbook may
crash or exhaust this process, never the one that asked for it.
"""

import json
import resource
import sys
from typing import Any

MEMORY_BYTES = 4 * 1024**3
CPU_SECONDS = 120
BATCH_ROWS = 65_536


def main(workbook: str, target: str, sheet: str) -> dict[str, Any]:
    """Write the sheet (a name, or empty for the first one) and tell what there is."""
    import fastexcel  # noqa: PLC0415 - after the limits are set

    reader = fastexcel.read_excel(workbook)
    names = list(reader.sheet_names)
    if not names or (sheet and sheet not in names):
        return {"sheets": names, "rows": None}
    loaded = reader.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string")
    return {"sheets": names, "rows": _write(loaded.to_polars(), target)}


def _write(frame: Any, target: str) -> int:
    import polars as pl  # noqa: PLC0415 - after the limits are set

    frame.columns = [f"c{number}" for number in range(frame.width)]
    texts = [_readable(pl, column) for column in frame.iter_columns()]
    pl.DataFrame(texts).write_ipc(target, record_batch_size=BATCH_ROWS)
    return int(frame.height)


def _readable(pl: Any, column: Any) -> Any:
    """Spell a column of plain dates without midnight, and a time without the day that Excel counts from."""
    text = column.cast(pl.String)
    stamps = text.filter(text.str.contains(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"))
    if stamps.len() and stamps.str.ends_with(" 00:00:00").all():
        text = text.str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1")
    return text.str.replace(r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})", "$1")


def limit() -> None:
    """Bind this process to its memory and time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    sys.stdout.write(json.dumps(main(*sys.argv[1:4])) + "\n")
