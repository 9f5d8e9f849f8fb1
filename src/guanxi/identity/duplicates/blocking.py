"""Which pairs are looked at: those that share a value, or two, that few share.

Every column is tried, then every two of them; the most telling come first, until together they give more pairs than can
be looked at. A value that many share leaves its rule alone: a million people at one address are never compared with
each other by it, but may meet by another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from guanxi.identity.duplicates.preparation import LISTS

MOST_ALIKE = 100  # people who share a value and are still compared by it
PAIRS_A_PERSON = 60  # that are looked at on the average
MOST_RULES = 16
FEWEST_TO_LEARN = 20
LESSONS = 4


@dataclass(frozen=True)
class Rule:
    """A column of keys by which people meet: of which columns, the pairs it gives, the people it leaves out."""

    key: str
    columns: tuple[str, ...]
    pairs: int
    left_out: int


def block(people: pl.DataFrame) -> tuple[pl.DataFrame, list[Rule]]:
    """Add the columns of keys to people, and say the rules."""
    made = sorted(_made(people), key=lambda each: (len(each[0].columns), each[0].pairs, each[0].columns))
    rules, keys, pairs = list[Rule](), list[pl.Series](), 0
    for rule, key in made:
        within = pairs + rule.pairs <= PAIRS_A_PERSON * people.height and len(rules) < MOST_RULES
        if rule.pairs and (within or not rules) and not _is_covered(rule, rules):
            rules.append(rule)
            keys.append(key)
            pairs += rule.pairs
    return people.with_columns(keys), rules


def _is_covered(rule: Rule, rules: Sequence[Rule]) -> bool:
    """Tell whether whoever meets by this rule meets by another one already."""
    return any(not each.left_out and set(each.columns) <= set(rule.columns) for each in rules)


def _made(people: pl.DataFrame) -> Iterator[tuple[Rule, pl.Series]]:
    plain = [name for name, kind in people.schema.items() if kind == pl.String]
    for columns in [(name,) for name in plain] + list(combinations(plain, 2)):
        yield _rule(columns, people.select(pl.concat_str(columns, separator="|")).to_series())
    if {"given", "surname"} <= set(plain):
        yield _rule(("given or surname",), people.select(_either_order(plain)).to_series())
    for name in LISTS:
        if people.schema.get(name) == pl.List:
            yield _rule((name,), people[name])


def _either_order(columns: Sequence[str]) -> pl.Expr:
    names = [f"{name}_sound" if f"{name}_sound" in columns else name for name in ("given", "surname")]
    return pl.concat_list(names).list.drop_nulls().list.sort().list.join("|").replace("", None)


def _rule(columns: tuple[str, ...], values: pl.Series) -> tuple[Rule, pl.Series]:
    key = "block_" + "_".join(columns).replace(" ", "_")
    every = values.explode() if values.dtype == pl.List else values
    sizes = every.drop_nulls().value_counts(name="people")
    crowded = sizes.filter(pl.col("people") > MOST_ALIKE)
    few = sizes.filter(pl.col("people") <= MOST_ALIKE)["people"].cast(pl.Int64)
    rule = Rule(key, columns, int((few * (few - 1) // 2).sum()), int(crowded["people"].sum()))
    return rule, _without(values, crowded[every.name]).rename(key)


def _without(values: pl.Series, crowded: pl.Series) -> pl.Series:
    if not len(crowded):
        return values
    if values.dtype == pl.List:
        return values.list.set_difference(crowded.implode())
    return values.to_frame("key").select(pl.when(~pl.col("key").is_in(crowded.implode())).then("key")).to_series()


def lessons(people: pl.DataFrame, rules: Sequence[Rule]) -> list[tuple[str, ...]]:
    """Choose by which columns pairs are taken to learn the weights of the others from.

    They are the most telling ones, and at least two, so that no column is left out of every lesson. A column with values
    that many share gives too many pairs to learn from.
    """
    enough = [rule for rule in rules if rule.pairs >= FEWEST_TO_LEARN and not rule.left_out]
    alone = [rule.columns for rule in enough if len(rule.columns) == 1 and rule.columns[0] in people.columns]
    together = [rule.columns for rule in enough if len(rule.columns) == 2]
    return (alone if len(alone) > 1 else alone + together)[:LESSONS]
