"""Insight in the API: each answer says what the pages say, as of when, and knows when nothing changed."""

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import AuditEntry, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer
from guanxi.insight import daily, scoring, valuing
from guanxi.insight.churn import keeping
from guanxi.insight.mart_rows import MartRows
from guanxi.insight.models import MarketingCost, ShopRun, TradingDay
from guanxi.orders.models import Order, Store
from guanxi.warehouse import marts, runs
from guanxi.warehouse.sync import sync
from tests.api import Program, keyed, problem
from tests.cast import TODAY, buy, hired, met
from tests.insight.costs import cost_of
from tests.insight.test_channels import visited
from tests.insight.test_value_pages import score, told

__all__ = ["visited"]
ALL = (
    "/insight/rfm", "/insight/lifecycle", "/insight/sales", "/insight/value", "/insight/value/customers",
    "/insight/churn", "/insight/churn/customers",
    "/insight/retention", "/insight/repurchase", "/insight/channels", "/insight/attribution",
)  # fmt: skip


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, "insight:read", "insight:write")


@pytest.fixture
def computed(lake: Path, today: dt.date, loyal: Customer, lapsed: Customer) -> None:
    """The loyal one and the lapsed one, with everything computed of them."""
    sync()
    scoring.score_customers()
    daily.compute()
    valuing.compute()
    keeping.compute()


def walked(program: Program, path: str, limit: int) -> list[dict[str, Any]]:
    """Read a list to its end."""
    found, after = [], ""
    while True:
        page = program.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{after}")
        found += page["data"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


@pytest.mark.parametrize("path", ALL)
def test_before_the_first_computation_an_answer_says_so(
    program: Program, lake: Path, today: dt.date, path: str
) -> None:
    found = program.get(path)
    assert (found["as_of"], found["computed_at"], found["finding"]) == (None, None, "Nothing was computed yet")
    assert found.get("data", []) == []
    program.language = "zh-CN"
    assert program.get(path)["finding"] == "还没有计算过任何结果"


@pytest.mark.parametrize("path", ALL)
def test_every_answer_says_as_of_when_it_holds_and_holds_no_number_that_is_none(
    program: Program, computed: None, path: str
) -> None:
    answer = program.call("GET", path)
    found = json.loads(answer.content, parse_constant=pytest.fail)
    assert found["as_of"] == TODAY.isoformat()
    assert found["computed_at"]
    assert len(found["finding"]) > 10
    assert found["currency"] == "CNY"


@pytest.mark.parametrize("path", [*ALL, "/insight/marts", "/insight/marts/customer_rfm"])
def test_who_has_an_answer_already_is_told_that_nothing_changed(program: Program, computed: None, path: str) -> None:
    tag = program.call("GET", path)["ETag"]
    again = program.call("GET", path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert program.call("GET", path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_classes_are_those_of_the_page(program: Program, computed: None) -> None:
    found = program.get("/insight/rfm")
    assert sum(each["customers"] for each in found["classes"]) == found["customers"] == 2
    assert sum(cell["customers"] for cell in found["cells"]) == 2
    assert sum(each["net_minor"] for each in found["classes"]) == sum(cell["net_minor"] for cell in found["cells"])
    assert found["version"] == 1


def test_a_customers_class_comes_with_the_reasons(program: Program, computed: None, loyal: Customer) -> None:
    found = program.get(f"/insight/customers/{loyal.public_id}/rfm")
    parts = loyal.scores.get(name="rfm").parts
    assert [found[band] for band in "rfm"] == [parts[band] for band in "rfm"]
    assert found["frequency"] == parts["frequency"]
    assert found["why"][0].startswith(f"Score {found['score']:g}")
    program.language = "zh-CN"
    assert "分" in program.get(f"/insight/customers/{loyal.public_id}/rfm")["why"][0]


def test_who_never_bought_has_no_class_and_no_value(program: Program, computed: None, tea_house: Store) -> None:
    kim = met(tea_house, key="kim", name="Kim", phone="+8613900005599")
    found = program.get(f"/insight/customers/{kim.public_id}/rfm")
    assert (found["key"], found["r"], found["why"]) == (None, None, [])
    assert "have not bought yet" in found["finding"]
    found = program.get(f"/insight/customers/{kim.public_id}/value")
    assert (found["value"], found["finding"]) == (None, "They have not bought yet.")
    problem(program.call("GET", f"/insight/customers/{public_id('cus', 987_654)}/rfm"), 404)
    problem(program.call("GET", "/insight/customers/7/value"), 404)


def test_value_is_told_with_its_ends_and_the_margin_to_whoever_may_see_costs(
    program: Program, today: dt.date, owner: Staff, loyal: Customer
) -> None:
    told()
    score(loyal)
    found = program.get("/insight/value")
    assert found["next_year"]["revenue_minor"] == {"expected": 7_587_300, "low": 6_687_800, "high": 8_094_800}
    assert [each["name"] for each in found["hold_out"]] == ["bg-nbd", "pareto-nbd", "same-rate", "same-again"]
    assert (found["model"], found["margin_minor"]) == ("pareto-nbd", 3_000_000)
    one = program.get(f"/insight/customers/{loyal.public_id}/value")
    assert (one["value"]["revenue_minor"], one["value"]["alive_high"]) == (84_000, 0.52)
    assert "longer ago than their rhythm lets expect" in one["finding"]
    RoleRules.change(Role.ANALYST, {"catalog.cost.see": False}, by=owner)
    analyst = keyed(hired("ann", "Ann", Role.ANALYST), "insight:read")
    assert analyst.get("/insight/value")["margin_minor"] is None


def test_those_worth_most_come_first_page_by_page(program: Program, today: dt.date, tea_house: Store) -> None:
    told()
    for nth in range(7):
        who = met(tea_house, key=f"c{nth}", name=f"客{nth}", phone=f"+86139000055{nth:02}")
        score(who, "slipping" if nth % 2 else "", monetary_minor=1_000 * (nth % 4))
    found = walked(program, "/insight/value/customers", 2)
    assert [each["revenue_minor"] for each in found] == [3_000, 2_000, 2_000, 1_000, 1_000, 0, 0]
    assert len({each["customer"] for each in found}) == 7
    assert len(walked(program, "/insight/value/customers?label=slipping", 1)) == 3
    problem(program.call("GET", "/insight/value/customers?after=cus_0000000000001"), 422)


def test_days_are_told_of_all_stores_or_of_one(program: Program, computed: None) -> None:
    found = program.get("/insight/sales?day_from=2023-01-01&day_to=2024-11-11")
    kept = TradingDay.objects.between(dt.date(2023, 1, 1), TODAY)
    assert [row["day"] for row in found["data"]] == [
        f"{day}" for day in sorted(set(kept.values_list("day", flat=True)))
    ]
    assert sum(row["orders"] for row in found["data"]) == sum(kept.values_list("orders", flat=True))
    one = program.get("/insight/sales?store=tea&day_from=2023-01-01&day_to=2024-11-11")
    assert one["data"] == found["data"]
    assert "net sales" in one["finding"]
    assert program.get("/insight/sales?channel=moon")["data"] == []
    for asked in (
        "day_from=2024-11-12&day_to=2024-11-11",
        "day_from=1990-01-01&day_to=2024-01-01",
        "day_from=x",
        "q=1",
    ):
        problem(program.call("GET", f"/insight/sales?{asked}"), 422)


def test_the_lifecycle_counts_everybody_once(program: Program, computed: None) -> None:
    found = program.get("/insight/lifecycle")
    assert sum(stage["customers"] for stage in found["stages"]) == 2
    assert sum(move["customers"] for move in found["moves"]) == sum(ShopRun.latest().moves.values())  # type: ignore[union-attr]


def test_cohorts_and_rates_are_those_of_the_marts(program: Program, computed: None) -> None:
    found = program.get("/insight/retention")
    assert sum(cohort["members"] for cohort in found["data"]) == 2
    for cohort in found["data"]:
        assert cohort["months"][0]["share"] == 1
        assert [month["months_since"] for month in cohort["months"]] == list(range(len(cohort["months"])))
    rates = program.get("/insight/repurchase")
    ever = next(rate for rate in rates["rates"] if rate["within_days"] == 0)
    assert (ever["customers"], ever["returned"]) == (2, 1)
    assert 0 <= ever["low"] <= ever["share"] <= ever["high"] <= 1
    channel = next(each for each in rates["groups"] if each["group"].startswith("channel:"))
    assert program.get(f"/insight/repurchase?group={channel['group']}")["rates"] == channel["rates"]
    assert program.get("/insight/retention?group=channel:moon")["data"] == []
    problem(program.call("GET", "/insight/retention?group=moon"), 422)
    problem(program.call("GET", "/insight/retention?basis=moon"), 422)


def test_channels_are_told_by_one_rule_and_by_all(program: Program, visited: Order, owner: Staff) -> None:
    last = {line["way"]: line for line in program.get("/insight/channels")["data"]}
    first = {line["way"]: line for line in program.get("/insight/channels?rule=first")["data"]}
    assert (last["www.baidu.com"]["orders"], first["newsletter"]["orders"]) == (1, 1)
    told = {line["way"]: line["rules"] for line in program.get("/insight/attribution")["data"]}
    assert set(told["ad"]) == {"last", "first", "linear", "position", "data"}
    for rule in ("last", "first", "linear", "position"):
        assert sum(rules[rule]["orders"] for rules in told.values()) == pytest.approx(1)
    assert "spring" in {line["way"] for line in program.get("/insight/channels?by=campaign")["data"]}
    problem(program.call("GET", "/insight/channels?rule=moon"), 422)


def test_costs_are_entered_listed_counted_and_removed(program: Program, visited: Order) -> None:
    day = visited.placed_on.isoformat()
    cost = {"source": "www.baidu.com", "starts_on": day, "ends_on": day, "amount_minor": 1_000}
    made = program.post("/insight/costs", {"costs": [cost, {**cost, "campaign": "spring"}]}, once="k")["data"]
    assert (
        program.post("/insight/costs", {"costs": [{**cost, "amount_minor": 2_000}]})["data"][0]["id"] == made[0]["id"]
    )
    assert [each["amount_minor"] for each in walked(program, "/insight/costs", 1)] == [1_000, 2_000]
    line = next(line for line in program.get("/insight/channels")["data"] if line["way"] == "www.baidu.com")
    assert line["cost_minor"] == 3_000
    assert program.call("DELETE", f"/insight/costs/{made[0]['id']}").status_code == 204
    problem(program.call("DELETE", f"/insight/costs/{made[0]['id']}"), 404)
    assert MarketingCost.objects.count() == 1
    assert AuditEntry.objects.filter(act__in=["costs.entered", "costs.removed"]).count() == 3


def test_costs_that_cannot_be_are_refused_all_together(program: Program) -> None:
    cost = {"source": "ad", "starts_on": "2024-11-01", "ends_on": "2024-11-02", "amount_minor": 1}
    wrong = problem(program.call("POST", "/insight/costs", {"costs": [cost, {**cost, "ends_on": "2024-10-01"}]}), 422)
    assert "costs.1.ends_on" in wrong["fields"]
    assert "costs.1" in problem(program.call("POST", "/insight/costs", {"costs": [cost, cost]}), 422)["fields"]
    for bad in (
        {"amount_minor": 0},
        {"amount_minor": 1.5},
        {"amount_minor": 10**16},
        {"source": ""},
        {"starts_on": "1"},
    ):
        problem(program.call("POST", "/insight/costs", {"costs": [{**cost, **bad}]}), 422)
    problem(program.call("POST", "/insight/costs", {"costs": []}), 422)
    assert not MarketingCost.objects.exists()


def test_a_key_that_only_reads_enters_no_costs(owner: Staff) -> None:
    reader = keyed(owner, "insight:read")
    problem(reader.call("POST", "/insight/costs", {"costs": []}), 403)
    problem(reader.call("DELETE", f"/insight/costs/{public_id('cst', cost_of('ad', by=owner).pk)}"), 403)
    assert MarketingCost.objects.count() == 1


def test_an_agents_key_reads_no_figures(agent: Staff) -> None:
    problem(keyed(agent, "insight:read").call("GET", "/insight/rfm"), 403)


def test_marts_are_listed_with_what_one_row_is(program: Program, computed: None) -> None:
    found = {mart["name"]: mart for mart in program.get("/insight/marts")["data"]}
    rfm = found["customer_rfm"]
    assert (rfm["rows"], rfm["problem"]) == (2, "")
    assert rfm["grain"].startswith("one row per customer_id")
    assert rfm["columns"][0]["name"] == "customer_id"
    assert all(mart["title"] for mart in found.values())


def test_rows_of_a_mart_are_walked_by_public_ids_and_stay_those_of_one_computation(
    program: Program, computed: None, loyal: Customer, lapsed: Customer
) -> None:
    ids = {loyal.public_id, lapsed.public_id}
    first = program.get("/insight/marts/customer_rfm?limit=1")
    scoring.score_customers()
    rest = program.get(f"/insight/marts/customer_rfm?limit=1&after={first['next']}")
    assert {row["customer_id"] for row in (*first["data"], *rest["data"])} == ids
    assert rest["next"] is None
    one = program.get(f"/insight/marts/customer_rfm?customer={loyal.public_id}")["data"]
    assert [row["customer_id"] for row in one] == [loyal.public_id]
    for asked in ("after=1-1", "after=x", "limit=0", "limit=201", "q=1"):
        problem(program.call("GET", f"/insight/marts/customer_rfm?{asked}"), 422)
    problem(program.call("GET", f"/insight/marts/sales_by_day?customer={loyal.public_id}"), 422)
    problem(program.call("GET", "/insight/marts/moon"), 404)


def test_every_mart_is_walked_and_leaves_as_csv_with_the_same_rows(program: Program, visited: Order) -> None:
    runs.run()
    for name in sorted(runs.computed()):
        rows = walked(program, f"/insight/marts/{name}", 200)
        answer = program.call("GET", f"/insight/marts/{name}.csv")
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        table = list(csv.DictReader(text.splitlines()))
        assert len(table) == len(rows) == marts.MartRun.objects.of(name).first().rows  # type: ignore[union-attr]
        keys = [column for column in (rows[0] if rows else ()) if column in {"customer_id", "who", "order_id"}]
        for key in keys:
            assert sorted(str(row[key] or "") for row in rows) == sorted(row[key] for row in table)
            assert all("_" in row[key] for row in rows if row[key])
    assert AuditEntry.objects.filter(act="chart.exported").count() == len(runs.computed())


def test_costs_stay_out_of_marts_for_whoever_may_not_see_them(program: Program, computed: None, owner: Staff) -> None:
    def columns(program: Program) -> set[str]:
        listed = {mart["name"]: mart for mart in program.get("/insight/marts")["data"]}
        return {column["name"] for column in listed["customer_margin"]["columns"]}

    assert "cost_minor" in columns(program)
    RoleRules.change(Role.ANALYST, {"catalog.cost.see": False}, by=owner)
    analyst_staff = hired("ann", "Ann", Role.ANALYST)
    analyst = keyed(analyst_staff, "insight:read")
    assert "cost_minor" not in columns(analyst)
    assert "cost_minor" not in MartRows.of(marts.found("customer_margin"), analyst_staff).names


@pytest.mark.parametrize("path", [*ALL, "/insight/marts", "/insight/marts/customer_rfm"])
def test_an_answer_costs_few_questions_and_no_more_for_more_customers(
    program: Program, computed: None, tea_house: Store, path: str
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            program.get(path)
        return sum("accounts_meter" not in each["sql"] for each in asked)

    program.get(path)
    before = questions()
    for nth in range(5):
        buy(
            met(tea_house, key=f"m{nth}", name=f"客{nth}", phone=f"+86139000066{nth:02}"),
            tea_house,
            on=TODAY,
            goods_minor=900,
        )
    sync()
    scoring.score_customers()
    daily.compute()
    valuing.compute()
    assert questions() <= before <= 24
