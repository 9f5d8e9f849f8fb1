"""Findings as figures for programs: what cannot be said is null, and nothing is infinite."""

import math
from typing import Any

from guanxi.experiments.adjusting import Adjusted
from guanxi.experiments.always import Always
from guanxi.experiments.comparison import LEVEL, Difference
from guanxi.experiments.findings import Comparison, Findings, Metric
from guanxi.experiments.moments import Moments
from guanxi.experiments.ratio import ALARM


def figures(found: Findings) -> dict[str, Any]:
    """Lay findings out: shares as 0 to 1, everything else in the metric's own unit."""
    told: dict[str, Any] = _finite(_figures(found))
    return told


def _finite(value: Any) -> Any:
    """Put null in place of what is no number, wherever it stands."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _figures(found: Findings) -> dict[str, Any]:
    ratio = found.ratio
    return {
        "rows": sum(found.arms.values()) + sum(found.left_out.values()),
        "left_out": dict(found.left_out),
        "doubled_columns": list(found.doubled),
        "control": found.control,
        "arms": [{"arm": arm, "n": n, "planned_share": ratio.shares[arm]} for arm, n in found.arms.items()],
        "sample_ratio": {
            "chi2": ratio.chi2, "df": ratio.freedom, "p": ratio.p, "mismatch": ratio.is_mismatch, "alarm_below": ALARM,
        },
        "confidence": LEVEL,
        "correction": {"method": "holm", "comparisons": found.count},
        "covariate": found.covariate,
        "metrics": [_metric(metric, found) for metric in found.metrics],
    }  # fmt: skip


def _metric(metric: Metric, found: Findings) -> dict[str, Any]:
    return {
        "metric": metric.name,
        "kind": "proportion" if metric.is_share else "number",
        "test": "two-proportion z" if metric.is_share else "welch t",
        "approximate": metric.is_rough,
        "left_out": {"blank": metric.column.blank, "text": metric.column.texts},
        "left_out_evenly": {"p": metric.gaps, "mismatch": metric.is_torn},
        "arms": [
            {"arm": found.control, "is_control": True, **_moments(metric.control), **_nothing()},
            *({"arm": each.arm, "is_control": False, **_comparison(each, metric)} for each in metric.comparisons),
        ],
    }


def _moments(moments: Moments) -> dict[str, Any]:
    spread = moments.variance
    return {"n": moments.n, "mean": moments.mean if moments.n else None, "sd": None if spread is None else spread**0.5}


def _nothing() -> dict[str, None]:
    """Name what only an arm beside the control has."""
    return dict.fromkeys(
        (*_difference(Difference()), "relative", "p_holm", "always", "smallest_effect", "rows_needed", "adjusted")
    )


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "difference": found.value,
        "interval": list(found.interval) if found.interval else None,
        "z": found.statistic if found.freedom is None else None,
        "t": None if found.freedom is None else found.statistic,
        "df": found.freedom,
        "p": found.p,
    }


def _comparison(each: Comparison, metric: Metric) -> dict[str, Any]:
    value, base = each.difference.value, metric.control.mean
    return {
        **_moments(each.moments),
        **_difference(each.difference),
        "relative": value / base if value is not None and abs(base) > 1e-100 else None,
        "p_holm": each.holm,
        "always": _always(each.always),
        "smallest_effect": each.smallest,
        "rows_needed": each.needed,
        "adjusted": _adjusted(each.adjusted),
    }


def _always(found: Always | None) -> dict[str, Any] | None:
    return {"interval": list(found.interval), "p": found.p} if found else None


def _adjusted(found: Adjusted | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "n": found.n, **_difference(found.difference), "variance_saved": found.saved, "covariate_p": found.balance,
    }  # fmt: skip
