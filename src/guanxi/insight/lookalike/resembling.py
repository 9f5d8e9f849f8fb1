"""Find who resembles a set of customers and has not bought: learned on some, tried on others, told with reasons."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.random import default_rng

from guanxi.core.errors import Refused
from guanxi.insight.lookalike.likeness import Flags, Likeness, lifts
from guanxi.insight.lookalike.traits import Traits
from guanxi.pages import formats

FEWEST, FEWEST_OTHERS = 50, 50
HELD = 0.3
MOST_OTHERS = 100_000  # that a model is fitted to, drawn at random
SEED = 7
REASONS = 3
MOST = 1_000


class TooFew(Refused):
    """There are too few people to tell a set from the others."""


@dataclass(frozen=True)
class Found:
    """Who resembles the set: ids, likeliest first, how many times likelier than anybody, and by which traits."""

    inside: int
    others: int
    prospects: int
    held: int
    lifts: list[float]
    people: list[tuple[int, float, list[int]]]
    speaking: list[tuple[int, float]]

    def facts(self, traits: Traits) -> dict[str, Any]:
        """Spell it for a record."""
        return {
            "inside": self.inside, "others": self.others, "prospects": self.prospects, "held": self.held,
            "lifts": self.lifts,
            "traits": [[each.field, each.value] for each in traits.names],
            "speaking": [[at, round(weight, 4)] for at, weight in self.speaking],
            "people": [[key, round(times, 3), why] for key, times, why in self.people],
        }  # fmt: skip


def resembling(traits: Traits, ids: set[int], *, most: int = MOST) -> Found:
    """Find who resembles those of these ids; raises TooFew, saying what is missing."""
    inside = np.isin(traits.people, np.fromiter(ids, np.int64, len(ids)))
    prospects = ~inside & ~traits.has_bought
    _check(traits, inside, prospects)
    rows = _drawn(inside)
    held = _held(inside[rows])
    tried = Likeness.fit(traits.figures[rows[~held]], inside[rows[~held]])
    found = lifts(tried.chances(traits.figures[rows[held]]), inside[rows[held]])
    model = Likeness.fit(traits.figures[rows], inside[rows])
    return Found(
        int(inside.sum()), int((~inside).sum()), int(prospects.sum()), int(inside[rows[held]].sum()), found,
        _people(traits, model, prospects, most), _speaking(model),
    )  # fmt: skip


def _check(traits: Traits, inside: Flags, prospects: Flags) -> None:
    said = {
        "count": formats.count(int(inside.sum())), "least": formats.count(FEWEST),
        "others": formats.count(int((~inside).sum())),
    }  # fmt: skip
    if inside.sum() < FEWEST:
        raise TooFew(_("The set has %(count)s customers; it takes %(least)s to tell what they have in common.") % said)
    if (~inside).sum() < FEWEST_OTHERS:
        raise TooFew(_("Only %(others)s people are not in the set; it takes %(least)s to tell it from others.") % said)
    if not prospects.any():
        raise TooFew(_("Everybody in the book is in the set or has bought: there is nobody left to resemble it."))
    if not traits.names:
        raise TooFew(_("Nothing is known of people but their names: connect your shop's behaviour, or import places."))


def _drawn(inside: Flags) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Take all of the set, and of the others as many as a model needs."""
    others = np.flatnonzero(~inside)
    if len(others) > MOST_OTHERS:
        others = default_rng(SEED).choice(others, MOST_OTHERS, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(inside), others]))


def _held(inside: Flags) -> Flags:
    """Put three of ten aside, on either side of the set, at random."""
    held, chance = np.zeros(len(inside), bool), default_rng(SEED)
    for side in (inside, ~inside):
        rows = chance.permutation(np.flatnonzero(side))
        held[rows[: max(1, round(len(rows) * HELD))]] = True
    return held


def _people(traits: Traits, model: Likeness, prospects: Flags, most: int) -> list[tuple[int, float, list[int]]]:
    """Rank the prospects, against how likely they are on average."""
    rows = np.flatnonzero(prospects)
    chances = model.chances(traits.figures[rows])
    order = np.lexsort((traits.people[rows], -chances))[:most]
    parts = model.parts(traits.figures[rows[order]])
    shown = parts * (traits.figures[rows[order]] != 0)  # what somebody lacks is no reason that anybody understands
    reasons = np.argsort(-shown, axis=1, kind="stable")[:, :REASONS]
    usual = float(chances.mean()) or 1.0
    return [
        (int(traits.people[rows[at]]), float(chances[at] / usual), [int(x) for x in why if shown[nth, x] > 0.05])
        for nth, (at, why) in enumerate(zip(order, reasons, strict=True))
    ]


def _speaking(model: Likeness) -> list[tuple[int, float]]:
    order = np.argsort(-np.abs(model.weights), kind="stable")[:8]
    return [(int(at), float(model.weights[at])) for at in order]
