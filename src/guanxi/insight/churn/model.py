"""The probability to come: logistic regression that begins with what shops in general see, and how sure it is.

With little data the prior speaks and the ends lie far apart; with much it does not count any more. By Newton's method,
the spread by the curvature at the maximum (Laplace).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from guanxi.insight.churn.features import GROUPS, GUESSED, USUAL, Floats

STEPS, CLOSE = 60, 1e-9
MIDDLE = 1.2815515655446004  # standard deviations that hold eight tenths


@dataclass(frozen=True)
class Model:
    """Coefficients with their covariance, in the order of `features.NAMES`."""

    weights: Floats
    covariance: Floats

    @classmethod
    def fit(cls, known: Floats, came: Floats) -> "Model":
        """Fit to rows of which is known whether they came, 1 or 0; without rows it is the prior."""
        precision, weights = np.diag(1 / GUESSED**2), USUAL.copy()
        for _ in range(STEPS):
            curvature = _curvature(known, weights) + precision
            slope = known.T @ (came - expit(known @ weights)) - precision @ (weights - USUAL)
            step = np.linalg.solve(curvature, slope)
            weights = weights + step / max(1.0, float(np.abs(step).max()) / 2)
            if float(np.abs(step).max()) < CLOSE:
                break
        covariance: Floats = np.linalg.inv(_curvature(known, weights) + precision).astype(np.float64)
        return cls(weights, covariance)

    def probability(self, rows: Floats) -> Floats:
        """Say how probably each comes."""
        found: Floats = expit(rows @ self.weights)
        return found

    def ends(self, rows: Floats) -> tuple[Floats, Floats]:
        """Give the ends between which the probability lies in eight cases of ten."""
        middle = rows @ self.weights
        wide = MIDDLE * np.sqrt(np.einsum("ij,jk,ik->i", rows, self.covariance, rows, optimize=True))
        return expit(middle - wide), expit(middle + wide)

    def reasons(self, rows: Floats, against: Floats) -> dict[str, Floats]:
        """Say what each group of features adds to the log odds, against a customer in the middle."""
        parts = (rows - against) * self.weights
        return {name: parts[:, list(columns)].sum(axis=1) for name, columns in GROUPS.items()}


def _curvature(known: Floats, weights: Floats) -> Floats:
    chance = expit(known @ weights)
    found: Floats = (known * (chance * (1 - chance))[:, None]).T @ known
    return found


def half_by(probability: Floats, window_days: int) -> Floats:
    """Say after how many days half of those have come who come within the window with a probability, at an even rate.

    >>> half_by(np.array([0.5, 0.75]), 30).round(6).tolist()
    [30.0, 15.0]
    """
    found: Floats = window_days * np.log(2) / -np.log1p(-np.clip(probability, 1e-12, 1 - 1e-12))
    return found
