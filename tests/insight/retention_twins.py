"""The marts of retention once more in plain Python: rows of the lake in, one customer at a time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

BASE = "CNY"
LENGTHS = (0, 30, 60, 90, 180, 365)
Row = Mapping[str, Any]
Segments = list[tuple[str, str]]


@dataclass(frozen=True)
class Trade:
    """What the lake holds of a small shop."""

    orders: Sequence[Row]
    refunds: Sequence[Row]
    lines: Sequence[Row] = ()
    products: Mapping[str, int | None] = field(default_factory=dict)

    def until(self, as_of: dt.date) -> "Trade":
        """Leave out what lies after a day."""
        orders = [each for each in self.orders if each["is_paid"] and each["placed_on"] <= as_of]
        return Trade(orders, [each for each in self.refunds if each["refunded_on"] <= as_of], self.lines, self.products)


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def is_purchase(order: Row) -> bool:
    return bool(order["kind"] == "sale" and order["goods_minor"] > 0)


def rate_of(order: Row) -> float | None:
    """How many minor units of the base currency one of the order's is worth."""
    if order["currency"] == BASE:
        return 1.0
    if order["net_base_minor"] is None:
        return None
    return order["net_base_minor"] / order["net_minor"] if order["net_minor"] else order["base_rate"]


def rounded(value: float) -> int:
    """Round half away from zero."""
    return int(abs(value) + 0.5) * (1 if value >= 0 else -1)


def customer_months(trade: Trade, as_of: dt.date) -> dict[tuple[int, dt.date], tuple[int, ...]]:
    """Say what each customer bought and gave back in each month: purchases, documents, sold, net, unpriced."""
    sums: dict[tuple[int, dt.date], list[int]] = defaultdict(lambda: [0] * 5)
    for who, day, *figures in (*_bought(trade, as_of), *_given_back(trade, as_of)):
        if who is not None:
            entry = sums[who, month_of(day)]
            sums[who, month_of(day)] = [before + more for before, more in zip(entry, figures, strict=True)]
    return {key: tuple(figures) for key, figures in sums.items()}


def _undated(trade: Trade, order: Row) -> int:
    """What went back of an order without a document, no more than its goods brought."""
    documented = sum(each["amount_minor"] for each in trade.refunds if each["order_id"] == order["order_id"])
    brought = order["goods_minor"] - order["discount_minor"]
    return int(min(max(brought, 0), max(order["refunded_minor"] - documented, 0)))


def _bought(trade: Trade, as_of: dt.date) -> Iterator[tuple[Any, ...]]:
    """Tell of each order: who, when, purchases, documents, sold, net, unpriced."""
    for order in trade.until(as_of).orders:
        is_sale, rate = order["kind"] == "sale", rate_of(order)
        brought = order["goods_minor"] - order["discount_minor"]
        sold = rounded(brought * (rate or 0)) if is_purchase(order) else 0
        net = rounded((brought - _undated(trade, order)) * (rate or 0)) if is_sale else 0
        yield order["customer_id"], order["placed_on"], is_purchase(order), 1, sold, net, is_sale and rate is None


def _given_back(trade: Trade, as_of: dt.date) -> Iterator[tuple[Any, ...]]:
    """Tell of each refund, in the order in which they were made; no order gives back more than it brought."""
    seen = trade.until(as_of)
    known = {order["order_id"]: order for order in seen.orders}
    brought = {key: max(each["goods_minor"] - each["discount_minor"], 0) for key, each in known.items()}
    left = {key: brought[key] - _undated(trade, each) for key, each in known.items()}
    for refund in sorted(seen.refunds, key=lambda each: (each["refunded_at"], each["refund_id"])):
        order = known.get(refund["order_id"], {})
        amount, rate = 0, 1.0
        if refund["order_id"] is None:
            amount, rate = refund["amount_minor"], 1.0 if refund["currency"] == BASE else None
        elif order.get("kind") == "sale":
            amount, rate = min(refund["amount_minor"], left[refund["order_id"]]), rate_of(order)
            left[refund["order_id"]] -= amount
        who = refund["customer_id"] or order.get("customer_id")
        yield who, refund["refunded_on"], 0, 1, 0, -rounded(amount * (rate or 0)), rate is None


@dataclass
class First:
    """How one customer began: what the mart of beginnings says, and every buying day."""

    document_month: dt.date
    days: list[dt.date] = field(default_factory=list)
    channel: str = ""
    category: str = ""
    product_id: int | None = None

    @property
    def month(self) -> dt.date | None:
        return month_of(self.days[0]) if self.days else None


def firsts(trade: Trade, as_of: dt.date) -> dict[int, First]:
    """Find how every customer with a document began."""
    found: dict[int, First] = {}
    for who, month in sorted(customer_months(trade, as_of)):
        found.setdefault(who, First(month))
    bought = [each for each in trade.until(as_of).orders if is_purchase(each) and each["customer_id"] is not None]
    for order in sorted(bought, key=lambda each: (each["placed_on"], each["placed_at"], each["order_id"])):
        first = found[order["customer_id"]]
        if not first.days:
            first.channel = order["channel"] or ""
            lines = [each for each in trade.lines if each["order_id"] == order["order_id"]]
            if lines:
                dearest = max(
                    lines, key=lambda each: (each["amount_minor"] - each["discount_minor"], -each["line_number"])
                )
                first.category = dearest["category"] or ""
                first.product_id = trade.products.get(dearest["sku"])
        first.days.append(order["placed_on"])
    return found


def largest(values: Iterable[Any], groups: int) -> set[Any]:
    """Keep the values most customers have, the smaller value first where as many have it."""
    counted = Counter(values)
    return set(sorted(counted, key=lambda value: (-counted[value], value))[:groups])


def segments(found: Mapping[int, First], groups: int) -> dict[int, Segments]:
    """Say in which segment of each dimension every customer counts."""
    categories = largest((each.category for each in found.values() if each.category), groups)
    products = largest((each.product_id for each in found.values() if each.product_id is not None), groups)
    return {
        who: [
            ("all", ""),
            ("channel", each.channel),
            ("category", each.category if each.category in {"", *categories} else "*"),
            (
                "product",
                "" if each.product_id is None else str(each.product_id) if each.product_id in products else "*",
            ),
        ]
        for who, each in found.items()
    }


def cohort_months(trade: Trade, as_of: dt.date, groups: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Count each cohort month by month: members, customers, orders, sold, net, unpriced."""
    months, found = customer_months(trade, as_of), firsts(trade, as_of)
    where = segments(found, groups)
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 6)
    for (who, month), (purchases, documents, sold, net, unpriced) in months.items():
        for basis, began, orders in (
            ("purchases", found[who].month, purchases),
            ("documents", found[who].document_month, documents),
        ):
            if began is None or month < began:
                continue
            since = (month.year - began.year) * 12 + month.month - began.month
            for dimension, segment in where[who]:
                entry = sums[basis, dimension, segment, began, since]
                for at, figure in enumerate((0, orders > 0, orders, sold, net, unpriced)):
                    entry[at] += figure
    for key, entry in sums.items():
        entry[0] = sums[*key[:4], 0][1]
    return {key: tuple(entry) for key, entry in sums.items()}


def repurchase_rates(trade: Trade, as_of: dt.date, groups: int) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Count who was watched for so many days since they first bought, and who of them bought again in time."""
    found = firsts(trade, as_of)
    where = segments(found, groups)
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for who, first in found.items():
        for length in LENGTHS:
            if not first.days or (as_of - first.days[0]).days < length:
                continue
            again = len(first.days) > 1 and (not length or (first.days[1] - first.days[0]).days <= length)
            for dimension, segment in where[who]:
                entry = sums[dimension, segment, first.month, length]
                entry[0] += 1
                entry[1] += again
    return {key: (entry[0], entry[1]) for key, entry in sums.items()}


def repurchase_gaps(trade: Trade, as_of: dt.date, groups: int) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Gather the days between buying days: how many gaps, lower quartile, median, upper quartile."""
    found = firsts(trade, as_of)
    where = segments(found, groups)
    gaps: dict[tuple[str, str], list[int]] = defaultdict(list)
    for who, first in found.items():
        days = sorted(set(first.days))
        for before, after in pairwise(days):
            for segment in where[who]:
                gaps[segment].append((after - before).days)
    return {
        segment: (len(each), *(sorted(each)[-(-len(each) * part // 4) - 1] for part in (1, 2, 3)))  # type: ignore[misc]
        for segment, each in gaps.items()
    }
