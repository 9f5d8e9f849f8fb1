"""A logistic regression that tells one set of people from the others, and how well it does on people it never saw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
TURNS, ENOUGH = 50, 1e-9
FARTHEST = 30.0
DECILES = 10


@dataclass(frozen=True)
class Likeness:
    """Weights of traits, in standard deviations of each, and the constant before them."""

    weights: Floats
    constant: float
    means: Floats
    widths: Floats

    @classmethod
    def fit(cls, traits: Floats, inside: Flags, *, ridge: float = 1.0) -> "Likeness":
        """Maximise the likelihood less `ridge` / 2 times the squares of the weights, by Newton's method.

        Parameters
        ----------
        traits
            A row for each person, a column for each trait.
        inside
            Who is in the set; there have to be people on both sides.

        Notes
        -----
        Source: Le Cessie and van Houwelingen (1992), Ridge estimators in logistic regression.
        """
        means, widths = traits.mean(axis=0), traits.std(axis=0)
        widths = np.where(widths > 0, widths, 1.0)
        known = np.column_stack([np.ones(len(traits)), (traits - means) / widths])
        penalty = np.full(known.shape[1], ridge)
        penalty[0] = 0.0
        found = np.zeros(known.shape[1])
        found[0] = np.log(inside.mean() / (1 - inside.mean()))
        for _turn in range(TURNS):
            chance = _chance(known @ found)
            slope = known.T @ (inside - chance) - penalty * found
            bend = (known * (chance * (1 - chance))[:, None]).T @ known
            bend[np.diag_indices_from(bend)] += penalty + 1e-9
            step = np.linalg.solve(bend, slope)
            found += step
            if np.abs(step).max() < ENOUGH:
                break
        return cls(found[1:], float(found[0]), means, widths)

    def parts(self, traits: Floats) -> Floats:
        """Say how much each trait of each person speaks for the set, in log odds against the average person."""
        parts: Floats = (traits - self.means) / self.widths * self.weights
        return parts

    def chances(self, traits: Floats) -> Floats:
        """Give each person's probability to be of the set."""
        return _chance(self.parts(traits).sum(axis=1) + self.constant)


def lifts(chances: Floats, inside: Flags) -> list[float]:
    """Say for each tenth of people, likeliest first, how many times more of the set are in it than in any tenth.

    Equal chances share what they hold, whoever of them comes first.

    Examples
    --------
    >>> lifts(np.arange(20)[::-1] / 20, np.arange(20) < 2)
    [10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    order = np.argsort(-chances, kind="stable")
    _values, group = np.unique(-chances[order], return_inverse=True)
    shares = (np.bincount(group, inside[order]) / np.bincount(group))[group]
    return [round(float(part.mean() / inside.mean()), 4) for part in np.array_split(shares, DECILES)]


def _chance(odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(odds, -FARTHEST, FARTHEST)))
    return chance
