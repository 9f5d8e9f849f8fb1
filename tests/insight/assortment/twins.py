"""The marts of goods, prices, places and searches once more in plain Python: one line, one search at a time."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guanxi.identity.cleaning.addresses import province_of

BASE = "CNY"
SPANS = (30, 90, 365, 0)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Shop:
    """What the lake holds."""

    orders: Sequence[Row]
    lines: Sequence[Row] = ()
    refunds: Sequence[Row] = ()
    refund_lines: Sequence[Row] = ()
    products: Sequence[Row] = ()
    events: Sequence[Row] = field(default_factory=list)


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


def within(day: dt.date, as_of: dt.date, days: int, *, before: bool = False) -> bool:
    """Tell whether a day is among so many up to another, or among as many before those; 0 days are all."""
    age = (as_of - day).days
    if not days:
        return age >= 0 and not before
    return days <= age < 2 * days if before else 0 <= age < days


@dataclass
class Sum:
    """What something sold."""

    net: float = 0
    returned: float = 0
    units: float = 0
    unpriced: int = 0
    orders: set[int] = field(default_factory=set)


def goods_sales(shop: Shop, as_of: dt.date) -> dict[tuple[int, str, str], tuple[Any, ...]]:
    """Give net, returned, orders, units, the first three before, place, class and unpriced lines of each entry."""
    found: dict[tuple[int, str, str], tuple[Any, ...]] = {}
    moves = [*_moves(shop)]
    for days in SPANS:
        for part in ("product", "category"):
            now, then = (_summed(moves, part, as_of, days, before=before) for before in (False, True))
            entries = sorted({*now, *then}, key=lambda key: (key == "", -rounded(now[key].net), key))
            whole = sum(max(rounded(now[key].net), 0) for key in entries if key)
            upto = 0
            for nth, key in enumerate(entries, 1):
                net = rounded(now[key].net)
                before_it, upto = upto, upto + (max(net, 0) if key else 0)
                letter = "A" if before_it * 100 < whole * 80 else "B" if before_it * 100 < whole * 95 else "C"
                earlier = (rounded(then[key].net), len(then[key].orders), then[key].units)
                found[days, part, key] = (
                    net, rounded(now[key].returned), len(now[key].orders), now[key].units,
                    *(earlier if days else (None, None, None)), nth if key else None,
                    upto / whole if whole and key else None, (letter if net > 0 else "C") if key else None,
                    now[key].unpriced + then[key].unpriced,
                )  # fmt: skip
    return found


def _summed(moves: Iterable[Row], part: str, as_of: dt.date, days: int, *, before: bool) -> dict[str, Sum]:
    sums: dict[str, Sum] = defaultdict(Sum)
    for move in moves:
        if within(move["day"], as_of, days, before=before):
            entry = sums[move[part]]
            entry.units += move["units"]
            entry.unpriced += move["net"] is None
            entry.net += move["net"] or 0
            entry.returned += move["returned"] or 0
            if move["order"] is not None:
                entry.orders.add(move["order"])
    return sums


def _moves(shop: Shop) -> Iterator[Row]:
    orders = {each["order_id"]: each for each in shop.orders}
    products = {each["sku"]: each for each in shop.products}
    for line in shop.lines:
        order = orders[line["order_id"]]
        if not order["is_paid"] or order["kind"] != "sale":
            continue
        good, rate = products.get(line["sku"], {}), rate_of(order)
        amount = line["amount_minor"] - (line["discount_minor"] or 0)
        yield {
            "product": _named(good, line["sku"]), "category": good.get("category") or line["category"] or "",
            "day": order["placed_on"], "order": order["order_id"], "units": float(line["quantity"]),
            "net": None if rate is None else amount * rate, "returned": 0,
        }  # fmt: skip
    refunds = {each["refund_id"]: each for each in shop.refunds}
    for line in shop.refund_lines:
        refund, good = refunds[line["refund_id"]], products.get(line["sku"], {})
        order = orders.get(refund["order_id"])
        rate = rate_of(order) if order else None
        rate = rate if rate is not None else 1.0 if refund["currency"] == BASE else None
        back = None if rate is None else abs(line["amount_minor"]) * rate
        yield {
            "product": _named(good, line["sku"]), "category": good.get("category") or "", "day": refund["refunded_on"],
            "order": None, "units": 0.0, "net": None if back is None else -back, "returned": back,
        }  # fmt: skip


def _named(good: Row, sku: str | None) -> str:
    return str(good["product_id"]) if good.get("product_id") is not None else sku or ""


def price_bands(shop: Shop, as_of: dt.date, window_days: int) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Give lower and upper end, products, orders, units and net sales of each band."""
    products = {each["sku"]: each for each in shop.products}
    orders = {each["order_id"]: each for each in shop.orders}
    sold = []
    for line in shop.lines:
        order = orders[line["order_id"]]
        rate = rate_of(order)
        counts = order["is_paid"] and order["kind"] == "sale" and within(order["placed_on"], as_of, window_days)
        if counts and line["quantity"] > 0 and rate is not None:
            net = (line["amount_minor"] - (line["discount_minor"] or 0)) * rate
            units = float(line["quantity"])
            good = _named(products.get(line["sku"], {}), line["sku"])
            sold.append((max(rounded(net / units), 0), order["order_id"], good, units, net))
    limits = [0, *(100 * step * 10**power for power in range(6) for step in (1, 2, 5) if step * 10**power <= 100_000)]
    whole, fifth_of = sum(each[3] for each in sold), {}
    for price in sorted({each[0] for each in sold}):
        middle = (
            sum(each[3] for each in sold if each[0] < price) + sum(each[3] for each in sold if each[0] == price) / 2
        )
        fifth_of[price] = min(int(5 * middle / whole), 4) + 1
    bands: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for each in sold:
        bands["round", sum(limit <= each[0] for limit in limits)].append(each)
        bands["fifths", fifth_of[each[0]]].append(each)
    return {key: (*_ends(key, rows, limits), *_band(rows)) for key, rows in bands.items()}


def _ends(key: tuple[str, int], rows: Sequence[Any], limits: Sequence[int]) -> tuple[int, int | None]:
    if key[0] == "fifths":
        return min(each[0] for each in rows), max(each[0] for each in rows)
    return limits[key[1] - 1], limits[key[1]] if key[1] < len(limits) else None


def _band(rows: Sequence[Any]) -> tuple[int, int, float, int]:
    units, net = sum(each[3] for each in rows), rounded(sum(each[4] for each in rows))
    return len({each[2] for each in rows}), len({each[1] for each in rows}), units, net


def basket_rules(shop: Shop, as_of: dt.date) -> dict[tuple[int, int], tuple[float, ...]]:
    """Give support, confidence, its lower end, lift and its lower end of each pair that is surely above chance."""
    products = {each["sku"]: each["product_id"] for each in shop.products}
    orders = {
        each["order_id"] for each in shop.orders
        if each["is_paid"] and each["kind"] == "sale" and within(each["placed_on"], as_of, 365)
    }  # fmt: skip
    baskets: dict[int, set[int]] = defaultdict(set)
    for line in shop.lines:
        if line["order_id"] in orders and products.get(line["sku"]) is not None:
            baskets[line["order_id"]].add(products[line["sku"]])
    alone = Counter(good for goods in baskets.values() for good in goods)
    both = Counter((one, other) for goods in baskets.values() for one in goods for other in goods if one != other)
    found = {}
    for (one, other), together in both.items():
        chance = alone[one] * alone[other] / len(baskets)
        if together >= 5 and together - chance >= 2 * math.sqrt(chance):
            share, n, z = together / alone[one], alone[one], 1.96
            low = (share + z * z / 2 / n - z * math.sqrt(share * (1 - share) / n + z * z / 4 / n / n)) / (1 + z * z / n)
            by_chance = alone[other] / len(baskets)
            if low / by_chance > 1:
                found[one, other] = (together / len(baskets), share, low, share / by_chance, low / by_chance)
    return found


def search_terms(shop: Shop, as_of: dt.date) -> dict[tuple[int, str], tuple[int, ...]]:
    """Give searches, people, those in vain, with an order within seven days, and without."""
    found: dict[tuple[int, str], list[Any]] = defaultdict(lambda: [0, set(), 0, 0])
    known = [each for each in shop.events if each["profile_id"] is not None]
    for search in known:
        query = (search["properties"] or {}).get("query") or ""
        term = query.strip(" ").lower()[:100]
        if search["name"] != "Products Searched" or not term:
            continue
        until = search["occurred_at"] + dt.timedelta(days=7)
        ordered = any(
            who(each) == who(search) and search["occurred_at"] <= each["occurred_at"] <= until
            for each in known if each["name"] == "Order Completed"
        )  # fmt: skip
        for days in SPANS[:3]:
            if within(search["occurred_at"].date(), as_of, days):
                entry = found[days, term]
                entry[0] += 1
                entry[1].add(who(search))
                entry[2] += (search["properties"] or {}).get("results") == 0
                entry[3] += ordered
    return {key: (told[0], len(told[1]), told[2], told[3], told[0] - told[3]) for key, told in found.items()}


def who(event: Row) -> int:
    """Who did something: the customer, or the device with a minus."""
    return int(event["customer_id"] if event["customer_id"] is not None else -event["profile_id"])


CHINA = ("中国", "China", "CN")
APART = {"Hong Kong": "香港特别行政区", "TW": "台湾省"}


def place_of(order: Row) -> tuple[str, str, str, str]:
    """Say of which country, of which province by whose country, and of which city an order is."""
    country, province, city = (order[name] or "" for name in ("country", "province", "city"))
    found = province_of(province) if country in ("", *CHINA) else APART.get(country, "")
    country = "中国" if country in CHINA or (found and not country) else country
    city = city[:-1] if len(city) > 2 and city.endswith("市") else city
    return country, "中国" if found else country, found or province, city


def sales_by_place(shop: Shop, as_of: dt.date) -> dict[tuple[int, str, str, str, str], tuple[Any, ...]]:
    """Give the figures of every place by days, level, country, province and city."""
    found: dict[tuple[int, str, str, str, str], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, set(), 0, 0, 0, 0])
    for order in shop.orders:
        country, of_province, province, city = place_of(order)
        keys = {
            "all": ("", "", ""), "country": (country, "", ""), "province": (of_province, province, ""),
            "city": (of_province, province, city),
        }  # fmt: skip
        for days in SPANS:
            if order["kind"] == "sale" and within(order["placed_on"], as_of, days):
                for level, key in keys.items():
                    _add(found[days, level, *key], order)
    return {
        key: (*told[:5], len(told[5]), *(rounded(each) for each in told[6:9]), told[9]) for key, told in found.items()
    }


def _add(told: list[Any], order: Row) -> None:
    paid, rate = order["is_paid"], rate_of(order)
    flags = (True, paid, paid and order["net_minor"] > 0, paid and not order["refunded_minor"],
             paid and order["refunded_minor"] > 0)  # fmt: skip
    for nth, flag in enumerate(flags):
        told[nth] += bool(flag)
    if paid and order["customer_id"] is not None:
        told[5].add(order["customer_id"])
    told[9] += rate is None
    if rate is not None:
        told[6] += order["total_minor"] * rate
        told[7] += order["net_minor"] * rate if paid else 0
        told[8] += order["refunded_minor"] * rate if paid else 0
