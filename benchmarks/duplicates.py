"""What finding duplicates takes beside bare Splink, and how well they are found.

Run with `python -m benchmarks.duplicates [FILE …]`; GUANXI_DATA names the public data sets. Bare Splink gets the prepared
people, the same comparisons, blocking rules and lessons, and ends with its predictions; ours reads the file, prepares the
people and decides who is whom as well. They take turns, and the processor's time counts, so that other work on the machine
does not. Prints `name value unit ratio-to-what ratio` lines; of a measure the promise is what it is beside.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from guanxi.identity.duplicates import blocking, comparisons, evaluating, model, preparation, reading
from guanxi.warehouse import engine

DATA = Path(os.environ.get("GUANXI_DATA", "../shared/data")) / "record_linkage"
ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "3"))
PROMISED = {"febrl1": 0.99, "febrl3": 0.985}
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


def bare(people: pl.DataFrame) -> int:
    """Train and predict by Splink alone."""
    steps = comparisons.ladders({name: kind == pl.List for name, kind in people.schema.items()})
    keyed, rules = blocking.block(people)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[ladder.told() for ladder in steps],
        blocking_rules_to_generate_predictions=[block_on(rule.key) for rule in rules],
        probability_two_random_records_match=1 / people.height,
        retain_intermediate_calculation_columns=True,
    )
    with engine.connect() as connection:
        linker = Linker(DuckDBAPI(connection).register(keyed.to_arrow()), settings, log_level=None)
        linker.training.estimate_u_using_random_sampling(max_pairs=model.DRAWN, seed=model.SEED)
        for columns in blocking.lessons(people, rules):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns), estimate_without_term_frequencies=True
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
        people, taken, reference = prepared(name), [], []
        for _round in range(ROUNDS):
            reference.append(measured(lambda people=people: bare(people)))  # type: ignore[misc]
            since = time.process_time()
            found = ours(name)
            taken.append(time.process_time() - since)
        promise = PROMISED.get(name, 1.0)
        print(f"duplicates_{name}_f1 {found.f1} of_1 promise_{promise} {found.f1 / promise:.3f}", flush=True)
        print(f"duplicates_{name}_precision {found.precision} of_1 perfect {found.precision}", flush=True)
        print(f"duplicates_{name}_recall {found.recall} of_1 perfect {found.recall}", flush=True)
        both = statistics.median(taken), statistics.median(reference)
        print(f"duplicates_{name}_time {both[0]:.2f} s-of-processor bare_splink {both[0] / both[1]:.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
