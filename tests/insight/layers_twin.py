"""The mart of layers once more in plain Python: orders and lines in, one customer at a time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]
TOP, FEWEST, DORMANT, LOST = 5, 30, 90, 180


def layers(
    orders: Sequence[Row], lines: Sequence[Row], as_of: dt.date, *, fewest: int = FEWEST
) -> dict[int, tuple[Any, ...]]:
    """Give spend, place, top, category, band, both limits, whose they are, silence and state of every customer."""
    theirs: dict[int, list[Row]] = defaultdict(list)
    for row in orders:
        if row["is_paid"] and row["kind"] == "sale" and row["goods_minor"] > 0 and row["placed_on"] <= as_of:
            theirs[row["customer_id"]].append(row)
    theirs.pop(None, None)  # type: ignore[call-overload]
    tastes = _tastes(theirs, lines)
    spend = {who: sum(row["net_base_minor"] or 0 for row in rows) for who, rows in theirs.items()}
    days = {who: sorted({row["placed_on"] for row in rows}) for who, rows in theirs.items()}
    gaps: dict[str, list[int]] = defaultdict(list)
    for who, bought in days.items():
        between = [(later - earlier).days for earlier, later in pairwise(bought)]
        gaps["*"] += between
        if who in tastes:
            gaps[tastes[who][0]] += between
    found = {}
    for who, bought in days.items():
        place = 1 + sum(other > spend[who] for other in spend.values())
        category, band = tastes.get(who, ("", None))
        limits = _limits(gaps, category, fewest)
        is_top = spend[who] > 0 and 100 * (place - 1) < TOP * len(spend)
        silent = (as_of - bought[-1]).days
        found[who] = (spend[who], place, is_top, category, band, *limits, silent, _state(silent, limits, len(bought)))
    return found


def _limits(gaps: Mapping[str, Sequence[int]], category: str, fewest: int) -> tuple[int, int, str]:
    for key, whose in ((category, "category"), ("*", "shop")):
        seen = sorted(gaps.get(key, ()))
        if key and seen and len(seen) >= fewest:
            dormant, lost = seen[-(-4 * len(seen) // 5) - 1], seen[-(-19 * len(seen) // 20) - 1]
            return dormant, max(lost, 2 * dormant), whose
    return DORMANT, LOST, "fixed"


def _state(silent: int, limits: tuple[int, int, str], days: int) -> str:
    if silent > limits[1]:
        return "lost"
    if silent > limits[0]:
        return "dormant"
    return "new" if days == 1 else "active"


def _tastes(theirs: Mapping[int, Sequence[Row]], lines: Sequence[Row]) -> dict[int, tuple[str, int | None]]:
    buyer = {row["order_id"]: who for who, rows in theirs.items() for row in rows}
    known = [row for row in lines if row["order_id"] in buyer and row["category"]]
    priced = [row for row in known if row["quantity"] > 0 and row["unit_price"] > 0]
    found = {}
    for who in theirs:
        own = [row for row in known if buyer[row["order_id"]] == who]
        counted = Counter(category for category, _ in {(row["category"], row["order_id"]) for row in own})
        if counted:
            liked = min(counted, key=lambda each: (-counted[each], each))
            prices = [row["unit_price"] for row in priced if row["category"] == liked]
            paid = [row["unit_price"] for row in own if row in priced and row["category"] == liked]
            bands = Counter(_band(price, prices) for price in paid)
            found[who] = (liked, min(bands, key=lambda band: (-bands[band], band), default=None))
    return found


def _band(price: Any, prices: Sequence[Any]) -> int:
    share = 4 * sum(each <= price for each in prices)
    return next(band for band in (1, 2, 3, 4) if share <= band * len(prices))
