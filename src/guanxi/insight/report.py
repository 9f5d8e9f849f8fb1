"""What a valuation says of all customers together, as programs read it and the book keeps it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guanxi.core.money import exponent
from guanxi.insight.lifetime.fitting import ENOUGH
from guanxi.insight.outlook import Amount, Outlook
from guanxi.insight.valuation import Valuation

HOLDOUT, ASKED = "hold-out", "asked"  # how a model was chosen; else why it could not be tried
STEPS = (0.1, 0.25, 0.5, 1, 2, 5, 10)  # of the mean, rounded: where the bands of expected revenue begin
DIGITS = 12


def report(found: Valuation, currency: str) -> dict[str, Any]:
    """Spell a valuation; what cannot be known is null, never a number that is none."""
    model = found.model
    return {
        "as_of": found.as_of.isoformat(),
        "unit": "day" if found.histories.unit_days == 1 else "week",
        "model": found.name,
        "chosen_by": ASKED if found.asked else found.untried or HOLDOUT,
        "parameters": {name: number(getattr(model, name)) for name in model.NAMES} if model else {},
        "log_likelihood": number(model.log_likelihood) if model else None,
        "prior_weight": model.prior_weight if model else None,
        "is_few": found.histories.repeaters < ENOUGH,
        "customers": found.customers,
        "repeat_customers": found.histories.repeaters,
        "currency": currency,
        "gamma_gamma": _money(found, currency),
        "next_year": _ahead(found),
        "hold_out": _holdout(found),
        "seconds": round(found.seconds, 3),
    }


def number(value: float) -> float | None:
    """Give a number as JSON knows it: none that is not finite."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def _money(found: Valuation, currency: str) -> dict[str, Any] | None:
    """Spell the model of money, in whole units of the currency."""
    money = found.money
    if money is None:
        return None
    unit = 10 ** exponent(currency)
    return {
        "p": number(money.p), "q": number(money.q), "v": number(money.v / unit),
        "log_likelihood": number(money.log_likelihood + len(found.spent[0]) * math.log(unit)),
        "customers": len(found.spent[0]), "prior_weight": money.prior_weight,
    }  # fmt: skip


def _ahead(found: Valuation) -> dict[str, Any] | None:
    if found.model is None:
        return None
    outlook = Outlook(found, found.model)
    return {
        "orders": _amount(outlook.orders),
        "alive": _amount(outlook.alive),
        "alive_again": _amount(outlook.alive_again),
        "revenue_minor": _amount(outlook.revenue, whole=True) if outlook.revenue else None,
    }


def _amount(amount: Amount, *, whole: bool = False) -> dict[str, float | int | None]:
    ends = {"expected": amount.expected, "low": amount.low, "high": amount.high}
    return {name: round(value) if whole else number(round(value, 2)) for name, value in ends.items()}


def _holdout(found: Valuation) -> dict[str, Any] | None:
    tried = found.backtest
    if tried is None or found.cut is None:
        return None
    forecasts = [
        {"name": each.name, "expected": number(round(each.total, 2)), "seen": each.seen,
         "error": number(round(each.error, 5)), "bias": number(round(each.bias, 5))}
        for each in tried.tried
    ]  # fmt: skip
    curve = [
        [int(day), number(round(float(expected), 2)), int(seen)]
        for day, expected, seen in zip(tried.days, tried.expected, tried.seen, strict=True)
    ]
    return {
        "cut": found.cut.isoformat(), "days": (found.as_of - found.cut).days, "best": tried.chosen,
        "forecasts": forecasts, "curve": curve,
    }  # fmt: skip


def banded(parts: Sequence[NDArray[np.int64]]) -> dict[str, Any]:
    """Count customers by what they are expected to bring, and say what the best tenth of them brings of all.

    >>> found = banded([np.array([0, 0, 40, 60]), np.array([900])])
    >>> found["edges"], found["customers"]
    ([20, 50, 100, 200, 400, 1000, 2000], [2, 1, 1, 0, 0, 1, 0, 0])
    """
    values = np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)
    whole = int(values.sum())
    if whole <= 0:
        return {"edges": [], "customers": [], "revenue_minor": [], "best_tenth": None}
    mean = _round(whole / len(values))
    edges = [max(round(mean * step), 1) for step in STEPS]
    place = np.searchsorted(edges, values, side="right")
    counts, sums = np.bincount(place, minlength=len(edges) + 1), np.bincount(place, values, len(edges) + 1)
    best = values[-max(len(values) // 10, 1) :].sum() / whole
    return {
        "edges": edges, "customers": counts.tolist(), "revenue_minor": [round(each) for each in sums],
        "best_tenth": float(best),
    }  # fmt: skip


def _round(value: float) -> float:
    """Give the nearest of 1, 2, 5, 10, 20 and so on.

    >>> _round(370), _round(7), _round(0.8)
    (500.0, 5.0, 1.0)
    """
    power = 10 ** math.floor(math.log10(value))
    return float(min((step * power for step in (1, 2, 5, 10)), key=lambda each: abs(math.log(each / value))))
