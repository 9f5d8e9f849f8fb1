"""The daily marts once more in plain Python, one customer and one day at a time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Bought:
    """One order, with what of it went back without a document."""

    order_id: int
    store: str
    customer_id: int | None
    placed_at: dt.datetime
    goods_minor: int
    discount_minor: int = 0
    undated_minor: int = 0
    is_paid: bool = True
    kind: str = "sale"

    @property
    def day(self) -> dt.date:
        return day_of(self.placed_at)


@dataclass(frozen=True)
class GivenBack:
    """One refund; `order_id` None where the order is unknown."""

    refund_id: int
    store: str
    order_id: int | None
    customer_id: int | None
    refunded_at: dt.datetime
    amount_minor: int


def day_of(instant: dt.datetime) -> dt.date:
    return instant.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(ZONE)).date()


def sales_by_day(orders: Sequence[Bought], refunds: Sequence[GivenBack]) -> dict[tuple[dt.date, str], dict[str, int]]:
    """Add up each day of each store: orders, new customers, and net sales of new, returning and guests."""
    sums: dict[tuple[dt.date, str], Counter[str]] = defaultdict(Counter)
    left, kinds = {}, {}
    met = set()
    for order in sorted(_counted(orders), key=lambda each: (each.placed_at, each.order_id)):
        kinds[order.order_id] = kind = "guest" if order.customer_id is None else "new"
        if order.customer_id in met:
            kinds[order.order_id] = kind = "returning"
        if order.customer_id is not None:
            met.add(order.customer_id)
        brought = order.goods_minor - order.discount_minor
        undated = min(max(brought, 0), order.undated_minor)
        left[order.order_id] = max(brought, 0) - undated
        day = sums[order.day, order.store]
        day["orders"] += 1
        day["new_customers"] += kind == "new"
        day[kind] += brought - undated
    for refund in sorted(refunds, key=lambda each: (each.refunded_at, each.refund_id)):
        if refund.order_id is None:
            kind, amount = "guest" if refund.customer_id is None else "returning", refund.amount_minor
        elif refund.order_id in kinds:
            kind, amount = kinds[refund.order_id], min(refund.amount_minor, left[refund.order_id])
            left[refund.order_id] -= amount
        else:
            continue
        sums[day_of(refund.refunded_at), refund.store][kind] -= amount
    names = ("orders", "new_customers", "new", "returning", "guest")
    return {key: {name: figures[name] for name in names} for key, figures in sums.items()}


def repurchase_on(orders: Sequence[Bought], day: dt.date, window_days: int) -> tuple[int, int]:
    """Count who bought in the window that ends with a day, and who did so twice."""
    start = day - dt.timedelta(days=window_days)
    bought = Counter(each.customer_id for each in _known(orders) if start < each.day <= day)
    return len(bought), sum(times > 1 for times in bought.values())


def stage(days: Iterable[dt.date], as_of: dt.date) -> str | None:
    """Say where a customer with orders on these days stands: new for 30 days, dormant after 90, lost after 180."""
    seen = [day for day in days if day <= as_of]
    if not seen:
        return None
    if (as_of - min(seen)).days < 30:
        return "new"
    silent = (as_of - max(seen)).days
    return "active" if silent < 90 else "dormant" if silent < 180 else "lost"


def lifecycle(orders: Sequence[Bought], as_of: dt.date) -> dict[int, tuple[str | None, str | None]]:
    """Say where every customer stands on a day and stood 30 days before."""
    days = days_of(orders)
    both = {who: (stage(when, as_of), stage(when, as_of - dt.timedelta(days=30))) for who, when in days.items()}
    return {who: stages for who, stages in both.items() if stages[0]}


def days_of(orders: Sequence[Bought]) -> dict[int, set[dt.date]]:
    """Collect the days on which each known customer bought."""
    days: dict[int, set[dt.date]] = defaultdict(set)
    for order in _known(orders):
        days[order.customer_id or 0].add(order.day)
    return days


def rhythm(orders: Sequence[Bought], as_of: dt.date) -> dict[int, tuple[int, int, int]]:
    """Say how many of the stores' days each customer bought on, how far apart in the mean, how long ago the last is."""
    days: dict[int, set[dt.date]] = defaultdict(set)
    for order in _known(orders):
        if order.goods_minor > 0:
            days[order.customer_id or 0].add(order.placed_at.date())
    found = {}
    for who, when in days.items():
        seen = sorted(day for day in when if day <= as_of)
        if len(seen) >= 3:
            length, gaps = (seen[-1] - seen[0]).days, len(seen) - 1
            found[who] = (len(seen), (2 * length + gaps) // (2 * gaps), (as_of - seen[-1]).days)
    return found


def _counted(orders: Sequence[Bought]) -> list[Bought]:
    return [order for order in orders if order.is_paid and order.kind == "sale"]


def _known(orders: Sequence[Bought]) -> list[Bought]:
    return [order for order in _counted(orders) if order.customer_id is not None]


def purchases(orders: Sequence[Bought], as_of: dt.date, cut: dt.date) -> dict[int, tuple[int | None, ...]]:
    """Tell of each customer what models of purchases need; days are the stores', amounts what an order left."""
    days: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for order in orders:
        net = order.goods_minor - order.discount_minor - order.undated_minor
        counts = order.is_paid and order.kind == "sale" and (net > 0 or (net == 0 and not order.undated_minor))
        if counts and order.customer_id is not None and order.placed_at.date() <= as_of:
            days[order.customer_id][order.placed_at.date()] += net
    return {who: _purchases(mine, as_of, cut) for who, mine in days.items()}


def _purchases(days: dict[dt.date, int], as_of: dt.date, cut: dt.date) -> tuple[int | None, ...]:
    first, last = min(days), max(days)
    before = [day for day in days if day <= cut]
    known: tuple[int | None, ...] = (None, None, None)
    if before:
        known = (len(before) - 1, (max(before) - first).days, (cut - first).days)
    earlier = sum((cut - day).days < (as_of - cut).days for day in before)
    told = (len(days) - 1, (last - first).days, (as_of - first).days, days[first], sum(days.values()) - days[first])
    return (*told, len(days) - 1, *known, earlier, len(days) - len(before))
