"""What the lake holds of trade: orders and refunds with their lines."""

from collections.abc import Sequence

import pyarrow as pa

from guanxi.orders.models import Order, Refund
from guanxi.orders.rates import base_rates
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.registry import Feed, Table, Through

TIME = pa.timestamp("us")
EXACT = pa.decimal128(18, 4)
WHO = (Through(column="customer_id", table="profiles", on="profile_id"),)


def _minor(name: str, doc: str = "minor units of `currency`") -> pa.Field:
    return pa.field(name, pa.int64(), metadata={"doc": doc})


ORDERS = Table(
    name="orders",
    grain="one row per order",
    key=("order_id",),
    version_key=("order_id",),
    month_of="placed_on",
    through=WHO,
    schema=pa.schema(
        [
            pa.field("order_id", pa.int64()),
            pa.field("order_number", pa.string()),
            pa.field("store", pa.string()),
            pa.field("channel", pa.string()),
            pa.field("profile_id", pa.int64()),
            pa.field("customer_id", pa.int64(), metadata={"doc": "null = a guest"}),
            pa.field("placed_at", TIME, metadata={"doc": "UTC"}),
            pa.field("placed_on", pa.date32(), metadata={"doc": "the store's day"}),
            pa.field("paid_at", TIME, metadata={"doc": "UTC; null = unpaid"}),
            pa.field("is_paid", pa.bool_()),
            pa.field("payment_state", pa.string()),
            pa.field("fulfilment_state", pa.string()),
            pa.field("order_state", pa.string()),
            pa.field("currency", pa.string()),
            _minor("goods_minor"),
            _minor("discount_minor"),
            _minor("shipping_minor"),
            _minor("tax_minor"),
            _minor("total_minor"),
            _minor("refunded_minor"),
            _minor("net_minor", "paid goods after discounts, less refunds, minor units of `currency`"),
            _minor("net_base_minor", "the same in the company's base currency; null without an exchange rate"),
            pa.field("source", pa.string()),
            pa.field("province", pa.string()),
            pa.field("city", pa.string()),
            pa.field("country", pa.string()),
            pa.field("kind", pa.string(), metadata={"doc": "sale, or adjustment: outside net sales"}),
            pa.field(
                "base_rate", pa.float64(), metadata={"doc": "minor units of the base currency for one of `currency`"}
            ),
        ]
    ),
)

ORDER_LINES = Table(
    name="order_lines",
    grain="one row per line of an order",
    key=("order_id", "line_number"),
    version_key=("order_id",),
    month_of="placed_on",
    through=WHO,
    schema=pa.schema(
        [
            pa.field("order_id", pa.int64()),
            pa.field("line_number", pa.int32()),
            pa.field("sku", pa.string()),
            pa.field("product_name", pa.string()),
            pa.field("category", pa.string()),
            pa.field("quantity", EXACT),
            pa.field("unit_price", EXACT),
            _minor("amount_minor", "quantity x unit price, rounded"),
            _minor("discount_minor"),
            pa.field("placed_on", pa.date32()),
            pa.field("customer_id", pa.int64()),
            pa.field("store", pa.string()),
            pa.field("profile_id", pa.int64()),
        ]
    ),
)

REFUNDS = Table(
    name="refunds",
    grain="one row per refund or cancellation document",
    key=("refund_id",),
    version_key=("refund_id",),
    month_of="refunded_on",
    through=WHO,
    schema=pa.schema(
        [
            pa.field("refund_id", pa.int64()),
            pa.field("refund_number", pa.string()),
            pa.field("order_id", pa.int64(), metadata={"doc": "null = the original was not found"}),
            pa.field("profile_id", pa.int64()),
            pa.field("customer_id", pa.int64()),
            pa.field("refunded_at", TIME, metadata={"doc": "UTC"}),
            pa.field("refunded_on", pa.date32(), metadata={"doc": "the store's day"}),
            pa.field("currency", pa.string()),
            _minor("amount_minor", "what was given back, positive, minor units of `currency`"),
            pa.field("store", pa.string()),
            pa.field("reason", pa.string()),
        ]
    ),
)

REFUND_LINES = Table(
    name="refund_lines",
    grain="one row per line of a refund",
    key=("refund_id", "line_number"),
    version_key=("refund_id",),
    schema=pa.schema(
        [
            pa.field("refund_id", pa.int64()),
            pa.field("line_number", pa.int32()),
            pa.field("sku", pa.string()),
            pa.field("product_name", pa.string()),
            pa.field("quantity", EXACT, metadata={"doc": "as the document says: negative where goods come back"}),
            pa.field("unit_price", EXACT),
            _minor("amount_minor", "quantity x unit price, rounded"),
        ]
    ),
)


def load_orders(ids: Sequence[int]) -> pa.Table:
    """Read orders with their store's names and the rate of their day, without the recipient."""
    which, params = among("o.id", ids)
    in_book = ORDERS.stored.remove(ORDERS.stored.get_field_index("base_rate"))
    found = columns(
        f"""
        select o.id as order_id, o.number as order_number, s.code as store, s.channel as channel,
               o.profile_id as profile_id, o.placed_at as placed_at, o.placed_on as placed_on, o.paid_at as paid_at,
               case when o.paid_at is null then 0 else 1 end as is_paid, o.payment_state as payment_state,
               o.fulfilment_state as fulfilment_state, o.order_state as order_state, o.currency as currency,
               o.goods_minor as goods_minor, o.discount_minor as discount_minor, o.shipping_minor as shipping_minor,
               o.tax_minor as tax_minor, o.total_minor as total_minor, o.refunded_minor as refunded_minor,
               o.net_minor as net_minor, o.net_base_minor as net_base_minor, o.source as source,
               o.province as province, o.city as city, o.country as country, o.kind as kind
        from orders_order o join orders_store s on s.id = o.store_id
        where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        in_book,
    )
    return found.append_column("base_rate", pa.chunked_array([base_rates(found["currency"], found["placed_on"])]))


def load_order_lines(ids: Sequence[int]) -> pa.Table:
    """Read the lines of orders."""
    which, params = among("l.order_id", ids)
    return columns(
        f"""
        select l.order_id as order_id, l.line_number as line_number, l.sku as sku, l.product_name as product_name,
               l.category as category, l.quantity as quantity, l.unit_price as unit_price,
               l.amount_minor as amount_minor, l.discount_minor as discount_minor, o.placed_on as placed_on,
               s.code as store, o.profile_id as profile_id
        from orders_orderline l
        join orders_order o on o.id = l.order_id
        join orders_store s on s.id = o.store_id
        where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        ORDER_LINES.stored,
    )


def load_refunds(ids: Sequence[int]) -> pa.Table:
    """Read refunds."""
    which, params = among("r.id", ids)
    return columns(
        f"""
        select r.id as refund_id, r.number as refund_number, r.order_id as order_id, r.profile_id as profile_id,
               r.refunded_at as refunded_at, r.refunded_on as refunded_on, r.currency as currency,
               r.amount_minor as amount_minor, s.code as store, r.reason as reason
        from orders_refund r join orders_store s on s.id = r.store_id
        where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        REFUNDS.stored,
    )


def load_refund_lines(ids: Sequence[int]) -> pa.Table:
    """Read the lines of refunds."""
    which, params = among("refund_id", ids)
    return columns(
        f"""
        select refund_id, line_number, sku, product_name, quantity, unit_price, amount_minor
        from orders_refundline where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        REFUND_LINES.stored,
    )


FEEDS = (
    Feed(name="orders", model=Order, loaders={"orders": load_orders, "order_lines": load_order_lines}),
    Feed(name="refunds", model=Refund, loaders={"refunds": load_refunds, "refund_lines": load_refund_lines}),
)
