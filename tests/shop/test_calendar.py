"""The calendar: what everybody knows, what the shop adds and hides, and what is missing."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.pages.festivals import MOVING
from guanxi.shop import calendar, given
from guanxi.shop.calendar import last_great, marks, missing, windows
from guanxi.shop.given import Window
from guanxi.shop.models import CalendarEntry
from guanxi.shop.models import calendar as entries

PAGE = "/settings/calendar/"
NEW = "/settings/calendar/new/"
WEEK = {
    "name_en": "Tea week", "name_zh": "春茶周", "kind": "campaign", "starts_on": "2026-04-20", "ends_on": "2026-04-26",
}  # fmt: skip


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def known(key: str, year: int) -> Window:
    return next(each for each in given.given(year) if each.key == key)


def entry(owner: Staff, **other: object) -> CalendarEntry:
    days = {"starts_on": day("2026-04-20"), "ends_on": day("2026-04-26")}
    return CalendarEntry.add({**WEEK, **days, **other}, by=owner)


@pytest.mark.parametrize(
    ("key", "year", "days", "mark"),
    [
        ("spring-festival", 2026, "2026-02-15..2026-02-23", "2026-02-17"),
        ("qingming", 2026, "2026-04-04..2026-04-06", "2026-04-05"),
        ("labour-day", 2026, "2026-05-01..2026-05-05", "2026-05-01"),
        ("dragon-boat", 2026, "2026-06-19..2026-06-21", "2026-06-19"),
        ("mid-autumn", 2026, "2026-09-25..2026-09-27", "2026-09-25"),
        ("national-day", 2026, "2026-10-01..2026-10-07", "2026-10-01"),
        ("new-year", 2019, "2018-12-30..2019-01-01", "2019-01-01"),  # begins in the year before
        ("national-day", 2025, "2025-10-01..2025-10-08", "2025-10-01"),  # with Mid-Autumn in the midst of it
        ("spring-festival", 2027, "2027-02-05..2027-02-10", "2027-02-06"),  # not announced yet
        ("womens-day", 2026, "2026-03-01..2026-03-08", "2026-03-08"),
        ("618", 2026, "2026-06-01..2026-06-18", "2026-06-18"),
        ("qixi", 2026, "2026-08-19..2026-08-19", "2026-08-19"),
        ("double11", 2026, "2026-10-20..2026-11-11", "2026-11-11"),
        ("black-friday", 2026, "2026-11-27..2026-11-30", "2026-11-27"),
        ("black-friday", 2024, "2024-11-29..2024-12-02", "2024-11-29"),
        ("christmas", 2026, "2026-12-24..2026-12-25", "2026-12-25"),
    ],
)
def test_everybody_knows_these_days(key: str, year: int, days: str, mark: str) -> None:
    found = known(key, year)
    assert (f"{found.start}..{found.end}", f"{found.mark}") == (days, mark)


def test_weekends_worked_for_a_holiday_stand_with_it() -> None:
    assert [f"{each}" for each in known("national-day", 2026).worked] == ["2026-09-20", "2026-10-10"]
    assert known("national-day", 2027).worked == ()
    assert (known("national-day", 2026).expected, known("national-day", 2027).expected) == (False, True)


@pytest.mark.parametrize("year", range(2009, 2036))
def test_the_moving_festivals_are_on_the_days_that_years_compare_by(year: int) -> None:
    tables = {str(name): next(each for each in days if each.year == year) for name, days, *_ in MOVING}
    assert known("spring-festival", year).mark == tables["Spring Festival"]
    assert known("mid-autumn", year).mark == tables["Mid-Autumn"]
    assert 36 <= (tables["Mid-Autumn"] - known("qixi", year).mark).days <= 38


@pytest.mark.django_db
def test_charts_name_given_days_and_the_shops_own(owner: Staff) -> None:
    entry(owner, starts_on=day("2026-11-11"), ends_on=day("2026-11-13"))
    found = marks([day("2026-11-10"), day("2026-11-11"), day("2026-11-12")])
    assert found == {day("2026-11-11"): "Double 11 · Tea week"}


@pytest.mark.django_db
def test_the_sentence_opens_with_what_turned_the_trade(owner: Staff) -> None:
    assert last_great(day("2026-11-28"), within_days=21) == (day("2026-11-11"), "Double 11")  # not Black Friday
    assert last_great(day("2027-01-05"), within_days=14) == (day("2026-12-25"), "Christmas")
    CalendarEntry.hide("double11", by=owner)
    assert last_great(day("2026-11-28"), within_days=21) is None


@pytest.mark.django_db
def test_days_that_repeat_are_in_every_year_from_their_first(owner: Staff) -> None:
    entry(owner, starts_on=day("2025-12-30"), ends_on=day("2026-01-02"), repeats=True)
    entry(owner, name_en="Leap", starts_on=day("2024-02-29"), ends_on=day("2024-02-29"), repeats=True)
    own = {year: [f"{each.start}" for each in windows(year) if each.own] for year in (2024, 2025, 2026, 2027)}
    assert own == {
        2024: ["2024-02-29"],
        2025: ["2025-02-28", "2025-12-30"],
        2026: ["2025-12-30", "2026-02-28", "2026-12-30"],
        2027: ["2026-12-30", "2027-02-28", "2027-12-30"],
    }


def test_an_owner_adds_days_and_they_are_in_the_audit_trail(owners_browser: Client) -> None:
    answer = owners_browser.post(NEW, WEEK)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PAGE}?year=2026")
    assert owners_browser.post(NEW, WEEK).status_code == 302
    assert CalendarEntry.objects.count() == 1  # the very same once
    assert "Tea week" in owners_browser.get(f"{PAGE}?year=2026").content.decode()
    page = owners_browser.get("/settings/audit/?about=calendarentry").content.decode()
    assert AuditEntry.objects.filter(act="calendar.added").count() == 1
    assert ("Added days to the calendar" in page, "2026-04-20" in page) == (True, True)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name_en": ""}, "required"),
        ({"name_zh": "x" * 61}, "60"),
        ({"name_en": "a\x07b"}, "cannot be shown"),
        ({"kind": "party"}, "not one of the available"),
        ({"starts_on": "soon"}, "valid date"),
        ({"starts_on": "2026-04-27"}, "before the first"),
        ({"ends_on": "2026-12-31"}, "more than 120 days"),
        ({"starts_on": "1999-01-01", "ends_on": "1999-01-02"}, "from 2004 to 2100"),
    ],
)
def test_what_days_cannot_be_is_said_and_nothing_is_added(
    owners_browser: Client, wrong: dict[str, str], why: str
) -> None:
    answer = owners_browser.post(NEW, {**WEEK, **wrong})
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    assert not CalendarEntry.objects.exists()


def test_a_full_calendar_takes_no_more(owners_browser: Client, owner: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 1)
    entry(owner)
    answer = owners_browser.post(NEW, {**WEEK, "name_en": "Another"})
    assert (answer.status_code, "all that fit" in answer.content.decode()) == (422, True)


def test_days_are_changed_taken_out_and_put_back(owners_browser: Client, owner: Staff) -> None:
    week = entry(owner)
    there = f"{PAGE}{week.pk}/"
    assert 'value="2026-04-20"' in owners_browser.get(there).content.decode()
    owners_browser.post(there, {**WEEK, "name_en": "Spring tea"})
    changes = AuditEntry.objects.opened([AuditEntry.objects.get(act="calendar.changed")])[0].told["changes"]
    assert changes == {"name_en": ["Tea week", "Spring tea"]}
    owners_browser.post(f"{there}removal/")
    assert marks([day("2026-04-20")]) == {}
    assert owners_browser.get(there).status_code == 404
    owners_browser.post(f"{there}return/")
    assert marks([day("2026-04-20")]) == {day("2026-04-20"): "Spring tea"}


def test_given_days_are_hidden_everywhere_and_shown_again(owners_browser: Client) -> None:
    owners_browser.post(f"{PAGE}double11/hiding/")
    owners_browser.post(f"{PAGE}double11/hiding/")
    assert marks([day("2026-11-11"), day("2027-11-11")]) == {}
    assert "Show Double 11" in owners_browser.get(f"{PAGE}?year=2026").content.decode()
    owners_browser.post(f"{PAGE}double11/showing/")
    assert marks([day("2026-11-11")]) == {day("2026-11-11"): "Double 11"}
    acts = list(AuditEntry.objects.filter(act__startswith="calendar").order_by("pk").values_list("act", flat=True))
    assert acts == ["calendar.hidden", "calendar.shown"]
    assert owners_browser.post(f"{PAGE}nothing/hiding/").status_code == 404


@pytest.fixture
def in_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 27, 4, tzinfo=dt.UTC), tick=False):
        yield


@pytest.mark.django_db
def test_a_year_without_its_days_off_is_told_from_november_on(owner: Staff) -> None:
    assert missing(day("2026-10-31")) is None
    assert missing(day("2026-11-01")) == 2027
    assert missing(day("2027-03-01")) == 2027
    entry(owner, starts_on=day("2027-02-05"), ends_on=day("2027-02-12"), kind="campaign")
    assert missing(day("2026-11-01")) == 2027  # a campaign is no day off
    entry(owner, starts_on=day("2027-02-05"), ends_on=day("2027-02-12"), kind="holiday")
    assert missing(day("2026-11-01")) is None


def test_the_page_the_queue_and_the_doctor_say_what_is_missing(
    owners_browser: Client, agents_browser: Client, in_november: None, owner: Staff
) -> None:
    said = "The days off of 2027 are missing"
    assert said in owners_browser.get(PAGE).content.decode()
    assert said in owners_browser.get("/glance/queues/").content.decode()
    assert said not in agents_browser.get("/glance/queues/").content.decode()
    assert [each.state for each in calendar.calendar()] == ["note"]
    entry(owner, starts_on=day("2027-01-01"), ends_on=day("2027-01-03"), kind="holiday")
    assert said not in owners_browser.get(PAGE).content.decode()
    assert [each.state for each in calendar.calendar()] == ["good"]


@pytest.mark.parametrize("asked", ["", "abcd", "0001", "9999", "２０２６", "2026'--"])
def test_a_year_that_makes_no_sense_is_this_one(owners_browser: Client, in_november: None, asked: str) -> None:
    assert owners_browser.get(PAGE, {"year": asked}).context["year"] == 2026


def test_a_page_asks_the_calendar_one_question(owners_browser: Client, owner: Staff) -> None:
    for nth in range(5):
        entry(owner, name_en=f"Week {nth}")
    with CaptureQueriesContext(connection) as queries:
        owners_browser.get(f"{PAGE}?year=2026")
    assert len([each for each in queries if "shop_calendarentry" in each["sql"]]) == 1


def test_the_names_of_days_are_texts_like_others(owners_browser: Client, owner: Staff) -> None:
    entry(owner, name_en="<b>=1+1</b>")
    page = owners_browser.get(f"{PAGE}?year=2026").content.decode()
    assert ("&lt;b&gt;=1+1&lt;/b&gt;" in page, "<b>=1+1" in page) == (True, False)
