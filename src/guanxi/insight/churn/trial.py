"""How good probabilities were: held against what came, by rank, by squared error, and tenth by tenth.

>>> said, came = np.array([0.1, 0.2, 0.7, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])
>>> auc(said, came), round(brier(said, came), 4)
(1.0, 0.0375)
"""

from math import sqrt
from typing import Any

import numpy as np
from scipy.stats import rankdata

from guanxi.insight.churn.features import Floats
from guanxi.insight.churn.model import Model, half_by

TENTHS = 10
FEWEST, FEWEST_CAME = 20, 5  # customers a trial needs, of whom came and did not come
TOO_SHORT, TOO_FEW = "short", "few"


def auc(said: Floats, came: Floats) -> float:
    """Give the chance that who came was said to be likelier than who did not; ties count half. Both must be there."""
    ranks, hits = rankdata(said), float(came.sum())
    return float((ranks[came > 0].sum() - hits * (hits + 1) / 2) / (hits * (len(came) - hits)))


def brier(said: Floats, came: Floats) -> float:
    """Give the mean squared error: 0 is best."""
    return float(np.mean((said - came) ** 2))


def tenths(said: Floats, came: Floats) -> list[list[float]]:
    """Give of each tenth, least likely first, what was said, what came, and how many they are."""
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, min(TENTHS, len(order))) if len(part)]
    return [[float(said[part].mean()), float(came[part].mean()), len(part)] for part in parts]


def dates(said: Floats, window_days: int, first: Floats) -> dict[str, Any] | None:
    """Hold the days by which half should have bought against the days on which they did; None where few were due.

    `first` is after how many days each bought, NaN where not within the window. Of those whose day lay in the window:
    how many they are, the share that had bought by it, and the median days between it and the purchase of who came.

    >>> said, first = np.full(40, 0.75), np.array([5.0, 15, 20, np.nan] * 10)
    >>> dates(said, 30, first)
    {'due': 40, 'by_then': 0.5, 'days_off': 5.0}
    """
    half = np.ceil(half_by(said, window_days).round(9))
    due = half <= window_days
    if due.sum() < FEWEST:
        return None
    off = np.abs(first[due] - half[due])
    came = ~np.isnan(off)
    return {
        "due": int(due.sum()), "by_then": float(np.mean(first[due] <= half[due])),
        "days_off": float(np.median(off[came])) if came.any() else None,
    }  # fmt: skip


def tried(
    before: tuple[Floats, Floats], after: tuple[Floats, Floats], first: Floats | None = None, *, window_days: int = 0
) -> dict[str, Any] | str:
    """Fit to what was known a window earlier and hold it against what came since; else say why that cannot be."""
    if not len(after[1]):
        return TOO_SHORT
    rows, came = after
    if len(came) < FEWEST or min(came.sum(), len(came) - came.sum()) < FEWEST_CAME:
        return TOO_FEW
    said = Model.fit(*before).probability(rows)
    base = float(before[1].mean()) if len(before[1]) else float(came.mean())
    return {
        "customers": len(came), "said": float(said.mean()), "came": float(came.mean()), "auc": auc(said, came),
        "brier": brier(said, came), "brier_base": brier(np.full(len(came), base), came), "base": base,
        "spread": sqrt(float((said * (1 - said)).sum())) / len(came), "tenths": tenths(said, came),
        "dates": None if first is None else dates(said, window_days, first),
    }  # fmt: skip
