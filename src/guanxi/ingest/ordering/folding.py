"""The events of one order, put together: pure, and the same in whatever order they came.

Source of the amounts: Segment's e-commerce spec v2. `subtotal` is goods after discounts, `revenue` the same as the shop
counts it, `total` is subtotal with shipping and tax. Money comes in decimals and leaves in minor units.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from guanxi.core.money import CURRENCIES, to_major, to_minor
from guanxi.ingest.collection.properties import products

MOST_LINES, MOST_MINOR = 500, 10**12
MOST_EACH = Decimal(10) ** 7
PAID = ("Order Paid", "Order Completed")
TELL_LINES = ("Order Placed", *PAID, "Order Updated")
ORDER_EVENTS = (
    "Order Placed", "Deposit Paid", *PAID, "Order Updated", "Order Shipped", "Order Delivered", "Order Cancelled",
    "Item Refunded", "Order Refunded",
)  # fmt: skip
ONCE = {name for name in ORDER_EVENTS if name not in {"Order Updated", "Item Refunded", "Order Refunded"}}
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Said:
    """One event of an order: its name, when it happened, what it says."""

    name: str
    at: dt.datetime
    properties: Mapping[str, Any] = field(hash=False)

    @cached_property
    def place(self) -> tuple[dt.datetime, int, str]:
        """Where it stands among the others, whatever the order in which they came."""
        return self.at, ORDER_EVENTS.index(self.name), json.dumps(self.properties, sort_keys=True, default=str)


def natural_key(name: str, properties: Mapping[str, Any]) -> str:
    """Tell an event of an order from every other one of it: a marketplace sends the same again with new ids.

    >>> natural_key("Order Completed", {"total": 3}) == natural_key("Order Completed", {"total": 4})
    True
    """
    status = str(properties.get("status") or "")
    said = "" if name in ONCE else json.dumps(properties, sort_keys=True, ensure_ascii=False, default=str)
    return "\n".join((name, status, said))


def fold(number: str, events: Sequence[Said], *, currency: str) -> dict[str, Any] | None:
    """Put an order together, in the fields in which programs send orders; None where its events sell nothing.

    `currency` is the store's, for events that name none.
    """
    told = sorted(events, key=lambda each: each.place)
    selling = [each for each in told if each.name in TELL_LINES and (_total(each) is not None or _lines(each))]
    if not selling:
        return None
    head = selling[-1]
    code = next((each for each in map(_currency, reversed(selling)) if each), currency)
    lines = next((found for each in reversed(selling) if (found := _lines(each))), [])
    total = next((each for each in map(_total, reversed(selling)) if each is not None), None)
    money = {name: _minor(head.properties.get(name), code) or 0 for name in ("discount", "shipping", "tax")}
    whole = (_minor(total, code) or 0) if total is not None else _sum(lines, code) + money["shipping"] + money["tax"]
    return {
        "number": number, "currency": code, **_times(told), "status": _status(told), "reason": "",
        "total_minor": whole, **{f"{name}_minor": amount for name, amount in money.items()},
        "lines": lines or [_nameless(whole - money["shipping"] - money["tax"] + money["discount"], code)],
        **_refunds(told, whole, code), "payments": _payments(told, whole, code),
    }  # fmt: skip


def _times(told: Sequence[Said]) -> dict[str, dt.datetime | None]:
    first = {name: each.at for each in reversed(told) for name in [each.name]}
    paid = [first[name] for name in PAID if name in first]
    return {
        "placed_at": told[0].at, "paid_at": min(paid) if paid else None, "shipped_at": first.get("Order Shipped"),
        "delivered_at": first.get("Order Delivered"),
    }  # fmt: skip


def _status(told: Sequence[Said]) -> str:
    if any(each.name == "Order Cancelled" for each in told):
        return "cancelled"
    return "completed" if any(each.name == "Order Delivered" for each in told) else "open"


def _refunds(told: Sequence[Said], whole: int, code: str) -> dict[str, Any]:
    """Add up what went back, up to the whole; a refund that names no amount is of everything."""
    back = [each for each in told if each.name in {"Item Refunded", "Order Refunded"}]
    amount = sum(_went_back(each, whole, code) for each in back)
    return {"refund_minor": min(amount, whole) or None, "refunded_at": back[-1].at if back else None}


def _went_back(each: Said, whole: int, code: str) -> int:
    total = _total(each)
    if total is not None:
        return _minor(total, code) or 0
    lines = _lines(each)
    return _sum(lines, code) if lines else whole


def _payments(told: Sequence[Said], whole: int, code: str) -> list[dict[str, Any]]:
    """Tell what was paid: deposits as they say, and the rest at once."""
    deposits = [_minor(_total(each), code) or 0 for each in told if each.name == "Deposit Paid"]
    found = [{"method": "", "amount_minor": amount} for amount in deposits if amount]
    paid = next((each for each in told if each.name in PAID), None)
    if paid is not None and whole > sum(deposits):
        method = str(paid.properties.get("payment_method") or "")[:40]
        found.append({"method": method, "amount_minor": whole - sum(deposits)})
    return found


def _total(each: Said) -> Decimal | None:
    """Read what an event says that it is about: the total, or what it is made of."""
    told = {name: _decimal(each.properties.get(name)) for name in ("total", "subtotal", "revenue", "value")}
    if told["total"] is not None:
        return told["total"]
    goods = next((told[name] for name in ("subtotal", "revenue", "value") if told[name] is not None), None)
    if goods is None:
        return None
    return goods + sum(_decimal(each.properties.get(name)) or Decimal(0) for name in ("shipping", "tax"))


def _lines(each: Said) -> list[dict[str, Any]]:
    return [line for product in products(each.properties) if (line := _line(product))][:MOST_LINES]


def _line(product: Mapping[str, Any]) -> dict[str, Any] | None:
    sku, name = (str(product.get(key) or "")[:120] for key in ("sku", "name"))
    sku = sku or str(product.get("product_id") or "")[:120]
    price, quantity = _decimal(product.get("price")), _decimal(product.get("quantity"))
    if not (sku or name) or (quantity is not None and quantity <= 0):
        return None
    return {
        "line_id": "", "sku": sku, "product_name": name, "category": str(product.get("category") or "")[:120],
        "quantity": quantity or Decimal(1), "unit_price": price or Decimal(0), "discount_minor": 0,
    }  # fmt: skip


def _nameless(amount: int, code: str) -> dict[str, Any]:
    """Stand for the goods of an order that names none."""
    price = to_major(max(amount, 0), code)
    return {"line_id": "", "sku": "", "product_name": "", "category": "", "quantity": Decimal(1), "unit_price": price,
            "discount_minor": 0}  # fmt: skip


def _sum(lines: Sequence[Mapping[str, Any]], code: str) -> int:
    return sum(_minor(line["quantity"] * line["unit_price"], code) or 0 for line in lines)


def _minor(value: Any, code: str) -> int | None:
    exact = value if isinstance(value, Decimal) else _decimal(value)
    if exact is None:
        return None
    minor = to_minor(exact, code)
    return minor if 0 <= minor <= MOST_MINOR else None


def _decimal(value: Any) -> Decimal | None:
    """Read a number to four places; what is none, negative or out of all measure is not said."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        exact = Decimal(str(value))
    except ArithmeticError:
        return None
    return exact.quantize(FOUR_PLACES, ROUND_HALF_UP) if exact.is_finite() and 0 <= exact < MOST_EACH else None


def _currency(each: Said) -> str:
    code = each.properties.get("currency")
    return code if isinstance(code, str) and code in CURRENCIES else ""


def summary(properties: Mapping[str, Any], *, store: str, currency: str) -> dict[str, Any]:
    """Give what a timeline tells of an order by its event: its number and store, what it is of and worth if it says so.

    >>> summary({"order_id": "A1", "total": 12.5, "products": [{"name": "Tea"}]}, store="own", currency="CNY")
    {'number': 'A1', 'store': 'own', 'currency': 'CNY', 'lines': 1, 'first': 'Tea', 'total_minor': 1250}
    """
    said = Said("Order Updated", NEVER, properties)
    code = _currency(said) or currency
    lines = _lines(said)
    total = _total(said)
    head = {"number": str(properties.get("order_id")), "store": store, "currency": code}
    goods = {"lines": len(lines), "first": next(_names(lines))} if lines else {}
    if total is None and not lines:
        return head
    return {**head, **goods, "total_minor": (_minor(total, code) if total is not None else _sum(lines, code)) or 0}


def _names(lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (line["product_name"] or line["sku"] for line in lines)
