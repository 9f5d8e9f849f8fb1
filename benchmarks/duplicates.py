"""What finding duplicates takes beside bare Splink, and how well they are found.

Run with `python -m benchmarks.duplicates [FILE …]`; GUANXI_DATA names the public data sets. Bare Splink gets the
prepared people, its own ordinary comparisons, and the same blocking rules and lessons, and ends with its predictions;
ours reads the file, prepares the people and decides who is whom as well. They take turns, and the processor's time
counts, so that other work on the machine does not. `duplicates_…_time_same` is beside Splink with our comparisons: what
the rest of ours takes. Prints `name value unit ratio-to-what ratio` lines; of a measure its promise is the reference.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

import polars as pl
import splink.comparison_library as ordinary
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from guanxi.identity.duplicates import blocking, comparisons, evaluating, model, preparation, reading
from guanxi.warehouse import engine

DATA = Path(os.environ.get("GUANXI_DATA", "../shared/data")) / "record_linkage"
ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "3"))
PROMISED = {"duplicates_febrl1_f1": 0.99, "duplicates_febrl3_f1": 0.985}
TIMED = {"febrl3": "duplicates_febrl3_time"}  # promised as well: at most 1.3 of bare Splink
FEBRL = {
    "given_name": "given_name", "surname": "surname", "birthday": "date_of_birth", "street": "address_1",
    "city": "suburb", "postcode": "postcode", "province": "state",
}  # fmt: skip
FAKE = {"given_name": "first_name", "surname": "surname", "birthday": "dob", "city": "city", "email": "email"}
FILES = {
    "febrl1": ("febrl_dataset1.csv", FEBRL, "febrl", ("soc_sec_id",)),
    "febrl3": ("febrl_dataset3.csv", FEBRL, "febrl", ("soc_sec_id",)),
    "fake_1000": ("fake_1000.csv", FAKE, "cluster:cluster", ()),
}


def ours(name: str) -> evaluating.Evaluation:
    """Find the duplicates of a file from its first byte to who is whom."""
    file, fields, truth, without = FILES[name]
    columns = reading.Columns(fields={field: (column,) for field, column in fields.items()}, layout={})
    return evaluating.evaluate([DATA / file], columns, truth=truth, without=without)


def prepared(name: str) -> pl.DataFrame:
    """Read and prepare a file, for the reference."""
    file, fields, truth, without = FILES[name]
    columns = reading.Columns(fields={field: (column,) for field, column in fields.items()}, layout={})
    return preparation.prepare(reading.read([DATA / file], columns, truth=truth, without=without).people)


def compared(column: str) -> Any:
    """Choose of Splink's own comparisons what its guide names for such a column."""
    if column in {"given", "surname"}:
        return ordinary.NameComparison(column)
    if column == "birthday":
        return ordinary.DamerauLevenshteinAtThresholds(column, [1, 2])
    if column == "emails":
        return ordinary.EmailComparison(column)
    kind = ordinary.ExactMatch if column in comparisons.SHORT else ordinary.JaroWinklerAtThresholds
    return kind(column).configure(term_frequency_adjustments=True)


def its_own(people: pl.DataFrame) -> list[Any]:
    """Compare every column as Splink ordinarily does."""
    return [compared(name) for name in people.columns if name != "unique_id" and not name.endswith("_sound")]


def the_same(people: pl.DataFrame) -> list[Any]:
    """Compare every column as ours does."""
    kinds = {name: kind == pl.List for name, kind in people.schema.items()}
    return [ladder.told() for ladder in comparisons.ladders(kinds)]


def bare(people: pl.DataFrame, compare: Callable[[pl.DataFrame], list[Any]]) -> int:
    """Train and predict by Splink alone."""
    keyed, rules = blocking.block(people)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=compare(people),
        blocking_rules_to_generate_predictions=[block_on(rule.key) for rule in rules],
        probability_two_random_records_match=1 / people.height,
        retain_intermediate_calculation_columns=True,
    )
    with engine.connect() as connection:
        comparisons.measure_in(connection)
        linker = Linker(DuckDBAPI(connection).register(keyed.to_arrow()), settings, log_level=None)
        linker.training.estimate_u_using_random_sampling(max_pairs=model.DRAWN, seed=model.SEED)
        for rule in blocking.lessons(people, rules):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule.columns), estimate_without_term_frequencies=True
            )
        return linker.inference.predict().as_duckdbpyrelation().pl().height


def measured(run: Callable[[], object]) -> float:
    """Return the processor's seconds of one run."""
    since = time.process_time()
    run()
    return time.process_time() - since


def main(names: list[str]) -> None:
    """Measure the files named, or all; of each how well, and beside Splink how long."""
    for name in names or list(FILES):
        people, found = prepared(name), ours(name)  # once before the clock, so that nothing is loaded under it
        rounds = [_round(name, people) for _ in range(ROUNDS)]
        taken, own, same = (statistics.median(each) for each in zip(*rounds, strict=True))
        for measure in ("f1", "precision", "recall"):
            value, promise = getattr(found, measure), PROMISED.get(f"duplicates_{name}_{measure}", 1.0)
            print(f"duplicates_{name}_{measure} {value} of_1 promise_{promise} {value / promise:.3f}", flush=True)
        timed = TIMED.get(name, f"duplicates_{name}_time")
        print(f"{timed} {taken:.2f} s-of-processor bare_splink {taken / own:.2f}", flush=True)
        print(f"duplicates_{name}_time_same {taken:.2f} s-of-processor same_comparisons {taken / same:.2f}", flush=True)


def _round(name: str, people: pl.DataFrame) -> tuple[float, float, float]:
    own, same = (measured(lambda compare=compare: bare(people, compare)) for compare in (its_own, the_same))  # type: ignore[misc]
    return measured(lambda: ours(name)), own, same


if __name__ == "__main__":
    main(sys.argv[1:])
