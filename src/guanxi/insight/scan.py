"""Runs of days that fall out of what a series usually is: the scan statistic, for shares and for counts.

Of all runs up to `LONGEST` days it finds the one that is least like the other days, by the logarithm of the likelihood
ratio (Kulldorff, M. (1997), A spatial scan statistic; the one-dimensional case with a binomial and a Poisson model).
Pure: lists in, a run out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log

LONGEST = 45
LEAST = 10.0  # with 180 days some 8,000 runs are looked at; chance alone reaches this in fewer than 1 of 100 series


@dataclass(frozen=True)
class Run:
    """Days `start` to `end`, the latter not among them: what was seen there, the share there and of the other days,
    and how unlike they are.
    """

    start: int
    end: int
    seen: int
    inside: float
    outside: float
    unlike: float


def lowest(hits: Sequence[int], tries: Sequence[int]) -> Run | None:
    """Find the run of days whose share of hits fell furthest below the other days'; None where chance explains it.

    >>> run = lowest([8, 8, 8, 0, 1, 0, 8, 8], [10] * 8)
    >>> run and (run.start, run.end, run.inside, run.outside)
    (3, 6, 0.03333333333333333, 0.8)
    """
    return _found(hits, tries, sign=-1)


def highest(counts: Sequence[int], among: Sequence[int]) -> Run | None:
    """Find the run of days whose count rose furthest above what `among` leads one to expect; None where chance does.

    >>> run = highest([1, 1, 9, 8, 1, 1, 1, 1], [10] * 8)
    >>> run and (run.start, run.end)
    (2, 4)
    """
    return _found(counts, among, sign=1)


def _found(hits: Sequence[int], tries: Sequence[int], *, sign: int) -> Run | None:
    some, all_of = list(accumulate(hits, initial=0)), list(accumulate(tries, initial=0))
    best: Run | None = None
    for start in range(len(hits)):
        for end in range(start + 1, min(len(hits), start + LONGEST) + 1):
            seen, tried = some[end] - some[start], all_of[end] - all_of[start]
            if 0 < tried <= all_of[-1] / 2:
                run = _run((start, end), (seen, tried), (some[-1], all_of[-1]), sign)
                best = max(best, run, key=lambda each: each.unlike) if best else run
    return best if best and best.unlike >= LEAST else None


def _run(days: tuple[int, int], here: tuple[int, int], whole: tuple[int, int], sign: int) -> Run:
    (seen, tried), (all_seen, all_tried) = here, whole
    inside, outside = seen / tried, (all_seen - seen) / (all_tried - tried)
    unlike = 0.0
    if (inside - outside) * sign > 0:
        share = all_seen / all_tried
        unlike = _gain(seen, tried * share) + _gain(all_seen - seen, (all_tried - tried) * share)
        if sign < 0:
            missed, all_missed = tried - seen, all_tried - all_seen
            unlike += _gain(missed, tried * (1 - share))
            unlike += _gain(all_missed - missed, (all_tried - tried) * (1 - share))
    return Run(*days, seen, inside, outside, unlike)


def _gain(seen: int, expected: float) -> float:
    return seen * log(seen / expected) if seen and expected > 0 else 0.0
