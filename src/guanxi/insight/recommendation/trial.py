"""How good recommendations are: made from the past alone, held against what customers bought afterwards."""

from dataclasses import dataclass

import numpy as np

from guanxi.insight.recommendation.purchases import Places, Purchases

DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True)
class Marks:
    """What a way to recommend achieved: `recall` by depth, and the share of goods offered to anybody at all."""

    recall: dict[int, float]
    coverage: float


def marks(offers: Places, later: Purchases, asked: Places, *, sold: int) -> Marks:
    """Measure the share of what each customer bought later that was among their first offers, on average.

    Parameters
    ----------
    offers
        Goods for each customer, best first, -1 where there are no more; one row per customer of `later`.
    asked
        The customers that count: those with something in `later`.
    sold
        How many goods could have been offered.

    Examples
    --------
    >>> later = Purchases.of(np.array([7, 7]), np.array([1, 2]), np.int32([0, 0]))
    >>> marks(np.int32([[1, 0]]), later, np.int32([0]), sold=4)
    Marks(recall={1: 0.5, 3: 1.0, 5: 1.0, 10: 1.0}, coverage=0.5)
    """
    owned = later.owned[0]
    bought = np.unique(np.repeat(np.arange(len(owned)), owned.sizes) * len(later.goods) + owned.columns)
    keys = asked[:, None].astype(np.int64) * len(later.goods) + offers[asked]
    hits = np.isin(keys, bought) & (offers[asked] >= 0)
    wanted = owned.sizes[asked]
    recall = {depth: float((hits[:, :depth].sum(axis=1) / wanted).mean()) for depth in DEPTHS}
    shown = np.unique(offers[asked])
    return Marks(recall, float((shown >= 0).sum() / max(sold, 1)))
