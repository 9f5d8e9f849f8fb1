"""How well duplicates are found in people whose truth is known: pairs found, pairs there are, and what both share."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from guanxi.identity.duplicates import grouping, model
from guanxi.identity.duplicates.preparation import prepare
from guanxi.identity.duplicates.reading import Columns, read


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Counts of pairs, and the three measures; a measure of nothing is 1, for nothing is wrong or missing."""

    pairs: int
    true_pairs: int
    precision: float
    recall: float
    f1: float
    seconds: float

    @property
    def facts(self) -> dict[str, Any]:
        """What `--json` shows."""
        return asdict(self)


def evaluate(files: Sequence[Path], columns: Columns, *, truth: str, without: Sequence[str] = ()) -> Evaluation:
    """Find duplicates in one file, or between two, and compare with the truth.

    Of two files only pairs across them count. BadPeople where the files cannot be compared.
    """
    since = time.perf_counter()
    sample = read(files, columns, truth=truth, without=without)
    prepared = prepare(sample.people)
    found = grouping.groups(model.score(prepared).pairs, prepared.height)
    seconds = time.perf_counter() - since
    people = pl.DataFrame({"found": found, "truth": sample.truth, "origin": sample.origin})
    return measured(people, seconds)


def measured(people: pl.DataFrame, seconds: float = 0.0) -> Evaluation:
    """Compare who was found to be whom with who is.

    >>> measured(pl.DataFrame({"found": [0, 0, 2, 3], "truth": ["a", "a", "b", "b"], "origin": [0, 0, 0, 0]})).f1
    0.6667
    """
    pairs, true = _pairs(people, "found"), _pairs(people, "truth")
    hit = _pairs(people, "found", "truth")
    return Evaluation(
        pairs=pairs,
        true_pairs=true,
        precision=round(hit / pairs, 4) if pairs else 1.0,
        recall=round(hit / true, 4) if true else 1.0,
        f1=round(2 * hit / (pairs + true), 4) if pairs + true else 1.0,
        seconds=round(seconds, 2),
    )


def _pairs(people: pl.DataFrame, *by: str) -> int:
    """Count the pairs that share `by`: of one file all, of two those across."""
    known = people.drop_nulls(list(by))
    sizes = known.group_by(by).agg(all=pl.len(), first=(pl.col("origin") == 0).sum()).cast({"all": pl.Int64, "first": pl.Int64})
    second = pl.col("all") - pl.col("first")
    across = pl.col("first") * second if people["origin"].max() else pl.col("all") * (pl.col("all") - 1) // 2
    return int(sizes.select(across.sum()).item())
