"""The weights of every level, learned from the people themselves by Splink, and the scores of pairs.

A weight is the binary logarithm of how much likelier a level is for one person told twice than for two strangers
(Fellegi & Sunter 1969). How likely strangers stand on it is counted on pairs drawn at random; how likely true pairs do
is estimated by expectation maximisation (Winkler 1988) on pairs that share a telling column. How many of all pairs are
true is estimated last, from the scores.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from guanxi.identity.duplicates.blocking import Rule, block, lessons
from guanxi.identity.duplicates.comparisons import Ladder, ladders, measure_in
from guanxi.warehouse import engine

if TYPE_CHECKING:
    from splink import Linker, SettingsCreator

DRAWN = 1_000_000  # pairs at random
SEED = 1
CHUNKS = 3  # that pairs are drawn in, until every level has a hundred; each costs a plan of its own
ENOUGH = 200  # people; of fewer nothing is learned, and the usual weights hold
FEW = 20  # true pairs that the usual weights count as, beside those that are learned from
ROUNDS = 100


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


def score(prepared: pl.DataFrame, *, prior: float | None = None) -> Scores:
    """Look for pairs among prepared people (`preparation.prepare`), learn the weights and weigh each pair.

    `prior` is the share of true pairs where it is known from elsewhere; these people are then a selection, from
    which no weight is learned either.
    """
    steps = tuple(ladders({name: kind == pl.List for name, kind in prepared.schema.items()}))
    people, rules = block(prepared)
    if not rules:
        return Scores(_none(steps), prior or 0.0, steps, ())
    many = people.height >= ENOUGH and prior is None  # of few, how rare a value is cannot be told either
    with engine.connect() as connection:
        measure_in(connection)
        settings: Any = _settings(people, [ladder.told(rarity=many) for ladder in steps], rules)
        if many:
            settings = _learned(connection, people, settings, lessons(prepared, rules))
        found = _linker(connection, people, settings).inference.predict().as_duckdbpyrelation().pl()
    return Scores(*_placed(found, people.height, steps, prior), steps, tuple(rules))


def _settings(people: pl.DataFrame, told: list[Any], rules: Sequence[Rule]) -> "SettingsCreator":
    from splink import SettingsCreator, block_on  # noqa: PLC0415 - half a second, few need it

    lists = {rule.key: [rule.key] if people.schema[rule.key] == pl.List else None for rule in rules}
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=told,
        blocking_rules_to_generate_predictions=[block_on(key, arrays_to_explode=many) for key, many in lists.items()],
        probability_two_random_records_match=1 / people.height,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )


def _linker(connection: Any, people: pl.DataFrame, settings: Any) -> "Linker":
    from splink import DuckDBAPI, Linker  # noqa: PLC0415 - as above

    logging.getLogger("splink").setLevel(logging.ERROR)
    return Linker(DuckDBAPI(connection).register(people.to_arrow()), settings, validate_settings=False, log_level=None)


@dataclass(frozen=True)
class Lesson:
    """What the pairs of one rule taught: the share of true pairs on each (column, level), and how many there were."""

    shares: dict[tuple[str, str], float]
    bits: float
    true: float


def _learned(connection: Any, people: pl.DataFrame, settings: Any, by: Sequence[Rule]) -> dict[str, Any]:
    """Learn from some rules' pairs, and mix it with the usual weights."""
    from splink import block_on  # noqa: PLC0415 - as above

    linker = _linker(connection, people, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=DRAWN, seed=SEED, num_chunks=CHUNKS)
    told, taught = linker.misc.save_model_to_json(), list[Lesson]()
    for rule in by:
        try:
            session = linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule.columns), estimate_without_term_frequencies=True
            )
        except ValueError:  # there is no true pair, and a share went below what a float can hold; Splink is not whole
            linker = _linker(connection, people, told)
        else:
            taught.append(_lesson(session.core_model_settings, rule))
    drawn = min(DRAWN, people.height * (people.height - 1) / 2)
    sound = [lesson for lesson in taught if lesson.bits > math.log2(people.height)]
    return tempered(told, sound, drawn=drawn)


def _lesson(core: Any, rule: Rule) -> Lesson:
    """Read a lesson: its bits are the evidence that one of its true pairs has on the average.

    Where that is less than the odds against any two people, what was found are coincidences and no true pairs.
    """
    shares, bits = {}, 0.0
    for comparison in core.comparisons:
        for level in comparison.comparison_levels:
            if not level.is_null_level:
                m, u = (float(each or 0) for each in (level.m_probability, level.u_probability))
                shares[comparison.output_column_name, level.label_for_charts] = m
                bits += m * math.log2(m / u) if m and u else 0.0
    return Lesson(shares, bits, core.probability_two_random_records_match * rule.pairs)


def tempered(told: dict[str, Any], by: Sequence[Lesson], *, drawn: float) -> dict[str, Any]:
    """Mix the shares that lessons taught, each by its true pairs, with the usual ones, which count as a few.

    A level on which none of the pairs drawn at random stood is held as likely by chance as one of them.
    """
    for comparison in told["comparisons"]:
        for rung in comparison["comparison_levels"]:
            if not rung.get("is_null_level"):
                place = comparison["output_column_name"], rung["label_for_charts"]
                said = [(lesson.true, lesson.shares[place]) for lesson in by if place in lesson.shares]
                said.append((FEW, rung["m_probability"]))
                rung["m_probability"] = sum(true * share for true, share in said) / sum(true for true, _share in said)
                rung.setdefault("u_probability", 1 / drawn)
    return told


def _placed(
    found: pl.DataFrame, people: int, steps: Sequence[Ladder], prior: float | None
) -> tuple[pl.DataFrame, float]:
    """Put the pairs in order, and their weights on a share of true pairs: the one that they themselves tell."""
    evidence = found.select(_evidence(found, steps)).to_series().to_numpy()
    prior = prior or share_of_true(evidence, people * (people - 1) / 2)
    weighed = found.with_columns(weight=pl.Series(evidence + np.log2(prior / (1 - prior))))
    left, right = pl.min_horizontal("unique_id_l", "unique_id_r"), pl.max_horizontal("unique_id_l", "unique_id_r")
    told = [left.alias("left"), right.alias("right"), "weight"]
    for ladder in steps:
        told += [pl.col(f"gamma_{ladder.column}"), _weight(found, ladder).alias(f"mw_{ladder.column}")]
    return weighed.select(told).sort("left", "right"), prior


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
