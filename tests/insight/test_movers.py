"""The people behind the places of the lifecycle, and the orders behind the days."""

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.insight import daily, scoring
from guanxi.insight.models import ShopRun
from guanxi.insight.movers import Movers
from guanxi.insight.moving import Moving
from guanxi.insight.sales import SalesByDay
from guanxi.insight.span import Span
from guanxi.insight.trading import Sums, Trade
from guanxi.pages.period import Period
from guanxi.warehouse.sync import sync
from tests.cast import TODAY


@pytest.fixture
def counted(lake: Path, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> ShopRun:
    """One who stays active, one who was new and is active now, one who is lost."""
    sync()
    scoring.score_customers()
    return daily.compute()


@pytest.fixture
def browser(client: Client, owner: Staff) -> Client:
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    return client


def page(browser: Client, address: str) -> str:
    return " ".join(browser.get(address).content.decode().split())


def test_home_leads_to_those_who_stand_somewhere_and_to_those_who_moved(counted: ShopRun, browser: Client) -> None:
    shown = page(browser, reverse("insight:home-moving"))
    assert 'href="/insight/moving/?after=active">Active</a>' in shown
    assert 'href="/insight/moving/?before=new&amp;after=active"><b>1</b><span>New → Active</span></a>' in shown
    assert "<b>0</b><span>Dormant → Active</span>" in shown


def test_who_moved_is_listed_and_nobody_else(counted: ShopRun, browser: Client, owner: Staff) -> None:
    shown = page(browser, "/insight/moving/?before=new&after=active")
    assert "<h1>1 customer went from “New” to “Active” in 30 days</h1>" in shown
    assert shown.count('data-card="who"') == 1
    for after, figure in (("active", 2), ("lost", 1), ("dormant", 0)):
        found = Movers.asked("", after)
        assert found
        assert (found.count, len(found.seen_by(owner))) == (figure, figure)
        assert found.count == Moving(counted).standing(after)


def test_the_dormant_and_the_lost_are_found_in_the_list_of_customers_too(counted: ShopRun) -> None:
    found = [Movers.asked("", after) for after in ("dormant", "lost", "active")]
    assert [each.href for each in found if each] == [
        "/customers/?last=2024-05-16..2024-08-13", "/customers/?last=..2024-05-15", "",
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["", "?after=gone", "?before=gone&after=lost", "?before=lost"])
def test_a_place_there_is_not_is_not_found(counted: ShopRun, browser: Client, query: str) -> None:
    assert browser.get("/insight/moving/" + query).status_code == 404


@pytest.mark.django_db
def test_a_day_leads_to_its_orders_and_a_day_without_leads_nowhere() -> None:
    span = Span(Period(TODAY - dt.timedelta(days=2), TODAY))
    days = [Sums(orders=1, new_net_minor=5), Sums(), Sums(new_net_minor=-5)]
    chart = SalesByDay(Trade(span, days, [Sums()] * 3, TODAY), "CNY").chart
    assert [chart.href(row) for row in chart.rows] == ["/orders/?placed=2024-11-09..2024-11-09", "", ""]


@pytest.mark.django_db
def test_a_month_leads_to_its_orders() -> None:
    span = Span(Period(dt.date(2024, 1, 10), dt.date(2024, 6, 20)))
    sums = [Sums(orders=1, new_net_minor=5)] * len(span.days)
    chart = SalesByDay(Trade(span, sums, sums, TODAY), "CNY").chart
    assert chart.href(chart.rows[0]) == "/orders/?placed=2024-01-10..2024-01-31"
    assert chart.href(chart.rows[-1]) == "/orders/?placed=2024-06-01..2024-06-20"
