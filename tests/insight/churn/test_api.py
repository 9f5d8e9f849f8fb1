"""Who will come back, in the API: what the page says, page by page, and of one."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer
from guanxi.insight import scoring
from guanxi.insight.churn import keeping
from guanxi.insight.models import ChurnRun
from guanxi.orders.models import Store
from guanxi.warehouse.sync import sync
from tests.api import Program, keyed, problem
from tests.cast import TODAY, met
from tests.insight.churn.test_pages import kept, people, score, sell
from tests.insight.test_api import walked

__all__ = ["kept", "people"]
PATH = "/insight/churn"


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, "insight:read")


def test_all_together_are_told_with_trial_calibration_drift_and_classes(program: Program, kept: ChurnRun) -> None:
    scoring.score_customers()
    found = program.get(PATH)
    told = kept.told
    assert (found["customers"], found["window_days"], found["at_risk"]) == (60, 30, 20)
    assert (found["expected"], found["at_stake_minor"]) == (told["expected"], told["at_stake_minor"])
    assert found["trial"]["auc"] == told["trial"]["auc"]
    assert found["trial"]["as_of"] == TODAY.isoformat()
    assert [[each["said"], each["came"], each["customers"]] for each in found["calibration"]] == told["trial"]["tenths"]
    assert sum(each["customers"] for each in found["calibration"]) == 60
    assert (found["untried"], found["earlier_trials"]) == ("", [])
    assert found["drift"] in {"", "more", "fewer"}
    assert sum(each["at_risk"] for each in found["classes"]) == 20
    assert [each["key"] for each in found["classes"]]
    assert "20 customers are overdue" in found["finding"]
    program.language = "zh-CN"
    assert "20" in program.get(PATH)["finding"]


def test_earlier_trials_and_a_trial_that_cannot_be_held_are_told(program: Program, kept: ChurnRun) -> None:
    ChurnRun.objects.create(
        as_of=TODAY - dt.timedelta(1), customers=60, told=kept.told, basis={}, seconds=1, finished_at=kept.finished_at
    )
    earlier = program.get(PATH)["earlier_trials"]
    assert [each["as_of"] for each in earlier] == [(TODAY - dt.timedelta(1)).isoformat()]
    ChurnRun.objects.filter(pk=kept.pk).update(told=kept.told | {"trial": None, "untried": "few"})
    found = program.get(PATH)
    assert (found["trial"], found["untried"], found["calibration"], found["drift"]) == (None, "few", [], "")


def test_people_come_page_by_page_with_probability_day_and_reasons(
    program: Program, kept: ChurnRun, people: list[Customer]
) -> None:
    found = walked(program, PATH + "/customers", 7)
    assert len(found) == len({each["customer"] for each in found}) == 60
    stakes = [each["at_stake_minor"] if each["is_at_risk"] else 0 for each in found]
    risky = walked(program, PATH + "/customers?label=at-risk", 3)
    assert {each["customer"] for each in risky} == {each.public_id for each in people[20:40]}
    assert [each["at_stake_minor"] for each in risky] == sorted(filter(None, stakes), reverse=True)
    for each in risky:
        assert 0 < each["low"] <= each["probability"] <= each["high"] < 1
        assert any("silent for" in reason for reason in each["reasons"])
        assert each["next_on"] is None or each["next_on"] > TODAY.isoformat()
    parts = score(people[25]).parts
    one = next(each for each in found if each["customer"] == people[25].public_id)
    assert (one["days"], one["silent_days"], one["probability"]) == (
        parts["days"],
        parts["silent_days"],
        parts["probability"],
    )
    assert [name for name, value in one.items() if value is None and name != "next_on"] == []


@pytest.mark.parametrize("asked", ["label=moon", "limit=0", "limit=201", "after=cus_0000000000001", "surprise=1"])
def test_what_nobody_may_ask_is_refused(program: Program, kept: ChurnRun, asked: str) -> None:
    problem(program.call("GET", f"{PATH}/customers?{asked}"), 422)


def test_one_is_told_with_the_categories_they_need_again(
    program: Program, kept: ChurnRun, people: list[Customer], tea_house: Store
) -> None:
    found = program.get(f"/insight/customers/{people[3].public_id}/churn")
    assert found["churn"]["customer"] == people[3].public_id
    assert "Buys within 30 days" in found["finding"]
    (again,) = found["categories"]
    assert (again["category"], again["gap_days"], again["late_days"]) == ("绿茶", pytest.approx(30), 0)
    who = met(tea_house, key="new", name="新", phone="+8613900007799")
    found = program.get(f"/insight/customers/{who.public_id}/churn")
    assert (found["churn"], found["categories"], found["finding"]) == (None, [], "They have not bought yet.")
    problem(program.call("GET", f"/insight/customers/{public_id('cus', 987_654)}/churn"), 404)


def test_one_order_is_told_without_a_trial(program: Program, lake: Any, today: Any, tea_house: Store) -> None:
    who = met(tea_house, key="one", name="一", phone="+8613900007701")
    sell(who, tea_house, "绿茶", 3)
    sync()
    keeping.compute()
    found = program.get(PATH)
    assert (found["customers"], found["trial"], found["at_risk"], found["classes"]) == (1, None, 0, [])
    assert len(program.get(PATH + "/customers")["data"]) == 1


def test_the_book_is_asked_as_often_for_three_as_for_sixty(program: Program, kept: ChurnRun) -> None:
    def asked(limit: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            program.get(f"{PATH}/customers?limit={limit}")
        return len(queries)

    asked(1)
    assert asked(3) == asked(60)
