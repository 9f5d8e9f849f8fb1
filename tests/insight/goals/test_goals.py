"""Goals on their pages: set, changed, put away; and the week told of the shop's own figures."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.insight.goals import review
from guanxi.insight.goals.models import Decision, Digest, Goal
from guanxi.insight.goals.review import BadWeek, Review
from guanxi.insight.goals.standing import Standing
from guanxi.insight.models import CustomerDay, ShopRun, TradingDay
from tests.insight.test_funnel_pages import browser, page

__all__ = ["browser"]
DAY, TODAY = dt.timedelta(days=1), dt.date(2026, 11, 27)
NEW = "/insight/goals/new/"


@pytest.fixture
def shop(db: None) -> None:
    """Sells 100 a day to a newcomer in its own shop and 300 to one who returns on Tmall, for 60 days."""
    ShopRun.objects.create(as_of=TODAY, seconds=0.1, moves={"active>active": 30, "dormant>active": 4})
    nothing = {"new_net_minor": 0, "returning_net_minor": 0, "guest_net_minor": 0, "new_customers": 0, "orders": 1}
    for nth in range(60):
        day = TODAY - nth * DAY
        own = nothing | {"new_net_minor": 10_000, "new_customers": 1}
        TradingDay.objects.create(day=day, store="s1", channel="own", **own)
        TradingDay.objects.create(day=day, store="s2", channel="tmall", **nothing | {"returning_net_minor": 30_000})
        CustomerDay.objects.create(day=day, buyers=100, repeat_buyers=20, reachable=50, customers=100)


def told(owner: Staff, **changed: Any) -> dict[str, Any]:
    usual = {"figure": "net_sales", "channel": "", "way": "to", "amount": "12000", "owner": owner.pk,
             "starts_on": TODAY - 9 * DAY, "ends_on": TODAY + 20 * DAY}  # fmt: skip
    return usual | changed


def goal(owner: Staff, **changed: Any) -> Goal:
    usual = {"figure": "net_sales", "starts_on": TODAY - 9 * DAY, "ends_on": TODAY + 20 * DAY, "target": 1_200_000.0}
    return Goal.objects.create(**usual | {"owner": owner, "by": owner} | changed)


def test_a_goal_is_set_shown_changed_put_away_and_brought_back(browser: Client, shop: None, owner: Staff) -> None:
    assert "+10%" in page(browser, "/insight/goals/")  # the suggestions
    assert browser.post(NEW, told(owner)).status_code == 302
    kept = Goal.objects.get()
    assert (kept.target, kept.baseline) == (1_200_000, 30 * 40_000)
    shown = page(browser, "/insight/goals/")
    assert "Net sales: ¥12,000" in shown
    assert "On track" in shown
    assert "¥400 a day from here on, ¥400 in the last 28 days" in shown
    browser.post(f"/insight/goals/{kept.pk}/", {"amount": "20000", "ends_on": kept.ends_on, "owner": owner.pk})
    shown = page(browser, "/insight/goals/")
    assert "Off track" in shown
    assert "very unlikely" in shown
    browser.post(f"/insight/goals/{kept.pk}/removal/")
    assert not Goal.objects.shown().exists()
    browser.post(f"/insight/goals/{kept.pk}/return/")
    assert Goal.objects.shown().get() == kept
    acts = set(AuditEntry.objects.filter(subject=f"goal:{kept.pk}").values_list("act", flat=True))
    assert acts == {"goal.set", "goal.changed", "goal.removed", "goal.brought_back"}
    assert "Changed a goal" in page(browser, f"/insight/goals/{kept.pk}/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_on": TODAY}, "This day is over"),
        ({"amount": "100"}, "reached already"),
        ({"amount": "-5"}, "A target is above nothing"),
        ({"amount": "1" * 20}, "No shop reaches that"),
        ({"figure": "repurchase", "amount": "130"}, "above 100 percent"),
        ({"figure": "reachable", "channel": "own"}, "all channels together"),
        ({"way": "by", "starts_on": TODAY - 300 * DAY, "ends_on": TODAY + 300 * DAY}, "nothing to rise from"),
        ({"figure": "nonsense"}, "not one of the available"),
    ],
)
def test_a_goal_that_cannot_be_is_refused_with_a_sentence_and_stays_typed(
    browser: Client, shop: None, owner: Staff, changed: dict[str, Any], said: str
) -> None:
    answer = browser.post(NEW, told(owner, **changed))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{told(owner, **changed)["amount"]}"' in answer.content.decode()
    assert not Goal.objects.exists()


def test_a_rise_is_counted_from_the_frozen_baseline(browser: Client, shop: None, owner: Staff) -> None:
    browser.post(NEW, told(owner, figure="repurchase", way="by", amount="30"))
    kept = Goal.objects.get()
    assert kept.baseline == pytest.approx(0.2)
    assert kept.target == pytest.approx(0.26)


def test_words_follow_what_is_done_and_what_is_left(shop: None, owner: Staff) -> None:
    for target, ends_on, word in (
        (300_000.0, TODAY + DAY, "reached"), (1_000_000.0, TODAY, "missed"),
        (1_000_000.0, TODAY + 40 * DAY, "on_track"),
        (1e15, TODAY + 40 * DAY, "behind"),
    ):  # fmt: skip
        assert Standing.read(goal(owner, target=target, ends_on=ends_on), TODAY).status == word


def test_without_any_figures_every_page_still_answers(browser: Client, owner: Staff) -> None:
    goal(owner)
    for figure in ("order_value", "repurchase", "reachable", "active"):
        goal(owner, figure=figure, target=0.5)
    owner_gone = goal(owner)
    assert Standing.read(owner_gone, TODAY).status == "unknown"
    for address in ("/insight/goals/", "/insight/goals/review/", "/insight/glance/goals/", "/insight/goals/new/"):
        assert "nan" not in page(browser, address).casefold().replace("finance", "")


def test_what_drove_the_week_adds_up(shop: None, owner: Staff) -> None:
    monday = dt.date(2026, 11, 16)
    TradingDay.objects.filter(day=monday, store="s1").update(guest_net_minor=70_000)
    found = Review.read(monday, today=TODAY)
    assert sum(each.change_minor for each in found.drivers) == found.change_minor == 70_000
    assert found.drivers[0].words == "Own shop · guests"
    assert "2026-W47" in found.markdown


def test_a_decision_is_carried_over_until_it_is_ticked(browser: Client, shop: None, owner: Staff) -> None:
    browser.post("/insight/goals/review/decisions/?week=2026-W46", {"text": "Call the grower", "owner": owner.pk})
    assert "Call the grower" in page(browser, "/insight/goals/review/?week=2026-W47")
    made = Decision.objects.get()
    browser.post(f"/insight/goals/review/decisions/{made.pk}/done/?week=2026-W47")
    made.refresh_from_db()
    assert made.done_at
    assert browser.post("/insight/goals/review/decisions/", {"text": ""}).status_code == 422


def test_a_digest_is_kept_once_in_each_language(shop: None) -> None:
    assert review.keep(TODAY) == 2
    assert review.keep(TODAY) == 0
    assert set(Digest.objects.values_list("week", flat=True)) == {dt.date(2026, 11, 16)}


def test_a_week_that_is_none_is_refused(browser: Client, shop: None) -> None:
    for text in ("2026-W60", "x", "99999999-W1"):
        assert browser.get(f"/insight/goals/review/?week={text}").status_code == 404
    with pytest.raises(BadWeek):
        review.week_of("2026")


def test_the_command_tells_the_week(shop: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("insight", "review", "--week", "2026-W47", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["net_minor"], found["week"]) == (280_000, "2026-W47")


def test_goals_leave_as_csv(browser: Client, shop: None, owner: Staff) -> None:
    goal(owner)
    sent = b"".join(browser.get("/insight/goals/table.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "1200000.0" in sent
    assert len(sent.strip().splitlines()) == 2
