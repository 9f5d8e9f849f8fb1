"""Backups of the demo shop while two users read pages: how long the slowest page takes, and before.

Run with `python -m benchmarks.backup`; a demo shop that is there already is named by GUANXI_HOME. Prints
`name value unit ratio-to-what ratio` lines.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.imports import reading_pages

PAGE_MS = 500
BACKUPS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "5"))
QUIET_S = 10


def main() -> None:
    """Make the shop, then take backups one after the other under load."""
    home = Path(os.environ["GUANXI_HOME"])
    guanxi("demo", "--no-serve", "--json")
    with tempfile.TemporaryDirectory(prefix="guanxi-backups-") as folder, reading_pages(home) as waits:
        waits.clear()
        time.sleep(QUIET_S)
        before = max(waits) * 1000
        waits.clear()
        done = [guanxi("backup", f"{folder}/{number}.backup", "--json") for number in range(BACKUPS)]
        slowest = max(waits) * 1000
    seconds = sum(each["seconds"] for each in done) / BACKUPS
    print(f"page_before_backup {before:.0f} ms limit_500_ms {before / PAGE_MS:.2f}", flush=True)
    print(f"page_during_backup {slowest:.0f} ms limit_500_ms {slowest / PAGE_MS:.2f}", flush=True)
    print(f"backup_of_demo {seconds:.1f} s rows_{done[0]['rows']} {done[0]['bytes'] / 1024**2:.1f}", flush=True)


def guanxi(*arguments: str) -> dict[str, float]:
    """Run a command and give what it answers."""
    done = subprocess.run([sys.executable, "-m", "guanxi", *arguments], check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main()
