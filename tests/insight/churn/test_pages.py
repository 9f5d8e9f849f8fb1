"""Who will come back is kept, and shown on the page, the panel, the file and the command line."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Customer, Score
from guanxi.insight import tasks
from guanxi.insight.churn import keeping, scores
from guanxi.insight.churn.model import half_by
from guanxi.insight.churn.reasons import half_days
from guanxi.insight.models import ChurnRun
from guanxi.orders.models import Order, Store
from guanxi.pages.panels import panels_for
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.api import keyed
from tests.cast import TODAY, buy, met

PAGE = "/insight/churn/"


@pytest.fixture
def people(tea_house: Store) -> list[Customer]:
    return [met(tea_house, key=f"k{nth}", name=f"客{nth}", phone=f"+86139000077{nth:02}") for nth in range(60)]


@pytest.fixture
def kept(lake: Path, today: dt.date, tea_house: Store, people: list[Customer]) -> ChurnRun:
    """Twenty buy every thirty days to this day, twenty did until they left, twenty bought once."""
    for nth, who in enumerate(people):
        days = {0: range(0, 300, 30), 1: range(120, 330, 30), 2: range(150, 151)}[nth // 20]
        for ago in days:
            sell(who, tea_house, "绿茶", ago + nth % 20)
    sync()
    return keeping.compute()


def sell(who: Customer | None, store: Store, category: str, days_ago: int) -> Order:
    order = buy(who, store, on=TODAY - dt.timedelta(days=days_ago), goods_minor=13_400)
    order.lines.create(line_number=1, sku="LJ", category=category, quantity=1, unit_price="134", amount_minor=13_400)
    return order


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    page = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    found = " ".join(page.decode().split())
    for word in (">nan", ">inf", "None", "NaN", "ever,"):
        assert word not in found
    return found


def panel(client: Client, customer: Customer) -> str:
    return text(client, reverse("insight:customer-return", kwargs={"customer_id": customer.pk}))


def chinese(staff: Staff) -> Client:
    staff.language = "zh-hans"
    staff.save()
    client = Client()
    client.force_login(staff)
    return client


def score(customer: Customer) -> Score:
    return Score.objects.get(name="churn", customer=customer)


def test_who_left_is_at_risk_and_who_keeps_their_rhythm_is_not(kept: ChurnRun, people: list[Customer]) -> None:
    faithful, gone, once = (score(people[nth]) for nth in (5, 25, 45))
    assert (faithful.label, gone.label, once.label) == ("", "at-risk", "")
    assert faithful.parts["probability"] > 0.5 > gone.parts["probability"]
    assert kept.told["at_risk"] == 20
    for each in Score.objects.filter(name="churn"):
        assert 0 < each.parts["low"] <= each.parts["probability"] <= each.parts["high"] < 1
        assert each.value == each.weight >= 0


def test_the_trial_knew_only_what_was_known_then(kept: ChurnRun) -> None:
    trial = kept.told["trial"]
    assert kept.told["window_days"] == 30
    assert trial["customers"] == 60
    assert trial["came"] == pytest.approx(20 / 60)
    assert trial["auc"] > 0.9
    assert trial["brier"] < trial["brier_base"]


def test_the_days_by_which_half_should_have_bought_are_held_against_those_on_which_they_did(
    kept: ChurnRun, owners_browser: Client, owner: Staff, people: list[Customer]
) -> None:
    found = kept.told["trial"]["dates"]
    assert found["due"] == 20  # those who keep their rhythm
    assert 0 <= found["by_then"] <= 1
    assert 0 <= found["days_off"] <= kept.told["window_days"]
    assert "Of 20 whose day lay in these days" in text(owners_browser)
    assert "half would be right" in text(owners_browser)
    ChurnRun.objects.update(told=kept.told | {"trial": {**kept.told["trial"], "dates": None}})
    assert "half would be right" not in text(owners_browser)
    kept.told["trial"].pop("dates")  # as runs before this one said it
    ChurnRun.objects.update(told=kept.told)
    assert "half would be right" not in text(owners_browser)
    assert keyed(owner).get("/insight/churn")["trial"]["dates"] is None


def test_the_page_says_who_is_at_risk_and_why(kept: ChurnRun, owners_browser: Client, people: list[Customer]) -> None:
    page = text(owners_browser)
    assert "20 customers are overdue, and sales of" in page
    assert "were said to come, and 33.3% came." in page
    assert "silent for" in page
    assert "usually buys every" in page
    assert "select * from customer_churn" in page
    assert page.count("/customers/cus_") >= 20
    assert len(page.encode()) < 60_000


def test_the_page_and_the_panel_speak_chinese(kept: ChurnRun, owner: Staff, people: list[Customer]) -> None:
    client = chinese(owner)
    page, beside = text(client), panel(client, people[25])
    assert "逾期未下单" in page
    assert "沉默 " in page
    assert "购买的概率" in beside


def test_the_file_has_everybody_at_risk(kept: ChurnRun, owners_browser: Client, agents_browser: Client) -> None:
    lines = text(owners_browser, reverse("insight:churn-table"))
    assert lines.count("cus_") == 20
    assert agents_browser.get(reverse("insight:churn-table")).status_code == 403


def test_the_panel_says_whether_when_and_why(kept: ChurnRun, agents_browser: Client, people: list[Customer]) -> None:
    page = panel(agents_browser, people[25])
    for words in ("Buys within 30 days with a probability of", "at risk", "Half such have bought by", "silent for"):
        assert words in page
    assert len(page.encode()) < 15_000
    assert PAGE not in page


def test_who_never_bought_has_a_panel_that_teaches(kept: ChurnRun, agents_browser: Client, tea_house: Store) -> None:
    who = met(tea_house, key="new", name="新", phone="+8613900007799")
    assert "it takes one paid order" in panel(agents_browser, who)


def test_the_panel_says_what_of_a_category_is_needed_again(
    kept: ChurnRun, agents_browser: Client, people: list[Customer]
) -> None:
    page = panel(agents_browser, people[3])
    assert "Needs again" in page
    assert "绿茶" in page
    assert "every 30 days" in page


def test_the_panel_costs_as_many_questions_whoever_it_is_of(
    kept: ChurnRun, agents_browser: Client, people: list[Customer], django_assert_num_queries: Any
) -> None:
    panel(agents_browser, people[3])
    for who in (people[3], people[50]):
        with django_assert_num_queries(6):
            panel(agents_browser, who)


def test_the_customer_page_is_offered_the_panel(agent: Staff) -> None:
    assert "return" in {each.name for each in panels_for("customer", agent)}


def test_calibration_that_moved_away_is_warned_of(kept: ChurnRun, owners_browser: Client) -> None:
    assert "has moved away from what comes" not in text(owners_browser)
    told = kept.told | {"trial": kept.told["trial"] | {"said": 0.1, "came": 0.4, "spread": 0.01}}
    ChurnRun.objects.filter(pk=kept.pk).update(told=told)
    page = text(owners_browser)
    assert "has moved away from what comes" in page
    assert "More came than said: 40.0% instead of 10.0%." in page


def test_measures_stay_run_by_run(kept: ChurnRun, owners_browser: Client) -> None:
    keeping.compute(TODAY - dt.timedelta(days=30))
    keeping.compute()
    assert ChurnRun.objects.count() == 2
    assert len(ChurnRun.objects.get(as_of=TODAY).trials_before()) == 1
    assert "Does it still hold?" in text(owners_browser)


@pytest.mark.parametrize("days", [(), (0,), (20, 0), (700, 10)])
def test_a_shop_of_hardly_any_orders_has_a_page_and_panels(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client, days: tuple[int, ...]
) -> None:
    who = met(tea_house, key="lin", name="林晓", phone="+8618300002807")
    for ago in days:
        sell(who, tea_house, "绿茶", ago)
    sync()
    keeping.compute()
    page, beside = text(owners_browser), panel(owners_browser, who)
    assert ("Few customers came back so far." in page) == bool(days)
    assert ("it takes one paid order" in beside) == (not days)


def test_a_shop_that_gave_everything_back_or_owes_has_a_page(kept: ChurnRun, owners_browser: Client) -> None:
    Order.objects.update(refunded_minor=26_800, net_minor=-100, net_base_minor=-100, **CHANGED)
    sync()
    assert keeping.compute().told["at_stake_minor"] == 0
    assert "Nobody who used to buy is overdue" in text(owners_browser)
    Order.objects.update(net_base_minor=None, **CHANGED)
    sync()
    keeping.compute()
    text(owners_browser)


def test_before_the_first_run_the_page_teaches(owners_browser: Client) -> None:
    assert "who will probably buy again soon, who is overdue, and why" in text(owners_browser)


def test_computing_again_writes_no_score(kept: ChurnRun) -> None:
    with snapshot() as lake:
        assert scores.follow(lake, TODAY) == 0


def test_a_new_order_changes_the_score_of_who_placed_it(
    kept: ChurnRun, people: list[Customer], tea_house: Store
) -> None:
    sell(people[25], tea_house, "绿茶", 0)
    sync()
    keeping.compute()
    assert score(people[25]).label == ""
    assert score(people[25]).parts["silent_days"] == 0


def test_what_is_kept_of_somebody_erased_goes_from_every_month(kept: ChurnRun, people: list[Customer]) -> None:
    keeping.compute(TODAY - dt.timedelta(days=60))
    Customer.objects.filter(pk=people[0].pk).update(erased_at=timezone.now(), **CHANGED)
    sync()
    keeping.compute(TODAY - dt.timedelta(days=30))
    with snapshot() as lake:
        rows = lake.sql("select as_of from customer_churn where customer_id = $who", who=people[0].pk).to_pylist()
    assert {row["as_of"] for row in rows} <= {TODAY - dt.timedelta(days=30)}


def test_it_is_due_once_a_day_and_never_twice_at_a_time(kept: ChurnRun) -> None:
    assert not keeping.is_due()
    ChurnRun.objects.update(finished_at=timezone.now() - dt.timedelta(hours=2), basis={})
    assert keeping.is_due()
    with lease(keeping.LEASE):
        assert tasks.refresh_churn.call() == 0
    assert tasks.refresh_churn.call() == 60


def test_the_command_says_it_for_programs(kept: ChurnRun, capsys: Any) -> None:
    call_command("insight", "churn", "--as-of", (TODAY - dt.timedelta(days=30)).isoformat(), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["as_of"] == (TODAY - dt.timedelta(days=30)).isoformat()
    assert told["customers"] == 60
    assert ChurnRun.objects.count() == 1, "nothing of it is kept"


@pytest.mark.parametrize("chance", [1e-9, 0.01, 0.5, 0.999999])
def test_pages_and_the_mart_say_the_same_day(chance: float) -> None:
    days = float(np.ceil(round(float(half_by(np.array([chance]), 30)[0]), 9)))
    assert half_days(chance, 30) == (days if days <= 730 else None)


def test_the_page_costs_the_same_however_many_people_are_on_it(
    kept: ChurnRun, owners_browser: Client, django_assert_num_queries: Any
) -> None:
    owners_browser.get(PAGE)
    with django_assert_num_queries(11):
        text(owners_browser)
    Score.objects.filter(name="churn", label="at-risk", pk__gt=Score.objects.filter(label="at-risk")[2].pk).delete()
    with django_assert_num_queries(11):
        text(owners_browser)
