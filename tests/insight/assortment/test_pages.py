"""The pages of products and places: what they say of small shops, of odd ones, and what they cost."""

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product, Variant
from guanxi.customers.models import Customer
from guanxi.insight import goods
from guanxi.insight.assortment import views
from guanxi.insight.assortment.asked import Asked
from guanxi.insight.assortment.seasons import Aligned, seasons
from guanxi.insight.forecasting import PAST_MARTS
from guanxi.insight.geography import countries
from guanxi.insight.geography.divisions import DIVISIONS
from guanxi.insight.geography.places import merged
from guanxi.insight.given import parameters
from guanxi.orders.models import Order, Store
from guanxi.shop.given import given
from guanxi.warehouse import marts
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.sync import sync
from tests.api import Program, keyed
from tests.cast import TODAY, buy
from tests.insight.test_funnel_pages import browser, page

__all__ = ["browser"]
PRODUCTS, PLACES = "/insight/products/", "/insight/places/"
PANELS = ("seasons/", "prices/", "baskets/", "needs/")
SHEETS = ("sales", "baskets", "searches")
LEVELS = ("province", "city", "country")
API = ("/insight/products", "/insight/prices", "/insight/baskets", "/insight/searches", "/insight/places")
DAY = dt.timedelta(days=1)


def computed() -> None:
    sync()
    goods.compute()
    for name in PAST_MARTS:
        marts.run(name, **parameters(name, TODAY))


def sell(order: Order, *skus: str, amount: int = 0) -> Order:
    for number, sku in enumerate(skus, 1):
        order.lines.create(
            line_number=number, sku=sku, variant=Variant.objects.get(sku=sku), quantity=2, unit_price="50",
            amount_minor=amount or order.goods_minor // len(skus), discount_minor=0,
        )  # fmt: skip
    return order


def at(order: Order, country: str = "", province: str = "", city: str = "", **more: Any) -> Order:
    Order.objects.filter(pk=order.pk).update(country=country, province=province, city=city, **more, **CHANGED)
    return order


def all_of(browser: Client) -> str:
    """Everything the pages and their panels say; each of them answers, and the files too."""
    addresses = [PRODUCTS, PLACES, *(PRODUCTS + panel for panel in PANELS)]
    addresses += [f"{address}?days={days}" for address in (PRODUCTS, PLACES) for days in (30, 365, 0)]
    addresses += [PRODUCTS + "?part=category&figure=units", PRODUCTS + "prices/?scale=fifths"]
    addresses += [f"{PRODUCTS}{sheet}.csv" for sheet in SHEETS] + [f"{PLACES}{level}.csv" for level in LEVELS]
    found = ""
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        told = b"".join(answer).decode()  # type: ignore[arg-type]
        found_odd = re.findall(r"\bNaN\b|nan%|\bInfinity\b|inf%|>None<|−0%", told)  # letters of a token may spell NaN
        assert found_odd == [], address
        found += "" if address.partition("?")[0].endswith(".csv") else told
    return found


@pytest.fixture
def shop(lake: Path, today: dt.date, tea_house: Store, loyal: Customer) -> Store:
    """Sells tea every day and a cup with it every other day, to Guangdong, Shanghai, Germany and nobody knows where."""
    Order.objects.all().delete()
    shelve([Good(sku="BC-357", name="寿眉饼", category="白茶"), Good(sku="GW-1", name="盖碗", category="茶器")])
    for nth in range(40):
        order = buy(loyal if nth % 4 else None, tea_house, on=TODAY - nth * DAY, goods_minor=10_000)
        sell(order, "BC-357") if nth % 2 else sell(order, "BC-357", "GW-1")
        at(
            order,
            *(("中国", "广东省", "广州市"), ("", "上海", ""), ("Germany", "Bavaria", "München"), ("", "", ""))[nth % 4],
        )
    unpaid = buy(loyal, tea_house, on=TODAY, goods_minor=7_000)
    at(unpaid, "中国", "广东", "广州", paid_at=None)
    computed()
    return tea_house


@pytest.mark.usefixtures("shop")
def test_the_page_of_products_says_what_came_in_and_what_makes_most_of_it(browser: Client) -> None:
    found = page(browser, PRODUCTS)
    assert "40 orders for ¥4,000" in found
    assert "1 of 2 products makes 80% of net sales" not in found  # tea brings ¥3,000 of ¥4,000, three quarters
    assert "2 of 2 products make 80% of net sales" in found
    assert "Of 41 orders placed, 40 were paid (97.6%); of 0 money was given back" in found
    assert "寿眉饼" in found
    assert "茶器" in page(browser, PRODUCTS + "?part=category")


@pytest.mark.usefixtures("shop")
def test_the_panels_say_which_prices_and_pairs_bring_money(browser: Client) -> None:
    assert "¥20–50" in page(browser, PRODUCTS + "prices/")
    assert "Shows which products lie in one order" in page(browser, PRODUCTS + "baskets/")  # tea is in every order
    assert "Shows the terms after which nobody bought" in page(browser, PRODUCTS + "needs/")
    assert "Double 11" in page(browser, PRODUCTS + "seasons/")


@pytest.mark.usefixtures("shop")
def test_the_page_of_places_knows_a_province_by_all_its_names_and_names_all_34(browser: Client) -> None:
    found = page(browser, PLACES)
    assert found.count("<rect") == len(DIVISIONS) == 34
    assert "Guangdong: 11 orders, ¥1,000" in found
    assert "Taiwan: no order" in found
    assert '<td data-card="who">Germany</td>' in found
    assert re.search("China brings ¥[0-9,.]+; Germany comes next with ¥", found)
    assert "广州" in found


@pytest.mark.usefixtures("shop")
def test_the_map_is_shaded_by_what_a_paid_order_brings_or_by_net_sales_where_asked(browser: Client) -> None:
    found = page(browser, PLACES)
    assert "A paid order brings most in Guangdong: ¥100; everywhere together ¥100" in found
    assert "24.4% of the orders tell no country or region" in found
    assert (found.count('class="gx-tile-3"'), found.count('class="gx-tile-0"')) == (2, 32)
    assert "¥100 by paid order" in found
    asked = page(browser, PLACES + "?shade=net&days=365")
    assert (asked.count('class="gx-tile-5"'), asked.count('class="gx-tile-0"')) == (2, 32)
    assert 'href="?days=365#map"' in asked


@pytest.mark.usefixtures("shop")
def test_a_day_that_is_not_over_ends_no_line_of_a_festival(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dt.date] = []
    monkeypatch.setattr(views, "aligned", lambda _asked, as_of: asked.append(as_of))
    browser.get(PRODUCTS + "seasons/")
    assert asked == [TODAY - DAY]


@pytest.mark.usefixtures("shop")
def test_each_figure_leads_to_the_mart_it_was_read_from(browser: Client) -> None:
    shown = page(browser, PRODUCTS) + page(browser, PRODUCTS + "prices/") + page(browser, PRODUCTS + "seasons/")
    marts_shown = {*re.findall(r"/insight/marts/(\w+)/glance/", shown + page(browser, PLACES))}
    assert marts_shown == {"sales_by_part", "sales_by_place", "goods_sales", "price_bands"}


@pytest.mark.usefixtures("shop")
def test_what_a_page_says_a_file_says_too_and_the_trail_keeps_who_took_it(browser: Client, owner: Staff) -> None:
    def rows(address: str) -> list[dict[str, str]]:
        text = b"".join(browser.get(address)).decode("utf-8-sig")  # type: ignore[arg-type]
        return list(csv.DictReader(io.StringIO(text)))

    sold = rows(PRODUCTS + "sales.csv")
    assert [(row["Product"], row["Net sales (CNY)"], row["Orders"]) for row in sold] == [
        ("寿眉饼", "3000.00", "40"), ("盖碗", "1000.00", "20"),
    ]  # fmt: skip
    provinces = {row["Province"]: row for row in rows(PLACES + "province.csv?days=0")}
    assert (provinces["广东省"]["Orders placed"], provinces["广东省"]["Paid"]) == ("11", "10")
    assert AuditEntry.objects.filter(act="chart.exported", by=owner).count() == 2


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("address", [PRODUCTS + "made-up.csv", PLACES + "street.csv"])
def test_a_file_that_is_none_is_not_found(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("query", ["days=7", "days=-1", "days=1e9", "figure=x", "part='", "scale=%00", "season=%00x"])
def test_an_address_that_makes_no_sense_shows_what_is_usual(browser: Client, query: str) -> None:
    for address in (PRODUCTS, PLACES, *(PRODUCTS + panel for panel in PANELS)):
        assert browser.get(f"{address}?{query}").status_code == 200


@pytest.mark.parametrize("address", [PRODUCTS, PLACES])
def test_before_anything_was_computed_a_page_says_what_it_is_for(browser: Client, lake: Path, address: str) -> None:
    assert "a few minutes after the first orders are in" in page(browser, address)
    for panel in PANELS:
        assert browser.get(PRODUCTS + panel).status_code == 200
    for sheet in SHEETS:
        assert browser.get(f"{PRODUCTS}{sheet}.csv").status_code == 404


ODD: dict[str, list[dict[str, Any]]] = {
    "nothing at all": [],
    "one order": [{"ago": 0}],
    "all given back": [{"ago": nth, "refunded_minor": 10_000} for nth in range(5)],
    "given back more than bought": [{"ago": nth, "net_minor": -4_000, "net_base_minor": -4_000} for nth in range(5)],
    "nobody paid": [{"ago": nth, "paid_at": None} for nth in range(5)],
    "three weeks": [{"ago": nth} for nth in range(21)],
    "a year's gap": [{"ago": 500}, {"ago": 3}],
    "two currencies": [
        {"ago": 1},
        {"ago": 2, "currency": "USD"},
        {"ago": 3, "currency": "EUR", "net_base_minor": None},
    ],
    "free goods": [{"ago": 1, "goods_minor": 0}],
    "one customer with many orders": [{"ago": 1} for _time in range(300)],
    "a place nobody knows": [{"ago": 1, "country": "Atlantis", "province": "<b>Deep</b>", "city": "市"}],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_shops_get_pages_that_say_something_sensible(
    browser: Client, lake: Path, today: dt.date, tea_house: Store, loyal: Customer, name: str
) -> None:
    Order.objects.all().delete()
    shelve([Good(sku="BC-357", name="寿眉饼", category="白茶")])
    for told in ODD[name]:
        more = {key: value for key, value in told.items() if key not in {"ago", "goods_minor", "refunded_minor"}}
        order = buy(
            loyal, tea_house, on=TODAY - told["ago"] * DAY, goods_minor=told.get("goods_minor", 10_000),
            refunded_minor=told.get("refunded_minor", 0),
        )  # fmt: skip
        sell(order, "BC-357")
        Order.objects.filter(pk=order.pk).update(**more)
    computed()
    found = all_of(browser)
    assert "<b>Deep" not in found
    assert ("a few minutes after" in found) == (name == "nothing at all")


def test_the_api_says_what_the_pages_say(owner: Staff, shop: Store) -> None:
    program = keyed(owner, "insight:read")
    sold = program.get("/insight/products?days=90")
    assert [(each["name"], each["grade"], each["net_minor"]) for each in sold["data"]] == [
        ("寿眉饼", "A", 300_000), ("盖碗", "A", 100_000),
    ]  # fmt: skip
    assert sold["data"][0]["product"] == Product.objects.get(name="寿眉饼").public_id
    (whole,) = program.get("/insight/places?level=all")["data"]
    assert (whole["orders"], whole["paid"], whole["received"], whole["net_minor"]) == (41, 40, 40, 400_000)
    provinces = {each["division"]: each["orders"] for each in program.get("/insight/places")["data"]}
    assert provinces == {"CN-GD": 11, "CN-SH": 10, "": 10}
    assert sum(band["units"] for band in program.get("/insight/prices?scale=fifths")["data"]) == 120


@pytest.mark.parametrize("path", API)
def test_each_answer_says_as_of_when_it_holds_and_before_anything_that_there_is_nothing(
    owner: Staff, lake: Path, today: dt.date, tea_house: Store, path: str
) -> None:
    program: Program = keyed(owner, "insight:read")
    assert (program.get(path)["as_of"], program.get(path)["data"]) == (None, [])
    buy(None, tea_house, on=TODAY, goods_minor=100)
    computed()
    found = json.loads(program.call("GET", path).content, parse_constant=pytest.fail)
    assert found["as_of"] == TODAY.isoformat()
    assert len(found["finding"]) > 10


QUERIES = {PRODUCTS: 14, PLACES: 11, **{PRODUCTS + panel: 12 for panel in PANELS}}


def test_what_a_page_asks_the_book_does_not_grow_with_what_was_sold(browser: Client, shop: Store) -> None:
    def asked() -> dict[str, int]:
        found = {}
        for address in QUERIES:
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                browser.get(address)
            found[address] = len(queries)
        return found

    def grow(first: int) -> dict[str, int]:
        shelve([Good(sku=f"X{nth}", name=f"Tea {nth}", category=f"Kind {nth}") for nth in range(first, first + 30)])
        for nth in range(first, first + 30):
            at(sell(buy(None, shop, on=TODAY, goods_minor=900), f"X{nth}"), "中国", "浙江", f"City {nth}")
        computed()
        return asked()

    few = grow(0)
    assert grow(30) == few
    assert all(few[address] <= most for address, most in QUERIES.items()), few


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_and_panels_are_light(browser: Client, owner: Staff, language: str) -> None:
    owner.language = language
    owner.save()
    assert all(len(browser.get(address).content) <= 60_000 for address in (PRODUCTS, PLACES))
    assert all(len(browser.get(PRODUCTS + panel).content) <= 15_000 for panel in PANELS)


def aligned(days: dict[dt.date, int], as_of: dt.date, key: str) -> Aligned:
    told = {day: {"net_minor": minor, "orders": 1.0, "units": 1.0} for day, minor in days.items()}
    windows = [each for year in range(2022, 2027) for each in given(year)]
    return Aligned(Asked(season=key), seasons(windows, min(days), as_of), told, as_of, "CNY")


def test_spring_festival_is_laid_on_spring_festival_whatever_the_date() -> None:
    first, second = dt.date(2024, 2, 10), dt.date(2025, 1, 29)
    days = {mark + nth * DAY: amount for mark, amount in ((first, 100), (second, 150)) for nth in range(-30, 10)}
    found = aligned(days, second + 9 * DAY, "spring-festival")
    assert found.season is not None
    assert (found.season.mark, found.season.earlier) == (second, first)
    assert {(point["now"], point["before"]) for point in found.points} == {(150, 100)}
    assert [point["before_day"] for point in found.points if point["nth"] in {-21, 0}] == [dt.date(2024, 1, 20), first]
    assert "50.0% more than in the same weeks before it a year ago" in found.finding


def test_days_still_to_come_are_gaps_and_only_days_known_of_both_years_compare() -> None:
    last, now = dt.date(2023, 11, 11), dt.date(2024, 11, 6)
    days = {last + nth * DAY: 100 for nth in range(-40, 10)} | {now - nth * DAY: 50 for nth in range(30)}
    found = aligned(days, now, "double11")
    assert [point["now"] for point in found.points if point["nth"] > -5] == [None] * 11 + [None]
    assert len([*found.pairs]) == 17
    assert "50.0% less" in found.finding


def test_a_first_year_has_nothing_to_compare_with_and_says_so() -> None:
    days = {dt.date(2024, 11, 11) - nth * DAY: 100 for nth in range(10)}
    found = aligned(days, dt.date(2024, 11, 11), "double11")
    assert "there is no earlier year to lay beside it" in found.finding
    assert found.chart is not None
    assert [column.name for column in found.chart.series] == ["now"]


def test_no_festival_is_offered_that_lies_outside_the_days_of_trade() -> None:
    days = {dt.date(2024, 8, 25): 100}
    keys = {each.key for each in aligned(days, dt.date(2024, 8, 26), "").all}
    assert "spring-festival" not in keys
    assert "double11" not in keys


def test_a_country_spelled_in_several_ways_is_one() -> None:
    figures = dict.fromkeys(
        ("orders", "paid", "received", "kept", "refunded", "customers", "total_minor", "net_minor", "refunded_minor",
         "unpriced"), 1,
    )  # fmt: skip
    rows = [figures | {"country": country} for country in ("United Kingdom", "GB", "UK", "Unspecified", "")]
    assert [(row["country"], row["orders"]) for row in merged(rows)] == [
        ("United Kingdom", 3), ("Unspecified", 1), ("", 1),
    ]  # fmt: skip
    assert [countries.code_of(each) for each in ("EIRE", "RSA", "德国", "Channel Islands")] == ["IE", "ZA", "DE", ""]


def test_no_two_tiles_lie_on_each_other() -> None:
    assert len({(each.column, each.row) for each in DIVISIONS.values()}) == 34
