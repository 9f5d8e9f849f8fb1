"""The pages of goals and of the week: what they ask of the book, how heavy they are, and who sees what."""

import datetime as dt
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import ProtectedError
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.insight.goals import digest, review
from guanxi.insight.goals.course import Course
from guanxi.insight.goals.digest import NotWritten
from guanxi.insight.goals.figures import FIGURES, Source
from guanxi.insight.goals.models import Decision, Goal
from guanxi.insight.goals.page import Row
from guanxi.insight.goals.standing import LEAST, Standing
from guanxi.insight.models import CustomerDay, ShopRun, TradingDay
from guanxi.pages import home
from tests.api import keyed
from tests.cast import notices_of
from tests.insight.goals.test_goals import DAY, NEW, TODAY, goal, shop
from tests.insight.test_funnel_pages import browser, page

__all__ = ["browser", "shop"]
LIST, REVIEW, API = "/insight/goals/", "/insight/goals/review/", "/insight/goals"
DIGEST = "/insight/goals/review/digest.html"
QUERIES = {LIST: 12, REVIEW: 33, DIGEST: 24, "/insight/glance/goals/": 9}
LEVELS = {"repurchase": 0.3, "reachable": 80.0, "active": 50.0, "won_back": 9.0}


def every_kind(owner: Staff, times: int) -> None:
    for _nth in range(times):
        for figure in FIGURES:
            goal(owner, figure=figure.key, target=LEVELS.get(figure.key, 1_200_000.0), baseline=0.1)
        goal(owner, channel="tmall")


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("address", QUERIES)
def test_what_a_page_asks_does_not_grow_with_goals(
    browser: Client, shop: None, owner: Staff, address: str, times: int, django_assert_num_queries: Any
) -> None:
    every_kind(owner, times)
    page(browser, address)  # what is kept for later is read
    with django_assert_num_queries(QUERIES[address]):
        page(browser, address)


@pytest.mark.parametrize("days", [20, 900])
def test_what_a_goals_page_asks_does_not_grow_with_its_days(
    browser: Client, shop: None, owner: Staff, days: int, django_assert_num_queries: Any
) -> None:
    kept = goal(owner, ends_on=TODAY + days * DAY)
    page(browser, f"{LIST}{kept.pk}/")
    with django_assert_num_queries(11):
        assert len(page(browser, f"{LIST}{kept.pk}/").encode()) < 60_000


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_fifty_goals_make_pages_within_their_weight(browser: Client, shop: None, owner: Staff, language: str) -> None:
    every_kind(owner, 6)
    owner.language = language
    owner.save()
    for address in (LIST, REVIEW):
        shown = page(browser, address)
        assert len(shown.encode()) < 60_000
        assert re.findall(r"<th[^>]*>\s*</th>", shown) == []


def test_figures_read_from_one_source_are_those_read_alone(shop: None) -> None:
    wide = Source(TODAY - 500 * DAY, TODAY)
    for figure in FIGURES:
        for channel in ("", "tmall", "nowhere") if figure.by_channel else ("",):
            first, last = TODAY - 30 * DAY, TODAY - 3 * DAY
            assert figure.read(first, last, channel, source=wide) == figure.read(first, last, channel)
            assert set(figure.read(first, last, channel, source=wide)) <= {first + nth * DAY for nth in range(28)}


@pytest.mark.parametrize("key", [each.key for each in FIGURES])
def test_a_course_begins_and_ends_where_the_goal_says(shop: None, owner: Staff, key: str) -> None:
    for days in (1, 40, 700):
        kept = goal(owner, figure=key, target=LEVELS.get(key, 1_200_000.0), baseline=0.1, ends_on=TODAY + days * DAY)
        course = Course(Row(Standing.read(kept, TODAY)))
        rows = course.chart.rows
        assert len(rows) <= 62
        assert [row["day"] for row in rows] == sorted({row["day"] for row in rows})
        assert rows[-1]["day"] == kept.ends_on
        assert rows[-1]["path"] == pytest.approx(kept.target, abs=1)
        seen = [row["seen"] for row in rows if row["seen"] is not None]
        assert seen[-1] == pytest.approx(course.standing.now, abs=1)
        if forecast := course.standing.forecast:
            ends = (rows[-1]["low"], rows[-1]["expected"], rows[-1]["high"])
            low, high = forecast.interval
            assert ends == pytest.approx((low, forecast.point, high), abs=1)
        assert course.metrics[0].value == course.row.now


def test_one_day_of_history_is_too_early_to_say(browser: Client, owner: Staff) -> None:
    ShopRun.objects.create(as_of=TODAY, seconds=0.1, moves={"active>active": 3})
    TradingDay.objects.create(
        day=TODAY, store="s", channel="own", orders=2, new_customers=1,
        new_net_minor=9_000, returning_net_minor=0, guest_net_minor=0,
    )  # fmt: skip
    CustomerDay.objects.create(day=TODAY, buyers=1, repeat_buyers=0, reachable=1, customers=1)
    for figure in FIGURES:
        kept = goal(owner, figure=figure.key, target=LEVELS.get(figure.key, 1e6), starts_on=TODAY, baseline=None)
        assert Standing.read(kept, TODAY).status == "early"
        shown = page(browser, f"{LIST}{kept.pk}/")
        assert f"A forecast takes {LEAST} days of figures; 1 day is known so far" in shown
        assert not {"nan", "inf", "None"} & set(re.findall(r"\w+", re.sub(r"<[^>]+>", " ", shown)))
    assert "Too early to say" in page(browser, LIST)
    assert "¥90 net sales" not in page(browser, REVIEW)  # of the week that runs nothing is said


def test_without_a_baseline_a_level_has_no_path(shop: None, owner: Staff) -> None:
    found = Row(Standing.read(goal(owner, figure="reachable", target=80, baseline=None), TODAY))
    assert found.standing.expected is None
    assert found.path == ""


def test_a_year_that_is_not_over_tells_no_course(shop: None, owner: Staff) -> None:
    for nth in range(60, 500):
        TradingDay.objects.create(
            day=TODAY - nth * DAY, store="s1", channel="own", orders=1, new_customers=0,
            new_net_minor=100, returning_net_minor=0, guest_net_minor=0,
        )  # fmt: skip
    kept = goal(owner, starts_on=TODAY - 99 * DAY, ends_on=TODAY + 400 * DAY, target=5_000.0)
    assert Standing.read(kept, TODAY).expected == pytest.approx(5_000 * 100 / 500)


def test_who_has_left_still_owns_the_goal_until_it_is_given_to_another(
    browser: Client, shop: None, owner: Staff, agent: Staff
) -> None:
    kept = goal(agent)
    with pytest.raises(ProtectedError):
        Staff.objects.filter(pk=agent.pk).delete()
    Staff.objects.filter(pk=agent.pk).update(is_active=False)
    assert "has left" in page(browser, LIST)
    shown = page(browser, f"{LIST}{kept.pk}/")
    assert "has left" in shown
    told = {"amount": "12000", "ends_on": kept.ends_on}
    assert browser.post(f"{LIST}{kept.pk}/", told | {"owner": agent.pk}).status_code == 422
    browser.post(f"{LIST}{kept.pk}/", told | {"owner": owner.pk})
    kept.refresh_from_db()
    assert kept.owner == owner


def filled(shown: str) -> dict[str, str]:
    """Read what a form would send as it stands."""
    form = next(each for each in re.findall(r"<form class=\"gx-form\".*?</form>", shown, re.S))
    typed = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    typed |= {name: value for value, name in re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="(\w+)"', form)}
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.S):
        typed[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return typed


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_suggestion_fills_in_the_form_and_is_set_as_it_stands(
    browser: Client, shop: None, owner: Staff, language: str
) -> None:
    owner.language = language
    owner.save()
    links = [unescape(each) for each in re.findall(r'href="(/insight/goals/new/\?[^"]+)"', page(browser, LIST))]
    assert len(links) == 3
    for link in links:
        sent = filled(page(browser, link))
        assert sent["ends_on"] == str(TODAY + 90 * DAY)
        assert browser.post(NEW, sent).status_code == 302
    made = {each.figure: each for each in Goal.objects.all()}
    assert set(made) == {"net_sales", "repurchase", "new_customers"}
    assert made["net_sales"].target == pytest.approx(60 * 40_000 * 1.1, abs=100)
    assert made["repurchase"].target == pytest.approx(0.22)
    assert {each.owner for each in made.values()} == {owner}


def test_what_waits_stands_beside_the_last_week_alone(
    browser: Client, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = home.Waiting(title="3 orders wait", reason="since Monday", verb="Ship", href="/orders/", icon="clock")
    queue = home.Queue(name="unshipped", look=lambda _request: waits)
    monkeypatch.setitem(home._queues, "unshipped", queue)
    assert "3 orders wait" in page(browser, REVIEW)
    assert "3 orders wait" not in page(browser, f"{REVIEW}?week=2026-W46")


def test_a_week_is_chosen_and_the_next_is_one_step_away(browser: Client, shop: None) -> None:
    shown = page(browser, f"{REVIEW}?week=2026-W20")
    assert 'value="2026-W20" selected' in shown
    assert "?week=2026-W21" in shown
    assert "?week=2026-W48" not in page(browser, REVIEW)
    assert browser.get(f"{REVIEW}?week=2026-W48").status_code == 404  # it is not over


def test_the_bell_tells_on_monday_that_the_week_is_told(browser: Client, shop: None) -> None:
    assert "review of the week" not in notices_of(browser)
    review.keep(TODAY)
    told = notices_of(browser)
    assert "The review of the week 2026-W47 is ready" in told
    assert "¥2,800 net sales" in told
    assert "?week=2026-W47" in told


def test_a_change_of_a_goal_stands_in_its_history_as_people_write_it(browser: Client, shop: None, owner: Staff) -> None:
    kept = goal(owner)
    browser.post(f"{LIST}{kept.pk}/", {"amount": "20000", "ends_on": TODAY + 30 * DAY, "owner": owner.pk})
    shown = page(browser, f"{LIST}{kept.pk}/")
    assert re.search(r"¥12,000</del> → <ins[^>]*>¥20,000", shown)
    assert re.search(r"17 Dec 2026</del> → <ins[^>]*>27 Dec 2026", shown)


def test_a_goal_that_is_put_away_says_so(browser: Client, shop: None, owner: Staff) -> None:
    kept = goal(owner, channel="tmall")
    browser.post(f"{LIST}{kept.pk}/archiving/")
    assert "This goal is put away" in page(browser, f"{LIST}{kept.pk}/")
    assert "Net sales: ¥12,000 · Tmall" in page(browser, LIST)


def test_programs_read_how_goals_stand(shop: None, owner: Staff) -> None:
    program = keyed(owner)
    assert program.get(API)["data"] == []
    every_kind(owner, 1)
    found = program.get(API)
    assert found["as_of"] == str(TODAY)
    net, *_others, narrow = found["data"]
    assert (net["target"], net["now"], net["status"]) == (1_200_000, 400_000, "on_track")
    assert net["forecast_low"] <= net["forecast"] <= net["forecast_high"]
    assert narrow["channel"] == "tmall"
    assert net["channel"] is None
    assert {each["status"] for each in found["data"] if each["figure"] in {"active", "won_back"}} == {"early"}
    answered = program.call("GET", API)
    assert program.call("GET", API, headers={"If-None-Match": answered["ETag"]}).status_code == 304


def test_programs_read_as_many_goals_with_as_many_questions(
    shop: None, owner: Staff, django_assert_max_num_queries: Any
) -> None:
    program = keyed(owner)
    every_kind(owner, 4)
    with django_assert_max_num_queries(16):
        assert len(program.get(API)["data"]) == 36


def test_nothing_computed_yet_is_told_to_programs(owner: Staff) -> None:
    goal(owner, starts_on=dt.date.today() - DAY, ends_on=dt.date.today() + DAY)  # noqa: DTZ011 - of the shop without a run
    found = keyed(owner).get(API)
    assert found["as_of"] is None
    assert found["data"][0]["status"] == "unknown"
    assert found["data"][0]["now"] is None


OUTSIDE = re.compile(r"https?:|//[a-z]|\ssrc=|\shref=|url\(|@import|<script|<link|<iframe|<form", re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Weekly review", "Decisions", "27 Nov")), ("zh-hans", ("每周回顾", "决定", "11月"))]
)
def test_the_week_is_one_file_that_fetches_nothing(
    browser: Client, shop: None, owner: Staff, language: str, words: tuple[str, ...]
) -> None:
    every_kind(owner, 2)
    Decision.make(
        review.week_of("2026-W47"), text='<b>Sell "it"</b>', owner=owner, due_on=dt.date(2026, 11, 27), by=owner
    )
    owner.language = language
    owner.save()
    assert "/insight/goals/review/digest.html?week=2026-W47" in page(browser, REVIEW)
    answer = browser.get("/insight/goals/review/digest.html?week=2026-W47")
    assert answer["Content-Disposition"] == 'attachment; filename="review-2026-W47.html"'
    shown = answer.content.decode()
    told = review.Review.read(review.week_of("2026-W47"), today=TODAY)
    assert OUTSIDE.findall(shown) == []
    assert f'lang="{language}"' in shown
    assert "<b>Sell" not in shown
    assert "Sell &quot;it&quot;" in shown
    assert "¥2,800" in shown
    assert shown.count('class="state"') == len(told.goals)
    assert len(shown.encode()) < 30_000
    for word in (*words, *(["客户"] if language == "zh-hans" else [])):
        assert word in shown
    for word in ("None", "nan", "inf<", "用户", "顾客"):
        assert word not in shown
    assert browser.get("/insight/goals/review/digest.html?week=2026-W99").status_code == 404


def test_a_week_of_nothing_is_a_file_too(browser: Client, shop: None) -> None:
    shown = browser.get("/insight/goals/review/digest.html?week=2012-W10").content.decode()
    assert "No goal had begun by then." in shown
    assert "Nothing changed" in shown
    assert "nan" not in shown


def test_the_command_writes_the_file_in_either_language(shop: None, owner: Staff, tmp_path: Path, capsys: Any) -> None:
    goal(owner)
    for language, words in (("en", "Weekly review"), ("zh", "每周回顾")):
        file = tmp_path / f"{language}.html"
        call_command("insight", "review", "--week", "2026-W47", "--html", str(file), "--language", language, "--json")
        assert json.loads(capsys.readouterr().out)["html"] == str(file)
        assert words in file.read_text(encoding="utf-8")
        assert OUTSIDE.findall(file.read_text(encoding="utf-8")) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["en.html", "zh.html"]
    with pytest.raises(NotWritten, match="Name another file"):
        digest.write(review.Review.read(review.week_of("2026-W47"), today=TODAY), tmp_path / "no" / "x.html")
