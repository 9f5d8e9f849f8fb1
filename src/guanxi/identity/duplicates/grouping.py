"""Who is whom, decided from weighed pairs: groups in which the evidence for outweighs the evidence against.

Two groups are joined, the surest pair first, where that pair is more likely one person than not and the evidence of all
pairs weighed between them sums to the same: a single likeness never joins two groups that otherwise contradict each
other. This is greedy correlation clustering on log odds; it has no setting.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import polars as pl

from guanxi.identity.partition import components


def groups(pairs: pl.DataFrame, people: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Label people from 0 to `people`: who is one person has one label.

    `pairs` has `left`, `right` and `weight` (log2 odds). The order of the pairs does not matter.

    >>> found = pl.DataFrame({"left": [0, 1, 0, 2], "right": [1, 2, 2, 3], "weight": [9.0, 8.0, 1.0, -4.0]})
    >>> groups(found, 4).tolist()
    [0, 0, 0, 3]
    """
    ordered = _within(pairs, people).sort("weight", "left", "right", descending=[True, False, False])
    between = _between(ordered.iter_rows())
    label, members = list(range(people)), {number: [number] for number in range(people)}
    for left, right in ordered.filter(pl.col("weight") > 0).select("left", "right").iter_rows():
        one, other = label[left], label[right]
        if one != other and between[one].get(other, 0) > 0:
            _join(min(one, other), max(one, other), label, members, between)
    return np.array(label, dtype=np.int64)


def _within(pairs: pl.DataFrame, people: int) -> pl.DataFrame:
    """Leave the pairs that no chain of likely ones joins: they never come into one group, and most are of this kind."""
    likely = pairs.filter(pl.col("weight") > 0)
    ends = likely["left"].to_numpy(), likely["right"].to_numpy()
    chained = components(people, [ends])
    return pairs.filter(pl.Series(chained[pairs["left"].to_numpy()] == chained[pairs["right"].to_numpy()]))


def _between(rows: Iterable[tuple[int, int, float]]) -> dict[int, dict[int, float]]:
    between: dict[int, dict[int, float]] = defaultdict(dict)
    for left, right, weight, *_ in rows:
        between[left][right] = between[right][left] = weight
    return between


def _join(
    kept: int, gone: int, label: list[int], members: dict[int, list[int]], between: dict[int, dict[int, float]]
) -> None:
    for each in members[gone]:
        label[each] = kept
    members[kept] += members.pop(gone)
    for neighbour, weight in between.pop(gone).items():
        del between[neighbour][gone]
        if neighbour != kept:
            total = between[kept].get(neighbour, 0.0) + weight
            between[kept][neighbour] = between[neighbour][kept] = total
