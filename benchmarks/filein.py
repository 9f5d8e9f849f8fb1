"""Reading a year of invoices as guarded batches, beside bare polars.read_csv of the same file in the same run.

GUANXI_DATA=../shared/data python benchmarks/filein.py
"""

import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import django
import polars as pl

FILE = Path(os.environ.get("GUANXI_DATA", "../shared/data")) / "online_retail" / "online_retail_2010_2011.csv.gz"
RUNS = 5


def ours(encoding: str | None = None) -> int:
    """Read the file as the import engine does."""
    from guanxi.guard.filein import open_table

    with open_table(FILE, encoding=encoding) as table:
        rows = sum(frame.height for frame in table.batches())
        assert table.take_rejects() == []
    return rows


def bare() -> int:
    """Read the file whole, as text, by the reference."""
    return pl.read_csv(FILE, infer_schema=False).height


def measured(read: Callable[[], int]) -> tuple[int, float]:
    """Return the rows and the median seconds."""
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        rows = read()
        seconds.append(time.perf_counter() - start)
    return rows, statistics.median(seconds)


def peak_mb() -> int:
    """Return the largest memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure, and print a line for each figure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
    django.setup()
    before = peak_mb()
    rows, cold = measured(ours)
    grown = peak_mb() - before  # before the whole file is held by the reference
    _, warm = measured(lambda: ours("utf-8"))
    same, reference = measured(bare)
    assert rows == same
    bare_rate = rows / reference
    for name, seconds in (("file_read", cold), ("file_read_known_encoding", warm)):
        print(f"{name} {rows / seconds:.0f} rows/s polars-read-csv {rows / seconds / bare_rate:.2f}")
    print(f"file_read_memory {grown} MB limit-600 {grown / 600:.2f}")


if __name__ == "__main__":
    main()
