"""The sentence of the day says the change most worth knowing, and a cause only where the figures show one."""

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from guanxi.insight import sentence
from guanxi.insight.models import ShopRun
from guanxi.insight.moving import Moving
from guanxi.insight.sales import SalesByDay
from guanxi.insight.span import Span
from guanxi.insight.trading import Sums, Trade
from guanxi.pages.period import Period

SUMMER = Span(Period(dt.date(2024, 7, 1), dt.date(2024, 7, 10)))
AFTER_DOUBLE_11 = Span(Period(dt.date(2024, 11, 9), dt.date(2024, 11, 18)))
LONG_AGO = dt.date(2020, 1, 1)
ZH = "zh-hans"
pytestmark = pytest.mark.django_db


def trade(now: dict[str, int], then: dict[str, int] | None = None, span: Span = SUMMER) -> Trade:
    """Trade that happened on the first day of the span, and on the day it compares with."""
    quiet = [Sums()] * (len(span.days) - 1)
    before = [Sums(**then), *quiet] if then is not None else [Sums(), *quiet]
    return Trade(span, [Sums(**now), *quiet], before, LONG_AGO if then is not None else span.start)


def run(**moves: int) -> ShopRun:
    named = {move.replace("_to_", ">"): count for move, count in moves.items()}
    return ShopRun(as_of=SUMMER.end, moves=named, seconds=0)


def figures(returning: int, new: int, *, new_customers: int = 10, guest: int = 0) -> dict[str, int]:
    return {
        "orders": 20, "new_customers": new_customers, "returning_net_minor": returning, "new_net_minor": new,
        "guest_net_minor": guest,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "then", "english", "chinese"),
    [
        (
            figures(700_000, 400_000), figures(400_000, 400_000),
            "Net sales rose by 37.5%: returning customers brought ¥3,000 more.",
            "净销售额涨了 37.5%：老客多带来 ¥3,000。",
        ),
        (
            figures(400_000, 200_000), figures(400_000, 400_000),
            "Net sales fell by 25.0%: new customers brought ¥2,000 less.",
            "净销售额少了 25.0%：新客少带来 ¥2,000。",
        ),
        (
            figures(400_000, 400_000, guest=200_000), figures(400_000, 400_000),
            "Net sales rose by 25.0%: guests brought ¥2,000 more.",
            "净销售额涨了 25.0%：散客多带来 ¥2,000。",
        ),
        (
            figures(500_000, 500_000), figures(400_000, 400_000),
            "Net sales rose by 25.0%.",
            "净销售额涨了 25.0%。",
        ),
        (
            figures(650_000, 350_000, new_customers=8), figures(600_000, 390_000, new_customers=10),
            "Returning customers carried the shop with 65% of net sales; new customers fell by 20.0%.",
            "老客撑住了生意：占净销售额 65%，新客少了 20.0%。",
        ),
        (
            figures(600_000, 420_000, new_customers=15), figures(600_000, 400_000, new_customers=10),
            "New customers rose by 50.0% and brought 41% of net sales.",
            "新客多了 50.0%，带来净销售额的 41%。",
        ),
        (
            figures(610_000, 400_000), figures(600_000, 400_000),
            "Net sales stand where they stood: ¥10,100 in 10 days.",
            "净销售额与之前持平：10 天 ¥10,100。",
        ),
        (
            figures(710_000, 290_000), None,
            "¥10,000 in 10 days, 71% of it from returning customers.",
            "10 天净销售额 ¥10,000，其中 71% 来自老客。",
        ),
        (figures(0, 290_000), None, "¥2,900 net sales in 10 days.", "10 天净销售额 ¥2,900。"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_moved(now: Any, then: Any, english: str, chinese: str) -> None:
    for language, wanted in (("en", english), (ZH, chinese)):
        with translation.override(language):
            said = sentence.tell(trade(now, then), run(), "CNY")
        assert said is not None
        assert said.text == wanted


def test_after_a_festival_the_sentence_says_so() -> None:
    told = trade(figures(650_000, 350_000, new_customers=8), figures(600_000, 390_000), AFTER_DOUBLE_11)
    for language, wanted in (
        (
            "en",
            "After Double 11, returning customers carried the shop with 65% of net sales; new customers fell by 20.0%.",
        ),
        (ZH, "双11之后，老客撑住了生意：占净销售额 65%，新客少了 20.0%。"),
    ):  # fmt: skip
        with translation.override(language):
            said = sentence.tell(told, run(), "CNY")
        assert said is not None
        assert said.text == wanted


def test_customers_who_fall_asleep_are_said_where_clearly_more_do_than_come_back() -> None:
    told = trade(figures(610_000, 400_000), figures(600_000, 400_000))
    asleep = run(active_to_active=60, active_to_dormant=40, dormant_to_active=10)
    said = sentence.tell(told, asleep, "CNY")
    assert said is not None
    assert said.text == "40 customers fell asleep in 30 days, 10 came back."
    balanced = run(active_to_active=60, active_to_dormant=40, dormant_to_active=30)
    other = sentence.tell(told, balanced, "CNY")
    assert other is not None
    assert "asleep" not in other.text


def test_a_larger_change_is_worth_more_than_a_smaller_one() -> None:
    small = sentence.tell(trade(figures(440_000, 440_000), figures(400_000, 400_000)), run(), "CNY")
    large = sentence.tell(trade(figures(800_000, 800_000), figures(400_000, 400_000)), run(), "CNY")
    assert small is not None
    assert large is not None
    assert large.weight > small.weight


def test_a_shop_that_sold_nothing_says_nothing() -> None:
    assert sentence.tell(trade({}), run(), "CNY") is None


def test_what_went_back_does_not_break_the_sentence() -> None:
    said = sentence.tell(trade(figures(-50_000, 10_000), figures(100_000, 100_000)), run(), "CNY")
    assert said is not None
    assert said.text.startswith("Net sales fell by 120.0%")
    said = sentence.tell(trade(figures(-50_000, 10_000)), run(), "CNY")
    assert said is not None
    assert said.text == "−¥400 net sales in 10 days."


def by_day(now: list[int], then: list[int] | None) -> SalesByDay:
    span = Span(Period(dt.date(2024, 11, 9), dt.date(2024, 11, 9) + dt.timedelta(days=len(now) - 1)))
    before = [Sums(returning_net_minor=net) for net in then or [0] * len(now)]
    since = LONG_AGO if then else span.start
    return SalesByDay(Trade(span, [Sums(returning_net_minor=net) for net in now], before, since), "CNY")


@pytest.mark.parametrize(
    ("now", "then", "finding"),
    [
        ([100, 200, 23_600, 500, 500, 500], [90, 100, 20_000, 400, 400, 400],
         "11 Nov alone sold ¥236, 18% more than a year before; every day since stayed ahead."),
        ([100, 200, 23_600, 500, 300, 500], [90, 100, 20_000, 400, 400, 400],
         "11 Nov alone sold ¥236, 18% more than a year before."),
        ([100, 200, 10_000], [90, 100, 20_000], "11 Nov sold most: ¥100, 50% less than a year before."),
        ([100, 200, 10_000], None, "11 Nov sold most: ¥100."),
        ([0, -50, 0], None, "Nothing was sold in these days."),
    ],
)  # fmt: skip
def test_the_finding_of_the_days_names_the_best_one(now: list[int], then: list[int] | None, finding: str) -> None:
    with translation.override("en"):
        assert by_day(now, then).finding == finding


def test_the_day_still_running_is_not_held_against_the_days_since(monkeypatch: pytest.MonkeyPatch) -> None:
    sales = by_day([100, 200, 23_600, 500, 500, 500, 10], [90, 100, 20_000, 400, 400, 400, 400])
    assert "every day since" not in sales.finding
    monkeypatch.setattr("guanxi.pages.period.timezone.localdate", lambda: sales.trade.span.end)
    assert "every day since" in sales.finding


@pytest.mark.parametrize(
    ("moves", "finding"),
    [
        ({"dormant>active": 412, "active>dormant": 530}, "412 dormant customers came back, but 530 fell asleep."),
        ({"dormant>active": 5, "active>dormant": 2}, "5 dormant customers came back, more than the 2 who fell asleep."),
        ({"active>dormant": 1}, "1 customer fell asleep."),
        ({"dormant>active": 1}, "1 dormant customer came back."),
        ({"active>active": 9}, "Nobody fell asleep, and nobody came back."),
    ],
)
def test_the_moves_are_told_in_one_sentence(moves: dict[str, int], finding: str) -> None:
    with translation.override("en"):
        assert Moving(ShopRun(moves=moves)).finding == finding


def test_places_are_counted_now_and_thirty_days_before() -> None:
    moves = {">new": 30, "new>active": 20, "active>active": 50, "active>dormant": 25, "dormant>lost": 5}
    with translation.override("en"):
        stages = {stage.name: stage for stage in Moving(ShopRun(moves=moves)).stages}
    assert {name: stage.customers for name, stage in stages.items()} == {
        "new": 30, "active": 70, "dormant": 25, "lost": 5,
    }  # fmt: skip
    assert stages["new"].change is not None
    assert stages["new"].change.text == "50.0%"
    assert stages["dormant"].change is not None
    assert stages["dormant"].change.direction == "up"
    assert stages["lost"].change is None  # nobody was lost before: nothing to grow from
    assert stages["active"].share == 1


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def test_a_quarter_is_drawn_by_day_and_a_year_by_month() -> None:
    quarter = by_day([1] * 92, None)
    assert (len(quarter.rows), quarter.by_month) == (92, False)
    assert "Double 11" in {str(name) for name in quarter.marks.values()}
    year = by_day([2] * 365, [1] * 365)
    assert [row["day"].isoformat() for row in year.rows][:2] == ["2024-11-01", "2024-12-01"]
    assert (len(year.rows), sum(row["returning"] for row in year.rows), year.rows[1]["before"]) == (13, 730, 31)
    assert year.marks == {}
    assert year.chart.axis.form == "month"
