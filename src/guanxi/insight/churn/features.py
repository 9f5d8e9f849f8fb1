"""What a probability rests on: a customer's row as numbers a regression takes, and what shops in general see.

>>> lin = {"days": 8, "silent_days": 74, "age_days": 300, "recent_days": 0, "gap_days": 31.0, "window_days": 31}
>>> row = matrix({name: np.array([value]) for name, value in lin.items()})[0]
>>> float(row[NAMES.index("overdue")].round(2))
1.22
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any]]

READ = ("days", "silent_days", "age_days", "recent_days", "gap_days", "window_days")
NAMES = ("level", "rhythm", "overdue", "overdue_squared", "silence", "often", "recent", "age")
USUAL = np.array([-1.0, 1.0, -1.0, 0.0, 0.0, 0.5, 0.2, 0.0])  # a shop nobody knows: the prior's means
GUESSED = np.array([1.0, 0.5, 1.0, 0.5, 0.3, 0.5, 0.5, 0.2])  # and how far it may lie from them: standard deviations
GROUPS: Mapping[str, tuple[int, ...]] = {
    "silence": (2, 3, 4),
    "rhythm": (1,),
    "often": (5,),
    "recent": (6,),
    "age": (7,),
}
LEAST_RATE, MOST_RATE = 1e-3, 20.0  # purchases in a window


def matrix(rows: Columns) -> Floats:
    """Make a row of eight numbers of every customer.

    `rhythm` is the log odds to come where one only looked at how often they buy; `overdue` compares silence with it.
    """
    gap, silent = np.maximum(rows["gap_days"], 0.5), rows["silent_days"].astype(float)
    rate = np.clip(rows["window_days"] / gap, LEAST_RATE, MOST_RATE)
    overdue = np.log1p(silent / gap)
    return np.column_stack(
        [
            np.ones_like(overdue), np.log(np.expm1(rate)), overdue, overdue**2, np.log1p(silent),
            np.log(np.maximum(rows["days"], 1)), np.log1p(rows["recent_days"]), np.log1p(rows["age_days"]),
        ]
    )  # fmt: skip
