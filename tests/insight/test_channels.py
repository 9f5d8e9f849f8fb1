"""Channels: what a small shop's visits, orders and costs add up to by hand, and what bad files of costs get."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.ids import reserve
from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.insight import costs, daily
from guanxi.insight.attribution.contacts import Credit
from guanxi.insight.channels import MARTS, Line
from guanxi.insight.costs import BadCosts
from guanxi.insight.models import MarketingCost
from guanxi.orders.models import Order
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import Lake, mentioned
from guanxi.warehouse.sync import sync
from tests.insight.test_funnel_pages import COLUMNS, browser, page

__all__ = ["browser"]
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
ASKED = "/insight/channels/?range=30d"


@pytest.fixture
def visited(lake: Path, today: dt.date, loyal: Customer) -> Order:
    """The loyal one comes by a newsletter, a day later by a search, and buys; a stranger came by an advertisement."""
    known = SourceProfile.objects.filter(customer=loyal).first()
    stranger = SourceProfile.objects.create(source="web", key="d1", is_device=True)
    order = Order.objects.filter(customer=loyal).latest("placed_at")
    assert known
    at = order.placed_at
    rows: list[tuple[dt.datetime, int, dict[str, Any]]] = [
        (at - 2 * DAY, known.pk, {"utm_source": "newsletter", "utm_campaign": "spring"}),
        (at - DAY, known.pk, {"referrer": "www.baidu.com/s"}),
        (at - DAY, stranger.pk, {"utm_source": "ad"}),
    ]
    told = [
        (key, "Page Viewed", when, when, "web", json.dumps(properties), profile)
        for key, (when, profile, properties) in zip(reserve(Event, len(rows)), rows, strict=True)
    ]
    Event.objects.append(COLUMNS, told)
    sync()
    daily.compute()
    return order


def cells(shown: str, way: str) -> list[str]:
    row = shown.partition(f'<td data-card="who">{way}<')[2].partition("</tr>")[0]
    return [cell.partition(">")[2].partition("</td>")[0] for cell in row.split("<td")[1:]]


def test_an_order_is_put_down_to_the_last_the_first_or_both(browser: Client, visited: Order) -> None:
    last = page(browser, ASKED)
    assert cells(last, "www.baidu.com")[1] == "1.0"
    assert cells(last, "newsletter")[1] == "0.0"
    assert cells(last, "ad")[:2] == ["1", "0.0"]
    first = page(browser, ASKED + "&model=first")
    assert (cells(first, "newsletter")[1], cells(first, "www.baidu.com")[1]) == ("1.0", "0.0")
    alike = page(browser, ASKED + "&model=linear")
    assert (cells(alike, "newsletter")[1], cells(alike, "www.baidu.com")[1]) == ("0.5", "0.5")
    assert cells(page(browser, ASKED + "&by=campaign"), "spring")[0] == "1"


def test_a_cost_of_these_days_shows_what_came_back_of_it(browser: Client, visited: Order, owner: Staff) -> None:
    told = {"source": "www.baidu.com", "starts_on": visited.placed_on, "ends_on": visited.placed_on, "amount": "10"}
    assert browser.post("/insight/channels/costs/", told).status_code == 302
    shown = page(browser, ASKED)
    assert "“www.baidu.com” gives most back" in shown
    assert cells(shown, "www.baidu.com")[4] == "¥10"
    assert AuditEntry.objects.filter(act="costs.entered").count() == 1
    cost = MarketingCost.objects.get()
    assert browser.post(f"/insight/channels/costs/{cost.pk}/removal/").status_code == 302
    assert "No costs are entered for these days." in page(browser, ASKED)


def test_what_cost_money_and_brought_nothing_is_not_said_to_give_most_back(
    browser: Client, visited: Order, owner: Staff
) -> None:
    told = {"source": "nowhere", "starts_on": visited.placed_on, "ends_on": visited.placed_on, "amount": "10"}
    assert browser.post("/insight/channels/costs/", told).status_code == 302
    shown = page(browser, ASKED)
    assert cells(shown, "nowhere")[4] == "¥10"
    assert "gives most back" not in shown
    assert "“www.baidu.com” brought 100% of the net sales that followed a visit" in shown


def test_costs_are_spread_evenly_over_their_days() -> None:
    first = dt.date(2024, 11, 1)
    cost = MarketingCost(starts_on=first, ends_on=first + 9 * DAY, amount_minor=1_000)
    assert cost.within(first, first) == 100
    assert cost.within(first - 30 * DAY, first + 4 * DAY) == 500
    assert cost.within(first + 10 * DAY, first + 20 * DAY) == 0


def test_a_line_says_what_a_customer_cost_and_when_it_was_paid_back() -> None:
    line = Line("ad", 40, 30, 9_000.0, Credit(4, 12_000), Credit(3, 9_000), ((0, 4_000), (20, -500), (31, 6_000)))
    assert (line.conversion, line.acquisition_minor) == (0.1, 3_000)
    assert line.returned == pytest.approx(1 / 3)
    assert line.paid_back_days == 31
    assert line.paid_back == pytest.approx(9_500 / 9_000)
    nothing = Line("ad", 0, 0, None, Credit(), Credit())
    assert [nothing.conversion, nothing.acquisition_minor, nothing.returned, nothing.paid_back] == [None] * 4
    spent = Line("ad", 10, 9, 500.0, Credit(), Credit())
    assert (spent.acquisition_minor, spent.returned, spent.paid_back_days, spent.paid_back) == (None, -1, None, 0)


def test_before_the_first_computation_the_page_teaches(browser: Client, lake: Path, today: dt.date) -> None:
    shown = page(browser, ASKED)
    assert "What does a new customer cost?" in shown
    assert "Channels show which links and campaigns bring customers" in shown


def test_the_page_reads_what_is_kept_alone_and_says_since_when(
    browser: Client, visited: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = Lake.sql
    monkeypatch.setattr(Lake, "sql", lambda self, query, **params: asked.append(query) or read(self, query, **params))
    shown = page(browser, ASKED + "&model=data")
    assert {name for query in asked for name in mentioned(query)} == {*MARTS}
    assert "Up to " in shown
    assert all(f"<code>{mart}</code>" in shown for mart in MARTS)


def test_a_shop_whose_visits_alone_are_computed_waits_for_the_rest(browser: Client, visited: Order) -> None:
    assert "newsletter" in page(browser, ASKED)
    Moment.objects.forget_table("channel_contacts")
    assert "What does a new customer cost?" in page(browser, ASKED)


def test_the_page_asks_the_book_no_more_for_more_ways(
    browser: Client, visited: Order, owner: Staff, django_assert_max_num_queries: Any
) -> None:
    day = visited.placed_on
    many = [MarketingCost(source=f"s{n}", starts_on=day, ends_on=day, amount_minor=1, by=owner) for n in range(60)]
    MarketingCost.objects.enter(many, by=owner)
    browser.get(ASKED)
    with django_assert_max_num_queries(24):
        browser.get(ASKED)


def sent(browser: Client, text: str) -> Any:
    file = SimpleUploadedFile("costs.csv", text.encode())
    return browser.post("/insight/channels/costs/file/", {"file": file})


@pytest.mark.django_db
def test_a_file_of_costs_is_taken_and_taken_again_changes_nothing(browser: Client) -> None:
    text = 'source,campaign,from,to,amount\nmail,spring,2024-11-01,2024-11-30,"1,200.50"\nad,,2024/11/1,2024/11/2,¥30\n'
    for _nth in range(2):
        assert sent(browser, text).status_code == 302
    rows = MarketingCost.objects.order_by("source").values_list("source", "campaign", "amount_minor")
    assert list(rows) == [("ad", "", 3_000), ("mail", "spring", 120_050)]
    assert sent(browser, "来源,活动,开始,结束,金额\n抖音,,2024-11-01,2024-11-01,5\n").status_code == 302
    assert MarketingCost.objects.get(source="抖音").amount_minor == 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,from,to\nad,2024-11-01,2024-11-01\n", "The columns amount are missing. There are: source, from, to."),
        ("source,from,to,amount\nad,2024-11-02,2024-11-01,5\n", "Row 2, to: The days end before they begin."),
        ("source,from,to,amount\nad,2024-11-01,2024-11-01,5\n,2024-11-01,2024-11-01,5\n", "Row 3, source:"),
        ("source,from,to,amount\nad,2024-11-01,2024-11-01,-5\n", "Row 2, amount:"),
        ("source,from,to,amount\nad,2024-11-01,2024-11-01,NaN\n", "Row 2, amount:"),
        ("source;from;to;amount\nad;2024-11-01;2024-11-01;0,53\n", "Row 2, amount:"),
        ("source,from,to,amount\nad,yesterday,2024-11-01,5\n", "Row 2, from:"),
        ("source,from,to,amount\n", "has a header but no rows below it"),
    ],
)
def test_a_bad_file_says_which_row_and_leaves_everything(browser: Client, text: str, said: str) -> None:
    answer = sent(browser, text)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MarketingCost.objects.exists()


@pytest.mark.django_db
def test_a_form_that_cannot_be_taken_keeps_what_was_typed(browser: Client) -> None:
    told = {"source": "ad", "starts_on": "2024-11-02", "ends_on": "2024-11-01", "amount": "0"}
    answer = browser.post("/insight/channels/costs/", told)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="ad"' in shown
    assert "The days end before they begin." in shown


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_days_come_up_as_browsers_take_them_in_both_languages(language: str) -> None:
    day = dt.date(2024, 11, 1)
    with translation.override(language):
        form = costs.CostForm(initial={"starts_on": day, "ends_on": day})
        assert [str(form[name]).count('value="2024-11-01"') for name in ("starts_on", "ends_on")] == [1, 1]


@pytest.mark.django_db
def test_too_many_rows_are_refused(owner: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "MOST_ROWS", 1)
    path = tmp_path / "costs.csv"
    path.write_text("source,from,to,amount\nad,2024-11-01,2024-11-01,5\nad,2024-11-02,2024-11-02,5\n")
    with pytest.raises(BadCosts, match="more than 1 rows"):
        costs.read(path, name="costs.csv", by=owner, currency="CNY")
