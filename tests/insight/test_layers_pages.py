"""The page of layers: value against lifecycle, preferences, the file, and shops of hardly anything."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.insight.given import parameters
from guanxi.orders.models import Order, Store
from guanxi.warehouse import marts, runs
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, met

PAGE = "/insight/layers/"


def sell(who: Customer, store: Store, days_ago: int, minor: int = 13_400) -> Order:
    order = buy(who, store, on=TODAY - dt.timedelta(days=days_ago), goods_minor=minor)
    order.lines.create(line_number=1, sku="LJ", category="绿茶", quantity=1, unit_price="134", amount_minor=minor)
    return order


@pytest.fixture
def shop(lake: Path, today: dt.date, tea_house: Store) -> list[Customer]:
    """Forty customers: the first spends much and stays away, the next ten buy weekly, others bought once long ago."""
    found = [met(tea_house, key=f"k{nth}", name=f"客{nth}", phone=f"+86139000088{nth:02}") for nth in range(40)]
    sell(found[0], tea_house, 300, 9_000_000)
    for nth, who in enumerate(found[1:], start=1):
        for ago in range(0, 42, 7) if nth <= 10 else (200,):
            sell(who, tea_house, ago)
    sync()
    computed()
    return found


def computed() -> None:
    assert not [each.problem for each in runs.run(["customer_layers"]) if not each.is_sound]


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    page = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    found = " ".join(page.decode().split())
    for word in (">nan", ">inf", "None<"):
        assert word not in found
    return found


def test_the_page_says_what_top_value_brings_and_who_of_it_stays_away(
    shop: list[Customer], owners_browser: Client
) -> None:
    page = text(owners_browser)
    assert "2 customers of top value bring" in page or "11 customers of top value bring" in page
    assert "; 1 of them stay away" in page
    assert "select * from customer_layers" in page
    assert "绿茶 is what most customers like." in page
    assert "by the cycle of the category they like" in page
    assert len(page.encode()) < 60_000


def test_the_page_speaks_chinese(shop: list[Customer], owner: Staff) -> None:
    owner.language = "zh-hans"
    owner.save()
    client = Client()
    client.force_login(owner)
    page = text(client)
    assert "位高价值客户带来" in page
    assert "沉睡" in page


def test_the_file_has_every_customer(shop: list[Customer], owners_browser: Client, agents_browser: Client) -> None:
    found = text(owners_browser, reverse("insight:layers-table"))
    assert found.count("cus_") == 40
    assert agents_browser.get(reverse("insight:layers-table")).status_code == 403


def test_before_the_first_night_the_page_teaches(owners_browser: Client) -> None:
    assert "tell customers apart" in text(owners_browser)


@pytest.mark.parametrize("orders", [0, 1])
def test_a_shop_of_hardly_any_orders_has_a_page(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client, orders: int
) -> None:
    who = met(tea_house, key="lin", name="林晓", phone="+8618300002807")
    for nth in range(orders):
        sell(who, tea_house, nth)
    sync()
    computed()
    assert ("too few came back to read a cycle" in text(owners_browser)) == bool(orders)


def test_a_shop_that_gave_everything_back_has_a_page(shop: list[Customer], owners_browser: Client) -> None:
    Order.objects.update(net_minor=-100, net_base_minor=-100, **CHANGED)
    sync()
    computed()
    assert "No customer is of top value yet" in text(owners_browser)


def test_the_page_asks_the_book_as_often_however_many_customers_there_are(
    shop: list[Customer], owners_browser: Client, tea_house: Store, django_assert_num_queries: Any
) -> None:
    owners_browser.get(PAGE)
    with django_assert_num_queries(7):
        text(owners_browser)
    for nth in range(20):
        sell(met(tea_house, key=f"n{nth}", name=f"新{nth}", phone=f"+86139000099{nth:02}"), tea_house, nth)
    sync()
    computed()
    with django_assert_num_queries(7):
        text(owners_browser)
    assert marts.found("customer_layers").values().keys() == parameters("customer_layers").keys()
