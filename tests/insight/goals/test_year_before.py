"""A week compares with the days of last year that lie as far from its festival, else with the same week."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.goals.review import Review
from guanxi.insight.goals.year_before import YearBefore, year_before
from guanxi.insight.models import TradingDay
from guanxi.shop import calendar
from guanxi.shop.given import given as given_days
from tests.insight.goals.test_goals import DAY, shop
from tests.insight.test_funnel_pages import browser, page

__all__ = ["browser", "shop"]


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendar everybody knows, without a shop's own days."""
    monkeypatch.setattr(calendar, "entries", list)


@pytest.mark.parametrize(
    ("monday", "festival", "first"),
    [
        ("2026-11-09", "Double 11", "2025-11-09"),  # holds the 11th: the same dates
        ("2026-11-16", "Double 11", "2025-11-16"),  # the week after it
        ("2026-02-16", "Spring Festival", "2025-01-28"),  # new year's day on Tuesday, the year before on Wednesday
        ("2026-02-02", "Spring Festival", "2025-01-14"),  # two weeks before it, when people buy for it
        ("2024-01-15", "Spring Festival", "2022-12-27"),  # as far from it lies in the year before
        ("2026-09-21", "Mid-Autumn", "2025-10-02"),
        ("2026-11-23", "Black Friday", "2025-11-24"),  # it moves with the weekday
        ("2026-12-28", "New Year", "2025-12-28"),  # a week of two years
        ("2026-06-15", "618", "2025-06-15"),
        ("2026-07-13", "", "2025-07-14"),  # no festival: the same weekdays
        ("2026-08-24", "", "2025-08-25"),
    ],
)
def test_a_week_meets_its_days_of_last_year(monday: str, festival: str, first: str) -> None:
    found = year_before(dt.date.fromisoformat(monday))
    assert (found.festival, str(found.first)) == (festival, first)


def test_what_a_week_is_compared_with_is_said_in_words() -> None:
    found = year_before(dt.date(2026, 2, 16))
    assert found.title == "Same distance from Spring Festival last year"
    assert found.words == (
        "This week holds days of Spring Festival. Last year’s days at the same distance from it: "
        "28 Jan 2025 – 3 Feb 2025."
    )
    assert year_before(dt.date(2026, 2, 2)).words.startswith("This week lies near Spring Festival.")
    assert (YearBefore(dt.date(2025, 7, 14)).title, YearBefore(dt.date(2025, 7, 14)).words) == (
        "The same week last year", "",
    )  # fmt: skip
    with translation.override("zh-hans"):
        assert "春节" in year_before(dt.date(2026, 2, 16)).words


@given(st.dates(dt.date(2010, 6, 1), dt.date(2035, 6, 1)))
def test_days_of_last_year_are_as_far_from_last_years_festival(day: dt.date) -> None:
    monday = day - day.weekday() * DAY
    found = year_before(monday)
    assert 300 < (monday - found.first).days < 430
    if not found.festival:
        assert monday - found.first == 364 * DAY
        return
    years = range(monday.year - 2, monday.year + 2)
    marks = {(each.key, each.mark) for year in years for each in given_days(year) if str(each.name) == found.festival}
    pairs = [(key, mark) for key, mark in marks if abs((mark - monday).days) < 60]
    assert any((key, found.first + (mark - monday)) in marks for key, mark in pairs)


def test_a_week_without_a_year_in_the_tables_falls_back_on_the_same_week() -> None:
    assert year_before(dt.date(2200, 1, 6)).first == dt.date(2199, 1, 7)


@pytest.mark.django_db
def test_the_review_adds_up_the_days_at_the_same_distance(browser: Client, shop: None) -> None:
    nothing = {"returning_net_minor": 0, "guest_net_minor": 0, "new_customers": 0, "orders": 1}
    for day, net in ((dt.date(2025, 11, 9), 100), (dt.date(2025, 11, 15), 10), (dt.date(2025, 11, 16), 1_000)):
        TradingDay.objects.create(day=day, store="s1", channel="own", new_net_minor=net, **nothing)
    found = Review.read(dt.date(2026, 11, 9), today=dt.date(2026, 11, 25))
    assert found.last_year.net_minor == 110
    assert found.facts["festival"] == "Double 11"
    assert (found.facts["last_year_from"], found.facts["last_year_to"]) == (dt.date(2025, 11, 9), dt.date(2025, 11, 15))
    assert "This week holds days of Double 11." in found.markdown
    shown = page(browser, "/insight/goals/review/?week=2026-W46")
    assert "Same distance from Double 11 last year</th>" in shown
    assert "Last year’s days at the same distance from it: 9 Nov 2025 – 15 Nov 2025." in shown
