"""Dates read as people say them, and can always be made exact."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone, translation

from guanxi.pages import moments

NOW = dt.datetime(2026, 11, 21, 9, 48, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("back", "zh", "en"),
    [
        (dt.timedelta(minutes=5), "09:43", "09:43"),
        (dt.timedelta(hours=13, minutes=7), "昨天 20:41", "yesterday 20:41"),
        (dt.timedelta(days=3), "3 天前", "3 days ago"),
        (dt.timedelta(days=7), "7 天前", "7 days ago"),
        (dt.timedelta(days=8), "11月13日", "13 Nov"),
        (dt.timedelta(days=366), "2025年11月20日", "20 Nov 2025"),
    ],
)
def test_an_instant_is_relative_up_to_seven_days(back: dt.timedelta, zh: str, en: str) -> None:
    assert moments.since(NOW - back, now=NOW) == en
    with translation.override("zh-hans"):
        assert moments.since(NOW - back, now=NOW) == zh


def test_the_exact_instant_is_one_hover_away() -> None:
    tag = moments.time_tag(NOW - dt.timedelta(days=3), now=NOW)
    assert 'title="18 Nov 2026 09:48"' in tag
    assert 'datetime="2026-11-18T09:48:00+00:00"' in tag


def test_the_clock_shows_the_zone_of_the_shop() -> None:
    with timezone.override("Asia/Shanghai"):
        assert moments.clock(NOW) == "17:48"
        assert moments.since(NOW.replace(hour=17), now=NOW.replace(hour=15)) == "22 Nov"


@pytest.mark.usefixtures("chinese")
def test_the_days_of_a_timeline_carry_their_weekday() -> None:
    assert moments.day_heading(dt.date(2026, 11, 18), today=NOW.date()) == "11月18日 星期三"
    assert moments.day_heading(NOW.date(), today=NOW.date()) == "今天 11月21日"
    assert moments.day_heading(dt.date(2025, 11, 11), today=NOW.date()) == "2025年11月11日 星期二"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 seconds"), (1, "1 second"), (60, "1 minute"), (61, "2 minutes"), (7200, "2 hours")]
)
def test_a_duration_is_rounded_up_to_one_unit(seconds: int, text: str) -> None:
    assert moments.duration(dt.timedelta(seconds=seconds)) == text


def test_the_clock_of_where_it_happened_stands_on_hover_where_it_shows_another_time() -> None:
    with timezone.override("Asia/Shanghai"):
        placed = dt.datetime(2026, 11, 21, 17, 30, tzinfo=dt.UTC)
        there = moments.time_tag(placed, zoneinfo.ZoneInfo("America/New_York"), now=placed)
        assert ">01:30</time>" in there
        assert 'title="22 Nov 2026 01:30 (America/New_York 21 Nov 2026 12:30)"' in there
        assert 'title="22 Nov 2026 01:30"' in moments.time_tag(placed, zoneinfo.ZoneInfo("Asia/Taipei"), now=placed)
