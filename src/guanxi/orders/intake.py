"""Whole sets of orders and refunds entering the book, by the caller's transaction.

Rows come as tuples in the order of the column lists below, as the database stores them.
"""

import json
from collections.abc import Sequence
from typing import Any

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.customers.models import Event
from guanxi.orders.models import Order, OrderLine, Payment, Purchases, Refund, RefundLine
from guanxi.warehouse.models import announce

ORDER_COLUMNS = (
    "id", "customer_id", "profile_id", "store_id", "number", "kind", "placed_at", "placed_on", "paid_at",
    "payment_state", "fulfilment_state", "order_state", "platform_state", "currency", "goods_minor", "discount_minor",
    "shipping_minor", "tax_minor", "total_minor", "refunded_minor", "net_minor", "net_base_minor", "source", "province",
    "city", "country", "recipient", "import_id", "created_at", "lake_batch",
)  # fmt: skip
LINE_COLUMNS = (
    "order_id", "line_number", "key", "sku", "product_name", "category", "variant_id", "quantity", "unit_price",
    "amount_minor", "discount_minor",
)  # fmt: skip
PAYMENT_COLUMNS = ("order_id", "sequence", "method", "amount_minor", "paid_at")
REFUND_COLUMNS = (
    "id", "customer_id", "profile_id", "store_id", "number", "order_id", "refunded_at", "refunded_on", "currency",
    "amount_minor", "reason", "source", "import_id", "lake_batch",
)  # fmt: skip
REFUND_LINE_COLUMNS = (
    "refund_id", "line_number", "sku", "product_name", "quantity", "unit_price", "amount_minor",
)  # fmt: skip
EVENT_COLUMNS = (
    "id", "customer_id", "profile_id", "name", "occurred_at", "received_at", "source", "properties",
)  # fmt: skip


def net_of(goods: int, discount: int, refunded: int, *, is_sale: bool) -> int:
    """Net sales of an order in minor units: what goods brought, less what went back of it; shipping is no sale.

    >>> net_of(10_000, 500, 2_000, is_sale=True), net_of(10_000, 0, 10_800, is_sale=True)
    (7500, 0)
    """
    brought = goods - discount
    return brought - min(refunded, max(brought, 0)) if is_sale else 0


def payment_state_of(total: int, refunded: int, *, is_paid: bool) -> str:
    """Where the money of an order is."""
    if not is_paid:
        return "unpaid"
    if refunded <= 0:
        return "paid"
    return "refunded" if refunded >= total else "part_refunded"


def insert_orders(
    orders: Sequence[Sequence[Any]],
    lines: Sequence[Sequence[Any]],
    payments: Sequence[Sequence[Any]],
    *,
    line_columns: Sequence[str] = LINE_COLUMNS,
) -> None:
    """Insert new orders with all that hangs on them; `line_columns` may leave out columns with defaults."""
    bulk.insert(Order, ORDER_COLUMNS, orders)
    announce(Order, (row[0] for row in orders))
    Purchases.objects.arrive(row[0] for row in orders)
    bulk.insert(OrderLine, line_columns, lines)
    bulk.insert(Payment, PAYMENT_COLUMNS, payments)


def insert_refunds(refunds: Sequence[Sequence[Any]], lines: Sequence[Sequence[Any]]) -> None:
    """Insert new refunds with their lines."""
    bulk.insert(Refund, REFUND_COLUMNS, refunds)
    announce(Refund, (row[0] for row in refunds))
    bulk.insert(RefundLine, REFUND_LINE_COLUMNS, lines)


def insert_events(events: Sequence[tuple[Any, ...]]) -> list[int]:
    """Append events to the stream and return their ids; each is a row of EVENT_COLUMNS without the id."""
    ids = list(reserve(Event, len(events)))
    Event.objects.append(EVENT_COLUMNS, [(pk, *row) for pk, row in zip(ids, events, strict=True)])
    return ids


def properties(**values: Any) -> str:
    """Spell an event's properties as the book stores them."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
