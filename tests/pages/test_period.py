"""One choice of days for every page: the address says it, the session keeps it, festivals meet festivals."""

import datetime as dt
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from guanxi.pages.period import PRESETS, Period, window

TODAY = dt.date(2026, 11, 26)


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.pages.period.timezone.localdate", lambda: TODAY)


def asked(address: str = "/", session: dict[str, Any] | None = None) -> HttpRequest:
    request = RequestFactory().get(address)
    request.session = {} if session is None else session  # type: ignore[assignment]
    return request


def test_without_a_choice_pages_show_thirty_days_against_last_year() -> None:
    period = Period.of(asked())
    assert (period.start, period.end, period.compared) == (dt.date(2026, 10, 28), TODAY, "year")
    assert (period.label, period.against) == ("Last 30 days", "vs last year, festival-aligned")
    with override("zh-hans"):
        assert (period.label, period.against) == ("近 30 天", "对比去年同期（按节日对齐）")


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", TODAY, TODAY),
        ("7d", dt.date(2026, 11, 20), TODAY),
        ("90d", dt.date(2026, 8, 29), TODAY),
        ("month", dt.date(2026, 11, 1), TODAY),
        ("12m", dt.date(2025, 11, 27), TODAY),
        ("double11", dt.date(2026, 10, 20), dt.date(2026, 11, 12)),
    ],
)
def test_presets_count_both_their_ends(preset: str, first: dt.date, last: dt.date) -> None:
    assert window(preset, TODAY) == (first, last)


def test_double_11_is_the_one_that_has_begun() -> None:
    assert window("double11", dt.date(2026, 11, 1)) == (dt.date(2026, 10, 20), dt.date(2026, 11, 1))
    assert window("double11", dt.date(2026, 10, 19))[1] == dt.date(2025, 11, 12)


def test_a_leap_day_has_a_year_before_it() -> None:
    assert window("12m", dt.date(2024, 2, 29)) == (dt.date(2023, 3, 1), dt.date(2024, 2, 29))


def test_the_choice_is_kept_for_the_next_page_and_the_address_wins() -> None:
    session: dict[str, Any] = {}
    Period.of(asked("/?range=7d&compare=previous", session))
    assert Period.of(asked("/other/", session)).label == "Last 7 days"
    sent = Period.of(asked("/?from=2026-11-01&to=2026-11-11&compare=none", session))
    assert (sent.start, sent.end, sent.compared) == (dt.date(2026, 11, 1), dt.date(2026, 11, 11), "none")


def test_another_comparison_leaves_the_days_as_they_are() -> None:
    session: dict[str, Any] = {}
    Period.of(asked("/?range=90d", session))
    period = Period.of(asked("/?compare=previous", session))
    assert (period.preset, period.compared) == ("90d", "previous")


def test_a_page_that_asks_for_nothing_writes_no_session() -> None:
    session: dict[str, Any] = {}
    Period.of(asked("/", session))
    assert session == {}


@pytest.mark.parametrize(
    "address",
    [
        "/?range=never", "/?from=2026-13-01&to=x", "/?from=2026-01-01", "/?compare=%00", "/?range=<script>",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_as_if_it_were_not_there(address: str) -> None:
    assert Period.of(asked(address)) == Period.of(asked())


def test_days_in_the_wrong_order_are_turned_and_the_future_is_cut() -> None:
    period = Period.of(asked("/?from=2030-01-01&to=0001-01-01"))
    assert (period.start, period.end) == (dt.date(2000, 1, 1), TODAY)


def test_a_kept_choice_that_was_spoiled_does_no_harm() -> None:
    assert Period.of(asked("/", {"period": "x"})).preset == "30d"


def test_spring_festival_meets_spring_festival() -> None:
    period = Period(dt.date(2026, 2, 15), dt.date(2026, 2, 18))
    assert period.before == [dt.date(2025, 1, day) for day in (27, 28, 29, 30)]


def test_the_days_before_are_as_many() -> None:
    previous = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 7), "previous").previous
    assert previous is not None
    assert (previous.start, previous.end) == (dt.date(2026, 10, 25), dt.date(2026, 10, 31))
    assert Period(TODAY, TODAY, "none").previous is None


@given(st.dates(dt.date(2010, 1, 1), dt.date(2035, 12, 31)), st.integers(0, 400), st.sampled_from(["previous", "year"]))
def test_every_day_is_compared_with_an_earlier_one_and_the_ends_are_in_order(
    start: dt.date, length: int, compared: Any
) -> None:
    period = Period(start, start + dt.timedelta(days=length), compared)
    previous = period.previous
    assert previous is not None
    assert len(period.before) == len(period.days)
    assert all(before < day for before, day in zip(period.before, period.days, strict=True))
    assert previous.start <= previous.end


@given(st.sampled_from(sorted(PRESETS)), st.sampled_from(["previous", "year", "none"]))
def test_an_address_read_again_says_the_same(preset: str, compared: str) -> None:
    period = Period.read({"range": preset, "compare": compared}, TODAY)
    assert Period.read(period.query, TODAY) == period


def test_the_day_that_is_running_is_unfinished() -> None:
    assert Period.of(asked("/?range=7d")).unfinished == TODAY
    assert Period.of(asked("/?range=double11")).unfinished is None


def test_the_control_keeps_what_else_the_address_says() -> None:
    html = Template("{% load gx %}{% date_range %}").render(
        Context({"request": asked("/?q=a%22b&q=c&range=7d&page=3")})
    )
    assert 'href="?q=a%22b&amp;q=c&amp;compare=year&amp;range=90d"' in html
    assert '<input type="hidden" name="q" value="a&quot;b">' in html
    assert "page=3" not in html
