"""Whether what is said still holds: the last trial against what came, and against earlier trials."""

from collections.abc import Mapping, Sequence
from typing import Any

FAR, SHARE, FALLEN = 3.0, 0.2, 0.05  # when calibration has moved: standard errors, share, points of AUC


def moved(now: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> str:
    """Say whether calibration moved away: `more` or `fewer` came than said, or ranks got `worse`; else nothing.

    >>> now = {"said": 0.2, "came": 0.3, "spread": 0.005, "auc": 0.8}
    >>> moved(now, []), moved(now | {"came": 0.21}, [])
    ('more', '')
    """
    off = now["came"] - now["said"]
    if abs(off) > FAR * max(now["spread"], 1e-9) and abs(off) > SHARE * max(now["said"], 1e-9):
        return "more" if off > 0 else "fewer"
    usual = [each["auc"] for each in earlier]
    return "worse" if usual and now["auc"] < sum(usual) / len(usual) - FALLEN else ""
