"""Whether the arms are as large as planned: where they are not, something decided who is counted.

Source: Fabijan, Gupchup, Gupta et al. (2019), Diagnosing Sample Ratio Mismatch in Online Controlled Experiments, KDD.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

ALARM = 0.01


@dataclass(frozen=True)
class Ratio:
    """The chi-square test of the arms' counts against their planned shares."""

    shares: Mapping[str, float]
    chi2: float
    freedom: int
    p: float

    @property
    def is_mismatch(self) -> bool:
        """Whether chance would give such counts less than once in a hundred experiments."""
        return self.p < ALARM


def gaps(known: Mapping[str, int], rows: Mapping[str, int]) -> float | None:
    """Test whether what is missing is missing alike in all arms: the p-value, None where nothing or all is missing.

    >>> round(gaps({"a": 90, "b": 80}, {"a": 100, "b": 100}), 4)
    0.0477
    """
    there, whole = sum(known.get(arm, 0) for arm in rows), sum(rows.values())
    if there in {0, whole}:
        return None
    share = there / whole
    chi2 = sum((known.get(arm, 0) - n * share) ** 2 / (n * share * (1 - share)) for arm, n in rows.items())
    return float(chdtrc(len(rows) - 1, chi2))


def sample_ratio(counts: Mapping[str, int], weights: Mapping[str, float] | None = None) -> Ratio:
    """Test counts of at least two arms, by arm, against weights by arm, equal ones where none are given.

    >>> found = sample_ratio({"gate_30": 44_700, "gate_40": 45_489})
    >>> round(found.chi2, 2), round(found.p, 4), found.is_mismatch
    (6.9, 0.0086, True)
    """
    weights = weights or dict.fromkeys(counts, 1.0)
    rows, whole = sum(counts.values()), sum(weights[arm] for arm in counts)
    shares = {arm: weights[arm] / whole for arm in counts}
    chi2 = sum((counts[arm] - rows * share) ** 2 / (rows * share) for arm, share in shares.items())
    freedom = len(counts) - 1
    return Ratio(shares, chi2, freedom, float(chdtrc(freedom, chi2)))
