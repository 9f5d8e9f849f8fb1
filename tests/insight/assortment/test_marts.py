"""The marts of goods, prices, baskets, searches and places say what a plain twin says of small shops."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.identity.cleaning.divisions import places as divisions
from guanxi.warehouse import marts, registry
from guanxi.warehouse.engine import connect
from tests.insight.assortment import twins
from tests.insight.assortment.twins import BASE, Row, Shop
from tests.insight.computed import computed, hold

AS_OF = dt.date(2024, 11, 11)
PARAMS: dict[str, Any] = {
    "as_of": AS_OF, "base_currency": BASE, "time_zone": "UTC", "window_days": 365, "major_minor": 100,
    "most_percent": 80, "next_percent": 95, "fewest_orders": 5,
}  # fmt: skip
NAMES = ("goods_sales", "price_bands", "product_pairs", "basket_rules", "search_terms", "sales_by_place")


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def compute(engine: Any, shop: Shop, name: str) -> list[dict[str, Any]]:
    """Compute a mart on what the lake would hold."""
    events = [each | {"properties": json.dumps(each["properties"])} for each in shop.events]
    hold(
        engine, orders=shop.orders, order_lines=shop.lines, refunds=shop.refunds, products=shop.products,
        refund_lines=shop.refund_lines, events=events,
    )  # fmt: skip
    return computed(engine, name, **PARAMS)[name]


def order(number: int, days_ago: int = 0, **more: Any) -> Row:
    placed = AS_OF - dt.timedelta(days=days_ago)
    return {
        "order_id": number, "customer_id": None, "placed_on": placed, "is_paid": True, "kind": "sale",
        "placed_at": dt.datetime.combine(placed, dt.time(4)), "currency": BASE, "net_minor": 1_000,
        "net_base_minor": 1_000, "base_rate": None, "total_minor": 1_200, "refunded_minor": 0, "country": "",
        "province": "", "city": "",
    } | more  # fmt: skip


def line(order_id: int, number: int, sku: str = "a1", **more: Any) -> Row:
    return {
        "order_id": order_id, "line_number": number, "sku": sku, "category": "tea", "quantity": Decimal(1),
        "amount_minor": 1_000, "discount_minor": 0,
    } | more  # fmt: skip


PRODUCTS = [
    {"sku": sku, "product_id": product, "category": category}
    for sku, product, category in (
        ("a1", 11, "tea"),
        ("a2", 11, "tea"),
        ("b", 12, "cups"),
        ("c", 13, ""),
        ("d", None, ""),
    )
]
days_back = (
    st.integers(-20, 800) | st.integers(0, 60) | st.sampled_from([29, 30, 59, 60, 89, 90, 179, 180, 364, 365, 730])
)
money: list[Row] = [
    {}, {}, {"refunded_minor": 300, "net_minor": 0}, {"net_minor": -500},
    {"currency": "USD", "net_minor": 100, "net_base_minor": 700},
    {"currency": "USD", "net_minor": 0, "net_base_minor": 0, "base_rate": 7.0},
    {"currency": "EUR", "net_base_minor": None},
]  # fmt: skip
places = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["", "", "中国", "China", "CN", "Germany", "Hong Kong", "TW", "Unspecified"]),
        "province": st.sampled_from(["", "广东省", "广东", "上海", "上海市", "内蒙古自治区", "新疆", "Bavaria"]),
        "city": st.sampled_from(["", "广州市", "广州", "上海市", "München", "沙市"]),
    }
)
orders_of_shops = st.lists(
    st.tuples(
        days_back, st.sampled_from(money), places, st.none() | st.integers(1, 4),
        st.sampled_from([True, True, False]), st.sampled_from(["sale", "sale", "sale", "adjustment"]),
    ),
    max_size=25,
).map(
    lambda rows: [
        order(nth, ago, customer_id=customer, is_paid=paid, kind=kind, **told, **where)
        for nth, (ago, told, where, customer, paid, kind) in enumerate(rows, 1)
    ]
)  # fmt: skip
some_lines = st.lists(
    st.builds(
        dict,
        order_id=st.integers(1, 25),
        sku=st.sampled_from(["a1", "a2", "b", "c", "d", "gone", ""]),
        category=st.sampled_from(["tea", "gifts", "", None]),
        amount_minor=st.sampled_from([0, 99, 100, 100, 400, 5_000, -300]),
        discount_minor=st.sampled_from([0, 0, 50, None]),
        quantity=st.sampled_from([Decimal(1), Decimal(2), Decimal("2.5"), Decimal(-1), Decimal(0)]),
    ),
    max_size=40,
).map(lambda rows: [row | {"line_number": nth} for nth, row in enumerate(rows, 1)])
returns = st.lists(
    st.tuples(
        st.none() | st.integers(1, 25), days_back, st.sampled_from([BASE, "USD"]), st.sampled_from(["a1", "b", ""])
    ),
    max_size=8,
)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """A shop in which every line and refund that names an order has it, as in the book."""
    orders = draw(orders_of_shops)
    ids = {each["order_id"] for each in orders}
    lines = [each for each in draw(some_lines) if each["order_id"] in ids]
    refunds, refund_lines = [], []
    for nth, (order_id, ago, currency, sku) in enumerate(draw(returns), 1):
        if order_id in {None, *ids}:
            on = AS_OF - dt.timedelta(days=ago)
            refunds.append({"refund_id": nth, "order_id": order_id, "refunded_on": on, "currency": currency})
            refund_lines.append({"refund_id": nth, "line_number": 1, "sku": sku, "amount_minor": -150})
    return Shop(orders, lines, refunds, refund_lines, PRODUCTS)


def told(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


@given(shop=shops())
def test_what_goods_and_categories_sold_is_what_the_twin_says(engine: Any, shop: Shop) -> None:
    figures = (
        "net_minor", "returned_minor", "orders", "units", "net_before_minor", "orders_before", "units_before", "place",
        "cumulative_share", "class", "unpriced",
    )  # fmt: skip
    found = {told(row, "days", "part", "entry"): told(row, *figures) for row in compute(engine, shop, "goods_sales")}
    assert found == twins.goods_sales(shop, AS_OF)


@given(shop=shops())
def test_categories_and_products_add_up_to_the_same(engine: Any, shop: Shop) -> None:
    sums: dict[tuple[int, str], float] = {}
    for row in compute(engine, shop, "goods_sales"):
        sums[row["days"], row["part"]] = sums.get((row["days"], row["part"]), 0) + row["units"]
    assert all(sums[days, "product"] == sums[days, "category"] for days, _part in sums)


@given(shop=shops())
def test_bands_of_prices_are_those_of_the_twin(engine: Any, shop: Shop) -> None:
    figures = ("lower_minor", "upper_minor", "products", "orders", "units", "net_minor")
    found = {told(row, "scale", "band"): told(row, *figures) for row in compute(engine, shop, "price_bands")}
    assert found == twins.price_bands(shop, AS_OF, 365)


@given(
    baskets=st.lists(
        st.tuples(st.sets(st.sampled_from(["a1", "a2", "b", "c", "d"]), max_size=4), st.integers(0, 400)), max_size=40
    )
)
def test_rules_of_baskets_are_those_of_the_twin(engine: Any, baskets: list[tuple[set[str], int]]) -> None:
    orders = [order(nth, ago) for nth, (_goods, ago) in enumerate(baskets, 1)]
    lines = [
        line(nth, at, sku) for nth, (goods, _ago) in enumerate(baskets, 1) for at, sku in enumerate(sorted(goods), 1)
    ]
    shop = Shop(orders, lines, products=PRODUCTS)
    rows = compute(engine, shop, "basket_rules")
    figures = ("support", "confidence", "confidence_low", "lift", "lift_low")
    wanted = twins.basket_rules(shop, AS_OF)
    assert {told(row, "product_id", "other_product_id") for row in rows} == wanted.keys()
    for row in rows:
        key = (row["product_id"], row["other_product_id"])
        assert told(row, *figures) == pytest.approx(wanted[key])
    assert [row["lift_low"] for row in rows] == sorted((row["lift_low"] for row in rows), reverse=True)


QUERIES: list[Row] = [
    {"query": " Tea "}, {"query": "龙井", "results": 0}, {"query": "tea", "results": 4}, {"query": ""}, {},
]  # fmt: skip
searches = st.lists(
    st.tuples(
        st.sampled_from(["Products Searched", "Products Searched", "Order Completed", "Product Viewed"]),
        st.none() | st.integers(1, 3), st.none() | st.integers(1, 4), st.integers(-3, 380) | st.integers(0, 9),
        st.integers(0, 23),
        st.sampled_from(QUERIES),
    ),
    max_size=30,
)  # fmt: skip


@given(made=searches)
def test_terms_are_those_of_the_twin(engine: Any, made: list[Any]) -> None:
    events = [
        {
            "event_id": nth, "name": name, "customer_id": customer, "profile_id": profile, "properties": more,
            "occurred_at": dt.datetime.combine(AS_OF - dt.timedelta(days=ago), dt.time(hour)),
        }
        for nth, (name, customer, profile, ago, hour, more) in enumerate(made, 1)
    ]  # fmt: skip
    shop = Shop([], events=events)
    figures = ("searches", "people", "in_vain", "bought", "unbought")
    found = {told(row, "days", "term"): told(row, *figures) for row in compute(engine, shop, "search_terms")}
    assert found == twins.search_terms(shop, AS_OF)


@given(shop=shops())
def test_places_are_those_of_the_twin(engine: Any, shop: Shop) -> None:
    figures = (
        "orders", "paid", "received", "kept", "refunded", "customers", "total_minor", "net_minor", "refunded_minor",
        "unpriced",
    )  # fmt: skip
    rows = compute(engine, shop, "sales_by_place")
    found = {told(row, "days", "level", "country", "province", "city"): told(row, *figures) for row in rows}
    assert found == twins.sales_by_place(shop, AS_OF)


@given(shop=shops())
def test_every_level_of_places_counts_every_order_once(engine: Any, shop: Shop) -> None:
    sums: dict[tuple[int, str], int] = {}
    for row in compute(engine, shop, "sales_by_place"):
        sums[row["days"], row["level"]] = sums.get((row["days"], row["level"]), 0) + row["orders"]
    assert all(count == sums[days, "all"] for (days, _level), count in sums.items())


SPELLED = {
    "广东": "广东省", "广东省": "广东省", "Guangdong": "广东省",
    "Guangdong Province": "广东省", "CN-GD": "广东省",
    "上海": "上海市", "上海市": "上海市", "shanghai": "上海市", "内蒙": "内蒙古自治区",
    "Inner Mongolia": "内蒙古自治区",

    "陕西": "陕西省", "Shaanxi": "陕西省", "Shanxi": "山西省", "Tibet": "西藏自治区",
    "臺灣": "台湾省", "黑龙江": "黑龙江省",
    "新疆维吾尔自治区": "新疆维吾尔自治区", "Hong Kong": "香港特别行政区",
    "澳門": "澳门特别行政区", "Bavaria": "Bavaria",
}  # fmt: skip


@pytest.mark.parametrize(("written", "name"), SPELLED.items())
def test_a_province_is_known_however_orders_write_it(engine: Any, written: str, name: str) -> None:
    rows = compute(engine, Shop([order(1, country="China", province=written)]), "sales_by_place")
    (found,) = [row for row in rows if (row["level"], row["days"]) == ("province", 0)]
    assert found["province"] == name
    assert bool(found["division"]) == (name != "Bavaria")


def test_all_34_divisions_of_the_table_of_addresses_are_known_by_their_whole_and_short_names(engine: Any) -> None:
    names = sorted({place.name for place in divisions() if place.within is None})
    rows = compute(engine, Shop([order(nth, province=name) for nth, name in enumerate(names, 1)]), "sales_by_place")
    found = {row["province"]: row["division"] for row in rows if (row["level"], row["days"]) == ("province", 0)}
    assert sorted(found) == names
    assert len({*found.values()}) == len(names) == 34


def test_the_same_province_abroad_is_no_division(engine: Any) -> None:
    rows = compute(engine, Shop([order(1, country="Vietnam", province="Hainan")]), "sales_by_place")
    assert {(row["country"], row["division"]) for row in rows if row["level"] == "province"} == {("Vietnam", "")}


def test_a_few_orders_prove_less_of_a_lift_than_many_and_one_order_nothing(engine: Any) -> None:
    pairs = [("a1", "b")] * 100 + [("a1",)] * 20 + [("c", "x")] * 5 + [("c",)] * 8 + [("x",)] * 6 + [("y",)] * 600
    pairs += [("d1", "d2")]
    products = [
        *PRODUCTS,
        *({"sku": sku, "product_id": nth, "category": ""} for nth, sku in enumerate(["x", "y", "d1", "d2"], 14)),
    ]
    lines = [line(nth, at, sku) for nth, goods in enumerate(pairs, 1) for at, sku in enumerate(goods, 1)]
    shop = Shop([order(nth) for nth in range(1, len(pairs) + 1)], lines, products=products)
    rows = compute(engine, shop, "basket_rules")
    kept = {told(row, "product_id", "other_product_id"): row["lift_low"] / row["lift"] for row in rows}
    assert kept[13, 14] < 0.5
    assert kept[11, 12] > 0.9
    assert {key for key in kept if {16, 17} & {*key}} == set()


def test_a_customer_with_a_hundred_thousand_orders_is_one_customer(engine: Any) -> None:
    many = range(1, 100_001)
    shop = Shop(
        [order(nth, nth % 30, customer_id=1, province="上海") for nth in many], [line(nth, 1) for nth in many],
        products=PRODUCTS,
    )  # fmt: skip
    (sold,) = [row for row in compute(engine, shop, "goods_sales") if (row["days"], row["part"]) == (30, "product")]
    assert told(sold, "orders", "net_minor", "cumulative_share", "class") == (100_000, 100_000_000, 1.0, "A")
    (place,) = [
        row for row in compute(engine, shop, "sales_by_place") if (row["days"], row["level"]) == (30, "province")
    ]
    assert told(place, "province", "orders", "customers", "net_minor") == ("上海市", 100_000, 1, 100_000_000)
    assert compute(engine, shop, "basket_rules") == []


@pytest.mark.parametrize("name", NAMES)
def test_each_mart_fits_its_header_and_the_lake(name: str) -> None:
    marts.check(registry.marts()[name])


@pytest.mark.parametrize(
    "shop",
    [
        Shop([]), Shop([order(1)]), Shop([order(1, net_minor=0, refunded_minor=1_200)], [line(1, 1)], [], [], PRODUCTS),
        Shop([order(1, net_minor=-900)], [line(1, 1, amount_minor=-900)], products=PRODUCTS),
        Shop([order(1, 400), order(2)], [line(1, 1), line(2, 1)], products=PRODUCTS),
    ],
)  # fmt: skip
def test_odd_shops_give_no_figure_that_is_none(engine: Any, shop: Shop) -> None:
    for name in ("goods_sales", "price_bands", "sales_by_place"):
        for row in compute(engine, shop, name):
            floats = [value for value in row.values() if isinstance(value, float)]
            assert all(abs(value) < 1e12 for value in floats)
