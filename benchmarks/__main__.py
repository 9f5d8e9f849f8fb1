"""Run the benchmarks one after the other: `python -m benchmarks [--write] [NAME …]`.

Each is a module that prints lines `name value unit ratio-to-what ratio`, the reference measured in the same run, in a
home of its own. `--write` puts the figures into docs/benchmarks.md. A broken promise of LIMITS makes the run fail.
"""

import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "docs" / "benchmarks.md"
TABLE = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)
LINE = re.compile(r"(?P<name>[a-z]\w*) (?P<value>[\d.]+) (?P<unit>\S+) (?P<beside>\S+) (?P<ratio>[\d.]+)")
LIMITS = {  # the ratio that has to be kept: at least, or at most
    "what_if_limits": (None, 1.0),
    "import_rows": (4.0, None),
    "import_memory": (None, 1.0),
    "import_ten_times": (None, 12.0),
    "page_p99_during_import": (None, 1.0),
    "page_during_backup": (None, 1.0),
    "audit_verify_100000": (None, 1.0),
    "masking_on_worst_page": (None, 1.1),
    "duplicates_febrl1_f1": (1.0, None),
    "duplicates_febrl3_f1": (1.0, None),
    "duplicates_febrl3_time": (None, 1.3),
    "sync_new_orders": (1.0, None),
    "small_sync": (None, 1.5),
    "mart_written": (None, 1.5),
    "rfm_mart_written": (None, 1.5),
    "slowest_page_p95": (None, 1.0),
    "home_p95": (None, 1.0),
    "api_list_p95": (None, 1.0),
    "api_one_p95": (None, 1.0),
    "api_customers_added": (1.0, None),
    "partition": (None, 3.0),
    "book_resolved": (None, 1.0),
    "book_step_p99": (None, 1.0),
    "resolve_p99": (None, 1.0),
    "timeline_page_first_p95": (None, 1.0),
    "timeline_page_p95": (None, 1.0),
    "timeline_page_processor_p95": (None, 1.0),
    "funnel_in_a_second": (None, 1.0),
    "collect_batches": (5.0, None),
    "collect_batch_p99": (None, 1.0),
    "collect_single_p99": (None, 1.0),
    "stream_page_p99": (None, 1.0),
    "stream_memory": (None, 1.0),
    "stream_highest": (1.0, None),
    "value_fit": (30.0, None),
    "value_forecast": (8.0, None),
    "value_parameters": (None, 1.0),
    "recommend_fit": (1.0, None),
    "recommend_top10": (1.0, None),
    "recommend_memory": (None, 1.0),
    "slowest_insight_p95": (None, 1.0),
    "marts_anew": (None, 1.0),
    "marts_after_a_day": (None, 1.0),
    "marts_memory": (None, 1.0),
}


def names() -> list[str]:
    """Name the benchmarks there are."""
    return sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))


def run(name: str) -> list[re.Match[str]]:
    """Run one benchmark, showing its lines as they come, and return them."""
    found = []
    with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as home:
        process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{name}"],
            cwd=FOLDER.parent,
            env={**os.environ, "GUANXI_HOME": home, "TMPDIR": home},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            if match := LINE.fullmatch(line.strip()):
                found.append(match)
        if process.wait():
            sys.exit(f"The benchmark {name} failed.")
    return found


def broken(line: re.Match[str]) -> str | None:
    """Say which promise a line breaks."""
    least, most = LIMITS.get(line["name"], (None, None))
    ratio = float(line["ratio"])
    if (least is None or ratio >= least) and (most is None or ratio <= most):
        return None
    wanted = f"at least {least}" if least is not None else f"at most {most}"
    return f"{line['name']} is {ratio} of {line['beside']}, and has to be {wanted}."


def table(figures: dict[str, list[re.Match[str]]]) -> str:
    """Draw the figures as a table, with the machine they were measured on."""
    rows = [
        f"| {name} | {line['name']} | {float(line['value']):,g} {line['unit']} | {line['beside']} | {line['ratio']} |"
        for name, lines in figures.items()
        for line in lines
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    head = "| benchmark | figure | value | beside | ratio |\n|---|---|---:|---|---:|"
    return f"\nMeasured on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {machine}.\n\n{head}\n" + "\n".join(rows) + "\n\n"


def main(arguments: list[str]) -> None:
    """Run the benchmarks named, or all of them."""
    chosen = [name for name in arguments if name != "--write"] or names()
    if unknown := set(chosen) - set(names()):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names())}.")
    figures = {name: run(name) for name in chosen}
    if "--write" in arguments:
        PAGE.write_text(TABLE.sub(lambda _: table(figures), PAGE.read_text()))
    if problems := [problem for lines in figures.values() for line in lines if (problem := broken(line))]:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main(sys.argv[1:])
