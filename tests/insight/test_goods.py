"""What is told of goods: sold by day, bought by whom, and beside what; and how a product's page shows it."""

import datetime as dt
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product, Variant
from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Customer
from guanxi.insight import goods, lately, tasks
from guanxi.insight.lately import GoodsSold
from guanxi.insight.models import GoodsRun
from guanxi.insight.selling import Buyers, History, Pair, Prices
from guanxi.orders.models import Order, Refund, Store
from guanxi.pages.period import Period
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.reading import LakeBroken
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, noon

TEA, CUP, LONE = "BC-357", "GW-1", "LJ-50"
MONTH = Period(TODAY - dt.timedelta(days=29), TODAY, "none")
PANEL_QUERIES = {"product-sales": 7, "product-prices": 7, "product-together": 8, "product-buyers": 9}


@pytest.fixture
def shelf(db: None) -> dict[str, Product]:
    """Three goods."""
    shelve([Good(sku=TEA, name="寿眉饼"), Good(sku=CUP, name="盖碗"), Good(sku=LONE, name="龙井")])
    return {variant.sku: variant.product for variant in Variant.objects.select_related("product")}


def sell(order: Order, *skus: str) -> None:
    for number, sku in enumerate(skus, start=order.lines.count() + 1):
        order.lines.create(
            line_number=number, sku=sku, variant=Variant.objects.get(sku=sku), quantity=2, unit_price="67",
            amount_minor=13_400, discount_minor=400,
        )  # fmt: skip


@pytest.fixture
def traded(
    lake: Path, today: dt.date, tea_house: Store, loyal: Customer, lapsed: Customer, shelf: dict[str, Product]
) -> dict[str, Product]:
    """The loyal one buys tea eight times, six times with a cup; thirty guests buy something else."""
    for nth, order in enumerate(loyal.orders.order_by("placed_at")):
        sell(order, *([TEA, CUP] if nth >= 2 else [TEA]))
    sell(buy(lapsed, tea_house, on=TODAY - dt.timedelta(days=1), goods_minor=13_400), CUP)
    for nth in range(30):
        sell(buy(None, tea_house, on=TODAY - dt.timedelta(days=nth), goods_minor=13_400), LONE)
    unpaid = buy(loyal, tea_house, on=TODAY, goods_minor=13_400)
    sell(unpaid, TEA)
    Order.objects.filter(pk=unpaid.pk).update(paid_at=None)
    back = Refund.objects.create(
        store=tea_house, number="R1", customer=loyal, refunded_at=noon(TODAY), refunded_on=TODAY, currency="CNY",
        amount_minor=6_700, source="own",
    )  # fmt: skip
    back.lines.create(line_number=1, sku=TEA, quantity=-1, unit_price="67", amount_minor=-6_700)
    sync()
    goods.compute()
    return shelf


def test_days_hold_paid_sales_after_discounts_and_returns_on_their_own_day(traded: dict[str, Product]) -> None:
    history = History.of(traded[TEA], MONTH)
    assert history.now == {"quantity": 2.0, "orders": 1, "sales_minor": 13_000, "returned_minor": 6_700}
    assert set(history.days) == {TODAY, TODAY - dt.timedelta(days=3)}
    assert history.currency == "CNY"


def test_a_chart_has_every_day_of_the_period_and_a_month_for_long_ones(traded: dict[str, Product]) -> None:
    chart = History.of(traded[TEA], MONTH).chart
    assert len(chart.rows) == 30
    assert [row["sales"] for row in chart.rows if row["sales"]] == [13_000]
    sold = [href for row in chart.rows if (href := chart.href(row))]
    assert sold == ["/orders/?placed=2024-11-08..2024-11-08"]
    year = History.of(traded[TEA], Period(TODAY - dt.timedelta(days=364), TODAY, "previous")).chart
    assert year.axis.form == "month"
    assert sum(row["sales"] for row in year.rows) == 8 * 13_000


def test_a_period_is_compared_with_the_days_before(traded: dict[str, Product]) -> None:
    history = History.of(traded[TEA], Period(MONTH.start, MONTH.end, "previous"))
    assert history.then["sales_minor"] == 13_000
    assert history.finding == "2 units sold for ¥130; 0.0% vs the days before."


def test_what_nobody_bought_is_said_not_to_have_sold(traded: dict[str, Product]) -> None:
    assert History.of(traded[CUP], Period(TODAY, TODAY, "none")).finding == "Nothing was sold in these days."


def test_what_lies_together_more_than_by_chance_is_named_with_its_lift(traded: dict[str, Product]) -> None:
    (pair,) = Pair.all_of(traded[TEA])
    assert (pair.other, pair.together) == (traded[CUP], 6)
    assert pair.share == 6 / 8
    assert pair.lift == pytest.approx(6 / (8 * 7 / 39))
    assert Pair.all_of(traded[LONE]) == []


def test_buyers_are_counted_and_those_who_came_back(
    traded: dict[str, Product], loyal: Customer, lapsed: Customer, owner: Staff
) -> None:
    found = Buyers.of(traded[CUP], owner)
    assert [(customer, row["orders"]) for customer, _face, row in found.rows] == [(loyal, 6), (lapsed, 1)]
    assert (found.buyers, found.again, found.share_again) == (2, 1, 0.5)
    assert Buyers.of(traded[LONE], owner).rows == []


def test_who_buys_two_variants_of_a_product_is_one_buyer_and_an_order_with_both_is_one(
    traded: dict[str, Product], tea_house: Store, loyal: Customer, lapsed: Customer, opted_out: Customer, owner: Staff
) -> None:
    Variant.objects.filter(sku=CUP).update(product=traded[TEA], **CHANGED)
    sell(buy(opted_out, tea_house, on=TODAY, goods_minor=13_400), CUP)
    sync()
    goods.compute()
    found = Buyers.of(traded[TEA], owner)
    assert [(customer, row["orders"]) for customer, _face, row in found.rows] == [
        (loyal, 8), (opted_out, 1), (lapsed, 1),
    ]  # fmt: skip
    assert (found.buyers, found.again) == (3, 1)


def test_an_order_with_two_variants_of_a_product_is_one_order_of_it_on_its_day_and_beside_others(
    traded: dict[str, Product], tea_house: Store, loyal: Customer
) -> None:
    shelve([Good(sku="AA-NEW", name="茶针")])
    needle = Variant.objects.get(sku="AA-NEW").product
    for order in loyal.orders.filter(lines__sku=CUP):
        sell(order, "AA-NEW")
    loyal.orders.update(**CHANGED)
    both = buy(loyal, tea_house, on=TODAY, goods_minor=13_400)
    sell(both, TEA, CUP, TEA)
    year = Period(TODAY - dt.timedelta(days=364), TODAY, "none")
    sync()
    goods.compute()
    apart = {sku: History.of(traded[sku], year).now["orders"] for sku in (TEA, CUP)}
    assert apart == {TEA: 9, CUP: 8}
    Variant.objects.filter(sku=CUP).update(product=traded[TEA], **CHANGED)
    sync()
    goods.compute()
    history = History.of(traded[TEA], year)
    assert history.now["orders"] == 10  # nine with tea, and one with a cup alone
    assert history.days[TODAY]["orders"] == 1
    assert history.now["quantity"] == 2 * (9 + 1 + 8)
    (pair,) = Pair.all_of(traded[TEA])
    assert (pair.other, pair.together, pair.share) == (needle, 6, 6 / 10)
    (back,) = Pair.all_of(needle)
    assert (back.other, back.together, back.share) == (traded[TEA], 6, 1.0)


def test_the_price_is_what_was_paid_after_discounts_and_the_cost_the_one_of_its_day(traded: dict[str, Product]) -> None:
    traded[TEA].variants.get().costs.create(cost_minor=3_000, currency="CNY", valid_from=TODAY.replace(day=1))
    prices = Prices.of(traded[TEA], TODAY, with_costs=True)
    assert len(prices.months) == 12
    assert prices.months[-1] == {"month": TODAY.replace(day=1), "price": 6_500, "cost": 3_000}
    assert prices.months[-2]["cost"] is None
    assert prices.finding == "It goes at ¥65.00, after discounts."


def test_figures_follow_trade_and_rest_while_nothing_changes(traded: dict[str, Product]) -> None:
    assert not goods.is_due()
    assert tasks.refresh_goods.func() is False


def test_another_process_at_work_is_left_alone(
    lake: Path, traded: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goods, "is_due", lambda: True)
    with lease("the figures of goods"):
        assert tasks.refresh_goods.func() is False


PANELS = ("product-sales", "product-prices", "product-together", "product-buyers")


@pytest.fixture
def browser(client: Client, owner: Staff) -> Client:
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    return client


@pytest.mark.parametrize("name", PANELS)
def test_each_panel_answers_before_there_is_anything_to_say(
    browser: Client, lake: Path, shelf: dict[str, Product], name: str
) -> None:
    assert browser.get(reverse(f"insight:{name}", args=[shelf[TEA].pk])).status_code == 200


@pytest.mark.parametrize("name", PANELS)
def test_each_panel_is_for_whose_role_sees_goods(
    client: Client, shelf: dict[str, Product], agent: Staff, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    client.force_login(agent)
    monkeypatch.setattr(Staff, "may", lambda self, permission: permission != "catalog.view")
    assert client.get(reverse(f"insight:{name}", args=[shelf[TEA].pk])).status_code == 403


def test_buyers_are_shown_masked(browser: Client, traded: dict[str, Product]) -> None:
    page = browser.get(reverse("insight:product-buyers", args=[traded[CUP].pk])).content.decode()
    assert "2 customers bought it, 50.0% of them again." in page
    assert "林**" in page
    assert "林晓" not in page


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_costs_a_fixed_number_of_queries(
    browser: Client, traded: dict[str, Product], name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(PANEL_QUERIES[name]):
        assert browser.get(reverse(f"insight:{name}", args=[traded[TEA].pk])).status_code == 200


def test_a_pair_leads_to_the_other_product(browser: Client, traded: dict[str, Product]) -> None:
    page = browser.get(reverse("insight:product-together", args=[traded[TEA].pk])).content.decode()
    assert reverse("catalog:product", args=[traded[CUP].pk]) in page
    assert "4.2×" in page


def test_what_sold_lately_is_told_of_each_product_with_returns_taken_off(traded: dict[str, Product]) -> None:
    sales = GoodsSold().lately()
    assert sales
    assert (sales.first, sales.last) == (TODAY - dt.timedelta(days=89), TODAY)
    tea, cup, lone = (sales.of(traded[sku].pk) for sku in (TEA, CUP, LONE))
    assert (tea.units, tea.net_minor, tea.currency, tea.mixed) == (6, 3 * 13_000 - 6_700, "CNY", False)
    assert (cup.units, cup.last_on) == (8, TODAY - dt.timedelta(days=1))
    assert (lone.units, lone.last_on) == (60, TODAY)
    assert sales.total() == {"CNY": 3 * 13_000 - 6_700 + 4 * 13_000 + 30 * 13_000}


def test_what_sold_lately_is_read_once_a_run(
    traded: dict[str, Product], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = GoodsSold().lately()
    with django_assert_num_queries(1):
        assert GoodsSold().lately() is first


def test_the_variants_of_a_product_are_added_up(traded: dict[str, Product]) -> None:
    Variant.objects.filter(sku=CUP).update(product=traded[TEA])
    goods.compute()
    sales = GoodsSold().lately()
    assert sales
    assert sales.of(traded[TEA].pk).units == 14
    assert sales.of(traded[CUP].pk).units == 0


def test_before_the_first_run_and_on_an_empty_or_lost_lake_nothing_is_told_of_sales(
    lake: Path, shelf: dict[str, Product], browser: Client
) -> None:
    assert GoodsSold().lately() is None
    GoodsRun.objects.create(as_of=TODAY, seconds=0.1)
    assert GoodsSold().lately() is None
    assert "No figures of sales yet" in browser.get("/products/").content.decode()


def test_a_broken_lake_leaves_the_list_of_products_readable(
    traded: dict[str, Product], browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise LakeBroken("a file is missing")

    monkeypatch.setattr("guanxi.insight.lately.snapshot", broken)
    lately._read.cache_clear()
    seen = browser.get("/products/").content.decode()
    assert "寿眉饼" in seen
    assert "What sold is missing from this list." in seen
    assert "a file is missing" in seen
    assert "No figures of sales yet" not in seen
    export = browser.get("/products/export.csv")
    assert (export.status_code, "a file is missing" in export.content.decode()) == (503, True)


def test_a_panel_whose_figures_are_lost_says_so_and_the_page_stands(
    lake: Path, traded: dict[str, Product], browser: Client
) -> None:
    for file in (lake / "product_days").rglob("*.parquet"):
        file.unlink()
    assert browser.get(f"/products/{traded[TEA].public_id}/").status_code == 200
    panel = browser.get(reverse("insight:product-sales", args=[traded[TEA].pk]))
    assert panel.status_code == 503
    assert "files of “product_days” in the lake are missing or damaged" in unquote(panel["Guanxi-Said"])


def test_the_list_shows_what_sold(traded: dict[str, Product], browser: Client) -> None:
    response = browser.get("/products/")
    assert [entry.product for entry in response.context["entries"]] == [traded[LONE], traded[CUP], traded[TEA]]
    assert "¥323.00" in response.content.decode()
