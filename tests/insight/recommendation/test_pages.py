"""Recommendations are kept, and shown on the page, the panels, the command line and the API."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product, Variant
from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Customer
from guanxi.insight import tasks
from guanxi.insight.models import RecommendationRun
from guanxi.insight.recommendation import asked, keeping, offers
from guanxi.insight.recommendation.recommender import MOST_EACH, Recommender
from guanxi.orders.models import Order, Store
from guanxi.pages.panels import panels_for
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.api import keyed
from tests.cast import TODAY, buy, met

PAGE = "/insight/recommendations/"
TEA, CUP, CAKE, POT, OLD = "LJ", "GW", "SM", "ZH", "XY"
Shelf = dict[str, Product]


def sell(customer: Customer | None, store: Store, *skus: str, days_ago: int) -> Order:
    order = buy(customer, store, on=TODAY - dt.timedelta(days=days_ago), goods_minor=13_400)
    for number, sku in enumerate(skus, start=1):
        order.lines.create(
            line_number=number, sku=sku, variant=Variant.objects.get(sku=sku), quantity=1, unit_price="134",
            amount_minor=13_400,
        )  # fmt: skip
    return order


@pytest.fixture
def shelf(db: None) -> Shelf:
    """Tea at 300, a pot at 900, cups at 100, and a tea that is no longer sold."""
    shelve([
        Good(sku=TEA, name="龙井", category="绿茶", price_minor=30_000, currency="CNY"),
        Good(sku=POT, name="紫砂壶", category="茶器", price_minor=90_000, currency="CNY"),
        Good(sku=CUP, name="盖碗", category="茶器", price_minor=10_000, currency="CNY"),
        Good(sku=CAKE, name="寿眉饼", category="白茶", price_minor=26_800, currency="CNY"),
        Good(sku=OLD, name="下架茶", category="绿茶", price_minor=10_000, currency="CNY"),
    ])  # fmt: skip
    return {variant.sku: variant.product for variant in Variant.objects.select_related("product")}


@pytest.fixture
def people(tea_house: Store) -> list[Customer]:
    return [met(tea_house, key=f"k{nth}", name=f"客{nth}", phone=f"+86139000066{nth:02}") for nth in range(70)]


@pytest.fixture
def kept(lake: Path, today: dt.date, tea_house: Store, shelf: Shelf, people: list[Customer]) -> Shelf:
    """Thirty buy tea, twenty of them a cup soon after, five just now, three a tea no longer sold; others buy a cake."""
    for nth, who in enumerate(people[:30]):
        sell(who, tea_house, TEA, days_ago=120 + nth)
        if nth < 25:
            sell(who, tea_house, CUP, days_ago=110 if nth < 20 else 20)
        if nth < 3:
            sell(who, tea_house, OLD, days_ago=200)
    for nth, who in enumerate(people[30:]):
        sell(who, tea_house, CAKE, days_ago=100)
        if nth < 25:
            sell(who, tea_house, POT, days_ago=30)
    sync()
    keeping.compute()
    return shelf


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    page = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    found = " ".join(page.decode().split())
    for word in (">nan", ">inf", "None"):
        assert word not in found
    return found


def test_a_customer_is_offered_what_buyers_of_the_same_bought(kept: Shelf, people: list[Customer]) -> None:
    found = offers.for_customer(people[29])
    assert found[0].product == kept[CUP]
    assert found[0].because == kept[TEA]
    assert found[0].reason == "Bought by customers who bought 龙井"


def test_what_was_just_bought_or_is_no_longer_sold_is_not_offered(
    kept: Shelf, people: list[Customer], tea_house: Store
) -> None:
    for who in people:
        assert kept[OLD] not in [each.product for each in offers.for_customer(who)]
    assert kept[CUP] not in [each.product for each in offers.for_customer(people[22])]
    sell(people[29], tea_house, CUP, days_ago=0)
    assert kept[CUP] not in [each.product for each in offers.for_customer(people[29])], "bought since the night"
    assert kept[CAKE] not in [e.product for e in offers.for_customer(people[29], without={kept[CAKE].pk})]


def test_who_has_not_bought_is_offered_what_most_buy(kept: Shelf, loyal: Customer) -> None:
    found = offers.for_customer(loyal)
    assert found
    assert {each.because for each in found} == {None}
    assert found[0].reason == "Among what most customers buy now"


def test_interests_come_first_and_what_most_buy_fills_up(kept: Shelf) -> None:
    found = offers.for_interests(["茶器 ", "unknown"])
    assert {each.product.name for each in found[:2]} == {"盖碗", "紫砂壶"}
    assert found[0].reason == "What most customers buy of 茶器"
    assert found[-1].relation == offers.POPULAR
    assert offers.for_interests([]) == [
        each for each in offers.for_interests(["unknown"]) if each.relation == "popular"
    ]


def test_an_accessory_costs_less_and_never_the_other_way_round(kept: Shelf) -> None:
    assert kept[CUP] in [each.product for each in offers.for_product(kept[TEA])[offers.ACCESSORY]]
    assert kept[TEA] not in [each.product for each in offers.for_product(kept[CUP])[offers.ACCESSORY]]


def test_the_page_says_whether_it_beats_best_sellers(kept: Shelf, owners_browser: Client) -> None:
    page = text(owners_browser)
    assert "of what customers buy next" in page
    assert "Are they better than best sellers?" in page
    assert reverse("insight:mart-glance", args=["customer_recommendations"]) in page
    assert len(page.encode()) < 60_000
    found = text(owners_browser, f"{PAGE}?product=龙井")
    assert "Similar goods" in found
    assert "No product is called like that" in text(owners_browser, f"{PAGE}?product=unknown")
    assert "盖碗,龙井,similar" in text(owners_browser, reverse("insight:recommendations-table"))


def test_the_page_speaks_chinese(kept: Shelf, owner: Staff) -> None:
    owner.language = "zh-hans"
    owner.save()
    client = Client()
    client.force_login(owner)
    page = text(client)
    assert "客户下次购买的" in page
    assert "商品推荐" in page


def test_the_panels_give_products_with_reasons(
    kept: Shelf, owners_browser: Client, people: list[Customer], django_assert_num_queries: Any, owner: Staff
) -> None:
    address = reverse("insight:customer-next", kwargs={"customer_id": people[29].pk})
    text(owners_browser, address)
    with django_assert_num_queries(10):
        page = text(owners_browser, address)
    assert "Bought by customers who bought 龙井" in page
    assert len(page.encode()) < 15_000
    beside = text(owners_browser, reverse("insight:product-alike", kwargs={"product_id": kept[TEA].pk}))
    assert "Accessories" in beside
    assert "next" in [each.name for each in panels_for("customer", owner)]


def test_the_page_costs_the_same_however_many_goods_are_on_it(
    kept: Shelf, owners_browser: Client, tea_house: Store, django_assert_num_queries: Any
) -> None:
    text(owners_browser)
    with django_assert_num_queries(12):
        text(owners_browser)
    shelve([Good(sku=f"N{nth}", name=f"新茶{nth}", category="绿茶") for nth in range(9)])
    for nth in range(9):
        sell(None, tea_house, f"N{nth}", days_ago=1)
    sync()
    keeping.compute()
    with django_assert_num_queries(12):
        text(owners_browser)


def test_the_api_answers_for_customer_product_and_interests(kept: Shelf, owner: Staff, people: list[Customer]) -> None:
    program = keyed(owner)
    who = people[29].public_id
    found = program.get(f"/insight/recommendations?customer={who}&limit=2")["data"]
    assert found[0]["name"] == "盖碗"
    assert len(found) == 2
    assert found[0]["because"] == kept[TEA].public_id
    without = program.get(f"/insight/recommendations?customer={who}&without={kept[CUP].public_id}")["data"]
    assert kept[CUP].public_id not in [each["product"] for each in without]
    beside = program.get(f"/insight/recommendations?product={kept[TEA].public_id}")["data"]
    assert beside[0]["relation"] == "accessory"
    assert program.get("/insight/recommendations?interests=茶器")["data"][0]["relation"] == "interest"
    assert program.call("GET", f"/insight/recommendations?customer={who}&interests=a").status_code == 422
    assert program.call("GET", "/insight/recommendations?customer=cus_0000000000000").status_code == 404


def test_the_command_tells_the_same(kept: Shelf, people: list[Customer], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("insight", "recommend", "--customer", people[29].public_id, "--json")
    assert json.loads(capsys.readouterr().out)["next"][0]["name"] == "盖碗"
    call_command("insight", "recommend", "--json")
    assert json.loads(capsys.readouterr().out)["customers"] == 70
    assert asked.answer(customer=None, product=TEA, interests=None, most=3)["accessory"]
    for wrong in ({"customer": "cus_x"}, {"product": "nothing"}):
        with pytest.raises(asked.NobodySuch):
            asked.answer(**{"customer": None, "product": None, "interests": None, "most": 3} | wrong)


@pytest.mark.parametrize("customers", [0, 1, 2])
def test_a_shop_of_hardly_any_orders_has_a_page(
    lake: Path, today: dt.date, tea_house: Store, shelf: Shelf, people: list[Customer], owners_browser: Client,
    customers: int,
) -> None:  # fmt: skip
    assert "Nothing is recommended yet" in text(owners_browser)
    for who in people[:customers]:
        sell(who, tea_house, TEA, days_ago=3)
    sync()
    run = keeping.compute()
    page = text(owners_browser)
    assert run.customers == customers
    assert ("Nothing is recommended yet" in page) == (not customers)
    assert customers == 0 or "how good they are cannot be told yet" in page
    text(owners_browser, reverse("insight:customer-next", kwargs={"customer_id": people[0].pk}))
    text(owners_browser, reverse("insight:product-alike", kwargs={"product_id": shelf[TEA].pk}))
    assert [each.product.name for each in offers.for_interests(["绿茶"])] == (["龙井"] if customers else [])


def test_a_shop_that_took_everything_back_recommends_nothing(kept: Shelf, owners_browser: Client) -> None:
    Order.objects.update(refunded_minor=13_400, net_minor=0, net_base_minor=0, **CHANGED)
    sync()
    keeping.compute()
    assert "Nothing is recommended yet" in text(owners_browser)


def test_a_customer_of_very_many_orders_counts_by_their_latest(
    kept: Shelf, people: list[Customer], tea_house: Store
) -> None:
    reseller = people[0]
    for ago in range(100, 310):
        sell(reseller, tea_house, TEA, POT, CUP, CAKE, OLD, days_ago=ago)
    sync()
    with snapshot() as lake:
        found = Recommender.read(lake, TODAY)
    place = found.bought.customers.tolist().index(reseller.pk)
    theirs = found.bought.day[found.bought.customer == place]
    assert found.bought.by_customer.sizes[place] == MOST_EACH == len(theirs)
    assert theirs.min() > -310
    assert theirs.max() >= -100
    keeping.compute()
    assert len({each.product for each in offers.for_customer(reseller)}) == len(offers.for_customer(reseller))


def test_popularity_counts_customers_as_a_plain_twin_does(kept: Shelf) -> None:
    wanted: dict[int, set[int]] = {}
    for order in Order.objects.filter(placed_on__gt=TODAY - dt.timedelta(days=90)).prefetch_related("lines__variant"):
        for line in order.lines.all():
            wanted.setdefault(line.variant.product_id, set()).add(order.customer_id or 0)  # type: ignore[union-attr]
    with snapshot() as lake:
        rows = lake.sql("select product_id, buyers, place from product_popularity order by place").to_pylist()
    assert {row["product_id"]: row["buyers"] for row in rows if row["buyers"]} == {
        key: len(who) for key, who in wanted.items()
    }
    assert [row["place"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["buyers"] for row in rows] == sorted((row["buyers"] for row in rows), reverse=True)


def test_the_nightly_work_runs_once_and_leaves_others_alone(kept: Shelf) -> None:
    assert tasks.refresh_recommendations.call() == 0
    RecommendationRun.objects.all().delete()
    with lease(keeping.LEASE):
        assert tasks.refresh_recommendations.call() == 0
    assert tasks.refresh_recommendations.call() == 70
