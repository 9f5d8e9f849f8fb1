"""The trade of the large book: stores, goods, three years of orders, refunds, and what the stream tells of them."""

import datetime as dt

from benchmarks._rows import day, drawn, hashed, json, moment, one_of, say, select, series

from guanxi.catalog.models import Category, Product, Variant
from guanxi.customers.models import Event
from guanxi.orders.models import Order, OrderLine, Purchases, Refund, Store

STORES = {
    "tea": "own", "tmall": "tmall", "taobao": "taobao", "jd": "jd", "youzan": "youzan", "douyin": "douyin",
    "wechat": "wechat", "shopify": "shopify", "counter-1": "counter", "counter-2": "counter", "counter-3": "counter",
    "outlet": "own",
}  # fmt: skip
GOODS = 900
SHELVES = ("绿茶", "红茶", "乌龙", "白茶", "普洱", "茶器")
WHALE, WHALE_ORDERS = 1, 50_000
YEARS = 3
SECONDS = YEARS * 365 * 86_400
RECENT_DAYS = 14  # orders of these days are still on their way
RETURNED = {"refunded": 0.03, "part_refunded": 0.015}
REFUNDED = "('refunded', 'part_refunded')"


def open_stores() -> None:
    """Open the stores."""
    for code, channel in STORES.items():
        Store.open(code, name=f"Bench {code}", channel=channel, currency="CNY", time_zone="Asia/Shanghai")


def goods() -> None:
    """Put the goods on their shelves, a variant each."""
    shelves = [Category.objects.create(name=name) for name in SHELVES]
    for nth in range(GOODS):
        shelf = shelves[nth % len(shelves)]
        product = Product.objects.create(name=f"{shelf.name} {nth}", brand="Bench", category=shelf)
        Variant.objects.create(product=product, sku=f"T-{nth}", price_minor=12_800, currency="CNY")


def bought(customers: int, orders: int, begin: dt.datetime) -> None:
    """Make the orders, one every few seconds, lines of two fifths of them, refunds, and what the stream tells."""
    ordered(customers, orders, begin)
    lined(orders)
    refunded()
    told()


def ordered(customers: int, orders: int, begin: dt.datetime) -> None:
    """Make the orders: few customers place many, many place few; one in twenty is unpaid, one in twenty went back."""
    at = moment(begin, f"(i * {SECONDS} / {orders})")
    buyer = (
        f"(case when i % {max(1, orders // WHALE_ORDERS)} = 0 then {WHALE} else 2"
        f" + cast(floor({' * '.join(drawn('i', salt) for salt in (4, 5, 6))} * {customers - 1}) as bigint) end)"
    )
    recent = f"(i > {orders - orders * RECENT_DAYS // (YEARS * 365)})"
    payment = one_of({"unpaid": 0.05, **RETURNED, "refunded ": 0.01}, drawn("i", 7), "paid")
    made = (
        f"(select i, {buyer} as buyer, (1000 + {hashed('i', 3)} % 90000) as total, {at} as at, {recent} as recent,"
        f" trim({payment}) as payment, {drawn('i', 8)} as lot from {series(orders)}) made"
    )
    late = one_of({"held": 0.03, "unfulfilled": 0.25, "part": 0.02, "shipped": 0.4}, "lot", "delivered")
    early = one_of({"shipped": 0.004, "part": 0.001}, "lot", "delivered")
    back = one_of({"requested": 0.1, "part": 0.2, "none": 0.2}, "lot", "returned")
    net = "case payment when 'paid' then total when 'part_refunded' then total - total / 3 else 0 end"
    minors = {f"{name}_minor": "0" for name in ("discount", "shipping", "tax")}
    minors |= {"goods_minor": "total", "total_minor": "total", "net_minor": net, "net_base_minor": net}
    select(
        Order, made, id="i", customer_id="buyer", profile_id="buyer", number="'N' || i", kind="'sale'",
        store_id=f"{Store.objects.order_by('pk')[0].pk} + i % {len(STORES)}",
        placed_at="at", placed_on=day("at"), created_at="at", paid_at="case when payment <> 'unpaid' then at end",
        payment_state="payment",
        fulfilment_state=f"case when payment = 'unpaid' then 'unfulfilled' when recent then {late} else {early} end",
        return_state=f"case when payment in {REFUNDED} then {back} when lot < 0.004 then 'requested' else 'none' end",
        order_state="case when recent then 'open' when payment = 'unpaid' then 'cancelled' else 'completed' end",
        refunded_minor="case payment when 'refunded' then total when 'part_refunded' then total / 3 else 0 end",
        platform_state="''", currency="'CNY'", source="'import'", province="'浙江省'", city="'城市' || (i % 300)",
        country="'CN'", **minors,
    )  # fmt: skip
    Purchases.objects.rebuild()
    say("orders")


def lined(orders: int) -> None:
    """Make the lines of two fifths of the orders, one to three each."""
    good, first = f"((i * 13 + n * {hashed('i', 9)}) % {GOODS})", Variant.objects.order_by("pk")[0].pk
    numbers = "(select 1 as n union all select 2 union all select 3) lines"
    select(
        OrderLine, f"{series(orders)} join {numbers} on n <= 1 + i % 3 where i % 5 < 2", order_id="i", line_number="n",
        key="''", sku=f"'T-' || {good}", product_name=f"'西湖龙井 ' || {good}", category="'绿茶'",
        variant_id=f"{first} + {good}", quantity="10000", unit_price="1280000", amount_minor="12800",
        discount_minor="0",
    )  # fmt: skip
    say("order lines")


def refunded() -> None:
    """Write the refunds of the orders that went back."""
    select(
        Refund, f"orders_order o where o.payment_state in {REFUNDED} order by o.id", customer_id="o.customer_id",
        profile_id="o.profile_id", store_id="o.store_id", number="'R' || o.id", order_id="o.id",
        refunded_at="o.placed_at", refunded_on="o.placed_on", currency="o.currency", amount_minor="o.refunded_minor",
        reason="'七天无理由'", source="'import'",
    )  # fmt: skip
    say("refunds")


def told() -> None:
    """Tell a fifth of the orders in the stream, and all of the customer with the most."""
    properties = (
        """'{"order": ' || o.id || ', "number": "' || o.number || '", "store": "' || s.code || '", "total_minor": ' """
        """|| o.total_minor || ', "currency": "CNY", "lines": 2, "first": "西湖龙井"}'"""
    )
    select(
        Event, "orders_order o join orders_store s on s.id = o.store_id"
        f" where o.customer_id = {WHALE} or o.id % 5 = 0 order by o.id",
        customer_id="o.customer_id", profile_id="o.profile_id",
        name="case when o.paid_at is null then 'Order Placed' else 'Order Completed' end",
        occurred_at="o.placed_at", received_at="o.placed_at", source="'import'", properties=json(properties),
    )  # fmt: skip
    say("events")
