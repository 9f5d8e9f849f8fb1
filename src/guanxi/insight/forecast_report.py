"""What a forecast says of the shop, as the command line and the API tell it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.insight.forecast.ahead import FIELDS
from guanxi.insight.forecast.series import DAY
from guanxi.insight.forecasting import LONGEST, Seen, compute
from guanxi.insight.models import ForecastLine, ForecastRun
from guanxi.pages import formats

UNITS = {"net": "minor units", "orders": "orders", "units": "units"}


class BadHorizon(BadInput):
    """A forecast is asked for no day, or for days too far ahead."""


def ask(as_of: dt.date | None, *, horizon: int, seen: Seen) -> dict[str, Any]:
    """Forecast and keep it, then tell so many days of it; `seen` is told how many figures of how many are done."""
    checked(horizon)
    return told(compute(as_of, seen=seen), horizon=horizon)


def checked(horizon: int) -> int:
    """Give a horizon that can be; BadHorizon says what can."""
    if not 1 <= horizon <= LONGEST:
        raise BadHorizon(_("A forecast reaches 1 to %(most)s days ahead.") % {"most": LONGEST})
    return horizon


def told(run: ForecastRun, *, horizon: int) -> dict[str, Any]:
    """Tell a run: what is known and missing, and every figure with its days and the trial of its models."""
    names = ("since", "days", "orders", "reason", "gap_days", "silent_days", "is_young", "unseen", "unpriced")
    return {
        "as_of": run.as_of.isoformat(),
        "horizon_days": horizon,
        "currency": run.told["currency"],
        "known": {name: run.told[name] for name in names},
        "forecasts": [_line(line, run.as_of, horizon) for line in run.lines.order_by("place", "measure")],
        "seconds": round(run.seconds, 3),
    }


def _line(line: ForecastLine, as_of: dt.date, horizon: int) -> dict[str, Any]:
    days = [
        {"day": (as_of + (nth + 1) * DAY).isoformat(), **{name: line.told["days"][name][nth] for name in FIELDS}}
        for nth in range(horizon)
    ]
    return {
        "part": line.part, "entry": line.entry, "measure": line.measure, "unit": UNITS[line.measure],
        "model": line.told["model"], "total": _total(line, horizon), "days": days, "trial": line.told["trial"],
    }  # fmt: skip


def _total(line: ForecastLine, horizon: int) -> dict[str, int]:
    """Add the days up; the ends are those of the nearest sum kept that is no longer, as far from what is expected."""
    expected = round(sum(line.told["days"]["expected"][:horizon]))
    kept = [int(length) for length in line.sums if int(length) <= horizon]
    weeks = {name: values[0] for name, values in line.told["weeks"].items()}
    near = line.sums[str(max(kept))] if kept else weeks
    base = near["expected"] or 1
    ends = {name: round(expected * near[name] / base) for name in FIELDS[1:]}
    return {"expected": expected, **ends}


def words(result: dict[str, Any]) -> str:
    """Write a forecast for a person: a sentence, then a line for each total."""
    reason = result["known"]["reason"]
    if not result["forecasts"]:
        return f"No forecast as of {result['as_of']}: {MISSING.get(reason, reason)}"
    return "\n".join(_lines(result))


MISSING = {
    "nothing": "no paid order is known. Import orders first.",
    "short": "three weeks of trade are needed at the least.",
    "few": "20 orders are needed at the least.",
    "silent": "nothing was ordered for more than four weeks.",
    "below": "more was given back than sold.",
}


def _lines(result: dict[str, Any]) -> Iterator[str]:
    yield f"The {result['horizon_days']} days after {result['as_of']}; in brackets where 8 of 10 futures lie."
    for each in result["forecasts"]:
        total = {name: _written(value, each["measure"], result["currency"]) for name, value in each["total"].items()}
        name = " ".join(word for word in (each["part"], each["entry"], each["measure"]) if word)
        yield f"{name:<32}{total['expected']} ({total['low80']} to {total['high80']}), {each['model']}{_error(each)}"


def _error(each: dict[str, Any]) -> str:
    off = next((m["error"] for m in each["trial"]["models"] if m["name"] == each["model"]), None)
    return "" if off is None else f", off by {formats.percent(off)} a week"


def _written(value: int, measure: str, currency: str) -> str:
    return formats.money_whole(value, currency) if measure == "net" else formats.count(value)
