"""The weights of every level, learned from the people themselves by Splink, and the scores of pairs.

A weight is the binary logarithm of how much likelier a level is for one person told twice than for two strangers
(Fellegi & Sunter 1969). How likely strangers stand on it is counted on pairs drawn at random; how likely true pairs do is
estimated by expectation maximisation (Winkler 1988) on pairs that share a telling column. How many of all pairs are true is
estimated last, from the scores.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from guanxi.identity.duplicates.blocking import Rule, block, lessons
from guanxi.identity.duplicates.comparisons import Ladder, ladders
from guanxi.warehouse import engine

if TYPE_CHECKING:
    from splink import Linker

DRAWN = 1_000_000  # pairs at random
SEED = 1
ENOUGH = 200  # people; of fewer nothing is learned, and the usual weights hold
ROUNDS = 100
LEAST_WEIGHT = -10.0  # of a pair that is kept: once in a thousand


@dataclass(frozen=True)
class Scores:
    """Pairs of people that were looked at.

    `pairs` has `left` and `right` (positions, left < right), `weight` (log2 odds that both are one person) and for
    every ladder `gamma_…` (the level) and `mw_…` (what it adds, with the rarity of the value).
    """

    pairs: pl.DataFrame
    prior: float
    ladders: tuple[Ladder, ...]
    rules: tuple[Rule, ...]


def score(prepared: pl.DataFrame) -> Scores:
    """Look for pairs among prepared people (`preparation.prepare`), learn the weights and weigh each pair."""
    steps = tuple(ladders({name: kind == pl.List for name, kind in prepared.schema.items()}))
    people, rules = block(prepared)
    if not rules:
        return Scores(_none(steps), 0.0, steps, ())
    with engine.connect() as connection:
        linker = _linker(connection, people, steps, rules)
        if people.height >= ENOUGH:
            _learn(linker, lessons(prepared, rules))
        found = linker.inference.predict().as_duckdbpyrelation().pl()
    return Scores(*_placed(found, people.height, steps), steps, tuple(rules))


def _linker(connection: Any, people: pl.DataFrame, steps: Sequence[Ladder], rules: Sequence[Rule]) -> "Linker":
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415 - half a second, few need it

    logging.getLogger("splink").setLevel(logging.ERROR)
    lists = {rule.key: [rule.key] if people.schema[rule.key] == pl.List else None for rule in rules}
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[ladder.told() for ladder in steps],
        blocking_rules_to_generate_predictions=[block_on(key, arrays_to_explode=many) for key, many in lists.items()],
        probability_two_random_records_match=1 / people.height,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    api = DuckDBAPI(connection)
    return Linker(api.register(people.to_arrow(), table_name="people"), settings, log_level=None)


def _learn(linker: "Linker", from_pairs: Sequence[tuple[str, ...]]) -> None:
    from splink import block_on  # noqa: PLC0415 - as above

    linker.training.estimate_u_using_random_sampling(max_pairs=DRAWN, seed=SEED)
    for columns in from_pairs:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), estimate_without_term_frequencies=True
        )


def _placed(found: pl.DataFrame, people: int, steps: Sequence[Ladder]) -> tuple[pl.DataFrame, float]:
    """Put the pairs in order, and their weights on the share of true pairs that they themselves tell."""
    evidence = found.select(_evidence(found, steps)).to_series().to_numpy()
    prior = share_of_true(evidence, people * (people - 1) / 2)
    weighed = found.with_columns(weight=pl.Series(evidence + np.log2(prior / (1 - prior))))
    left, right = pl.min_horizontal("unique_id_l", "unique_id_r"), pl.max_horizontal("unique_id_l", "unique_id_r")
    told = [left.alias("left"), right.alias("right"), "weight"]
    for ladder in steps:
        told += [pl.col(f"gamma_{ladder.column}"), _weight(found, ladder).alias(f"mw_{ladder.column}")]
    return weighed.filter(pl.col("weight") >= LEAST_WEIGHT).select(told).sort("left", "right"), prior


def _weight(found: pl.DataFrame, ladder: Ladder) -> pl.Expr:
    parts = [name for name in (f"mw_{ladder.column}", f"mw_tf_adj_{ladder.column}") if name in found.columns]
    return pl.sum_horizontal(parts)


def _evidence(found: pl.DataFrame, steps: Sequence[Ladder]) -> pl.Expr:
    return pl.sum_horizontal([_weight(found, ladder) for ladder in steps])


def share_of_true(evidence: "np.ndarray[Any, Any]", pairs: float) -> float:
    """Estimate which share of all pairs is true from the evidence (log2) of those looked at; the others are held false.

    >>> round(share_of_true(np.array([30.0] * 5 + [-20.0] * 95), 1000), 4)
    0.005
    """
    prior = 1 / max(pairs, 2)
    share = max(len(evidence), 1) / 2 / max(pairs, 2)
    for _ in range(ROUNDS):
        odds = np.clip(evidence + np.log2(share / (1 - share)), -500, 500)
        better = min(max(float((1 / (1 + 2.0**-odds)).sum()) / max(pairs, 2), prior), 0.5)
        if abs(better - share) < 1e-4 * share:
            break
        share = better
    return share


def _none(steps: Sequence[Ladder]) -> pl.DataFrame:
    told: dict[str, Any] = {"left": pl.Int64, "right": pl.Int64, "weight": pl.Float64}
    for ladder in steps:
        told |= {f"gamma_{ladder.column}": pl.Int32, f"mw_{ladder.column}": pl.Float64}
    return pl.DataFrame(schema=told)
