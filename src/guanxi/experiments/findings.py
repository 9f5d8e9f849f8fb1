"""What an experiment's figures say, all comparisons together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from guanxi.experiments.adjusting import Adjusted, adjusted
from guanxi.experiments.always import Always, always
from guanxi.experiments.comparison import FEW, LEVEL, Difference, holm, of_means, of_proportions
from guanxi.experiments.moments import Moments
from guanxi.experiments.power import rows_needed, smallest_effect
from guanxi.experiments.ratio import ALARM, Ratio, gaps
from guanxi.experiments.tally import Column

CONTROLS = frozenset(
    ("control", "ctrl", "baseline", "base", "original", "holdout", "hold-out", "对照", "对照组", "留白组", "原版")
)


@dataclass(frozen=True)
class Comparison:
    """One arm of one metric beside the control; `holm` is the p-value corrected for all comparisons of the reading."""

    arm: str
    moments: Moments
    difference: Difference
    holm: float | None
    always: Always | None
    smallest: float | None
    needed: int | None
    adjusted: Adjusted | None

    @property
    def is_proven(self) -> bool:
        """Whether chance alone would rarely give such a difference, the number of comparisons considered."""
        return self.holm is not None and self.holm < 1 - LEVEL


@dataclass(frozen=True)
class Metric:
    """One metric: the control's figures, each other arm beside them, and whether its gaps are alike in all arms (p)."""

    name: str
    is_share: bool
    control: Moments
    comparisons: Sequence[Comparison]
    column: Column
    gaps: float | None

    @property
    def is_torn(self) -> bool:
        """Whether so much more is missing in one arm than in another that chance does not explain it."""
        return self.gaps is not None and self.gaps < ALARM

    @property
    def is_rough(self) -> bool:
        """Whether an arm has so few of yes or of no that the normal curve is a rough guide."""
        arms = [self.control, *(each.moments for each in self.comparisons)]
        return self.is_share and any(min(arm.n * arm.mean, arm.n * (1 - arm.mean)) < FEW - 0.5 for arm in arms)


@dataclass(frozen=True)
class Findings:
    """The whole reading; `doubled` names columns of which the file has a second one."""

    control: str
    arms: Mapping[str, int]
    ratio: Ratio
    metrics: Sequence[Metric]
    covariate: str | None
    left_out: Mapping[str, int]
    doubled: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many comparisons the correction is for."""
        return sum(each.difference.p is not None for metric in self.metrics for each in metric.comparisons)


def in_order(arms: Sequence[str], control: str | None = None) -> list[str]:
    """Put the control first, which is the one named, else one called so, else the first; numbers by their size.

    >>> in_order(["arm 10", "arm 9", "Control"]), in_order(["B", "A"], "B")
    (['Control', 'arm 9', 'arm 10'], ['B', 'A'])
    """
    ordered = sorted(sorted(arms), key=_natural)
    called = [arm for arm in ordered if arm.lower() in CONTROLS]
    first = control or next(iter(called or ordered))
    return [first, *(arm for arm in ordered if arm != first)]


def compared(columns: Mapping[str, Column], counts: Mapping[str, int], *, with_covariate: bool) -> list[Metric]:
    """Compare every arm with the first, by every metric, and correct for all of these comparisons."""
    arms = list(counts)
    places = [(name, arm) for name in columns for arm in arms[1:]]
    differences = {(name, arm): _difference(columns[name], arm, arms[0]) for name, arm in places}
    corrected = dict(zip(places, holm([each.p for each in differences.values()]), strict=True))
    return [
        Metric(
            name,
            column.is_share,
            column.moments.get(arms[0], Moments()),
            [
                _comparison(
                    column, arm, arms[0], found=(differences[name, arm], corrected[name, arm]), pairs=with_covariate
                )
                for arm in arms[1:]
            ],
            column,
            gaps({arm: moments.n for arm, moments in column.moments.items()}, counts),
        )
        for name, column in columns.items()
    ]


def _difference(column: Column, arm: str, control: str) -> Difference:
    first, second = column.moments.get(arm), column.moments.get(control)
    if first is None or second is None:
        return Difference()
    return of_proportions(first, second) if column.is_share else of_means(first, second)


def _comparison(
    column: Column, arm: str, control: str, *, found: tuple[Difference, float | None], pairs: bool
) -> Comparison:
    first, second = (column.moments.get(name, Moments()) for name in (arm, control))
    spread, other = first.variance, second.variance
    apart = None if spread is None or other is None else rows_needed(found[0].value or 0.0, spread, other)
    both = pairs and arm in column.pairs and control in column.pairs
    return Comparison(
        arm=arm,
        moments=first,
        difference=found[0],
        holm=found[1],
        always=_within(always(first, second)) if column.is_share else always(first, second),
        smallest=smallest_effect(first, second),
        needed=apart,
        adjusted=adjusted(column.pairs, arm, control) if both else None,
    )


def _within(found: Always | None) -> Always | None:
    """Keep the difference of two shares to what there can be."""
    return found and replace(found, interval=(max(found.interval[0], -1.0), min(found.interval[1], 1.0)))


def _natural(name: str) -> list[Any]:
    """Sort by letters and numbers apart, negative numbers and decimals too."""
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", name):
        return [(0, float(name), "")]
    return [(1, float(part), "") if part.isdecimal() else (2, 0.0, part.lower()) for part in re.split(r"(\d+)", name)]
