"""The mart of features once more in plain Python: orders in, one customer and one step at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]
PARAMS = {"fewest_gaps": 30, "usual_days": 30, "prior_gaps": 2, "least_days": 7, "most_days": 90}


def features(orders: Sequence[Row], as_of: dt.date, **params: int) -> dict[tuple[int, int], tuple[Any, ...]]:
    """Give window, days, silence, age, recent days, gap, net sales of a year, and whether they came, by step."""
    theirs: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for row in orders:
        if row["is_paid"] and row["kind"] == "sale" and row["goods_minor"] > 0 and row["placed_on"] <= as_of:
            theirs[row["customer_id"]][row["placed_on"]] += row["net_base_minor"] or 0
    theirs.pop(None, None)  # type: ignore[call-overload]
    gaps = sorted((later - earlier).days for days in theirs.values() for earlier, later in pairwise(sorted(days)))
    window = _window(gaps, max((as_of - min(days)).days for days in theirs.values()) if theirs else 0, params)
    mean = sum(gaps) / len(gaps) if gaps else params["usual_days"]
    return dict(_rows(theirs, as_of, (window, mean, params["prior_gaps"])))


def _window(gaps: Sequence[int], seen: int, params: Mapping[str, int]) -> int:
    usual = gaps[(len(gaps) + 1) // 2 - 1] if len(gaps) >= params["fewest_gaps"] else params["usual_days"]
    return max(params["least_days"], min(params["most_days"], usual, seen // 3))


def _rows(
    theirs: Mapping[int, Mapping[dt.date, int]], as_of: dt.date, frame: tuple[int, float, int]
) -> Iterator[tuple[tuple[int, int], tuple[Any, ...]]]:
    window, mean, prior = frame
    for step in (0, 1, 2):
        day = as_of - dt.timedelta(step * window)
        for who, bought in theirs.items():
            before = sorted(each for each in bought if each <= day)
            if not before:
                continue
            recent = sum((day - each).days < 2 * window for each in before)
            year = sum(minor for each, minor in bought.items() if each <= day and (day - each).days < 365)
            came = any(day < each <= day + dt.timedelta(window) for each in bought)
            gap = ((before[-1] - before[0]).days + prior * mean) / (len(before) - 1 + prior)
            silent, age = (day - before[-1]).days, (day - before[0]).days
            yield (step, who), (window, len(before), silent, age, recent, gap, year, came if step else None)
