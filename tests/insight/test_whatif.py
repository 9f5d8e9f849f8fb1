"""What other rules would do is found out without writing anything, and is what the run then does."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from guanxi.customers.models import Customer, Score
from guanxi.insight import census, past, scoring
from guanxi.insight.consequence import Consequence
from guanxi.insight.models import RfmPast, RfmRun, RfmScheme
from guanxi.insight.rfm import Figures, PaidOrder, rfm
from guanxi.insight.scheme import DEFAULT, MOST_CLASSES, RfmClass, Scheme
from guanxi.insight.whatif import WhatIf, what_if
from guanxi.orders.models import Order, Store
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy

STRICT = replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(1, 2, 3, 4)))
HIGH, POTENTIAL, ORDINARY, LOST = DEFAULT.classes


@pytest.fixture
def scored(lake: Path, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> RfmRun:
    """Three customers: one potential, two lost."""
    sync()
    return scoring.score_customers()


def test_rules_in_force_would_move_nobody(scored: RfmRun) -> None:
    found = what_if(DEFAULT)
    assert (found.changed, found.customers) == (0, 3)
    assert {move.key: move.now for move in found.classes} == {key: n["customers"] for key, n in scored.classes.items()}


def test_stricter_rules_move_those_whose_last_order_is_days_ago(scored: RfmRun) -> None:
    lower = replace(DEFAULT, classes=(HIGH, replace(POTENTIAL, from_points=370), ORDINARY, LOST))
    found = what_if(lower)
    assert found.flows == {("potential", "ordinary"): 1, ("lost", "lost"): 2}
    assert found.changed == 1
    moved = {move.key: (move.now, move.after, move.comes, move.goes) for move in found.classes}
    assert moved["potential"] == (1, 0, 0, 1)
    assert moved["ordinary"] == (0, 1, 1, 0)
    assert moved["lost"] == (2, 2, 0, 0)


def test_a_look_writes_nothing(scored: RfmRun) -> None:
    before = (list(Score.objects.values_list()), Moment.objects.latest_one(), RfmScheme.objects.count())
    what_if(STRICT)
    assert (list(Score.objects.values_list()), Moment.objects.latest_one(), RfmScheme.objects.count()) == before
    assert RfmRun.objects.count() == 1


def test_what_was_foretold_is_what_the_run_gives(scored: RfmRun) -> None:
    found = what_if(STRICT)
    RfmScheme.objects.adopt(STRICT)
    run = scoring.score_customers()
    assert {move.key: move.after for move in found.classes} == {key: n["customers"] for key, n in run.classes.items()}


MEASURES = ("recency_days", "frequency", "monetary_minor")
OTHER_WINDOWS = [
    replace(DEFAULT, **{name: replace(DEFAULT.dimensions[name], window_days=days) for name, days in windows.items()})
    for windows in (
        {"monetary": 31}, {"frequency": 100}, {"monetary": None, "frequency": None}, {"monetary": 90, "frequency": 800},
        {"recency": 60}, {"recency": 60, "monetary": 364},
    )
]  # fmt: skip


def test_orders_that_came_since_the_run_do_not_count_as_an_effect_of_the_rules(
    scored: RfmRun, lapsed: Customer
) -> None:
    buy(lapsed, Store.objects.get(), on=TODAY, goods_minor=500_000)
    sync()
    found = what_if(DEFAULT)
    assert found.changed == 0
    assert found.flows[("lost", "lost")] == 2  # as on the page of classes, until the next run
    shorter = replace(DEFAULT, monetary=replace(DEFAULT.monetary, window_days=364))
    assert what_if(shorter).flows == found.flows


def test_where_the_lake_has_forgotten_the_moment_of_the_run_other_windows_are_told_of_the_present_one(
    scored: RfmRun, lapsed: Customer
) -> None:
    buy(lapsed, Store.objects.get(), on=TODAY, goods_minor=500_000)
    sync()
    RfmRun.objects.update(basis={"orders": 1})
    shorter = what_if(replace(DEFAULT, monetary=replace(DEFAULT.monetary, window_days=364)))
    assert shorter.changed == 0
    assert shorter.flows[("lost", "lost")] == 1
    assert what_if(DEFAULT).flows[("lost", "lost")] == 2


@pytest.fixture
def bought_at_every_end(scored: RfmRun) -> RfmRun:
    """One customer ordered on the first and the last day of windows, once in a currency without a rate."""
    whose, store = Customer.objects.get(name="周宁"), Store.objects.get()
    for days in (0, 30, 31, 60, 89, 90, 99, 100, 363, 364, 365, 366, 799, 800):
        buy(whose, store, on=TODAY - dt.timedelta(days=days), goods_minor=10_000 + days)
    Order.objects.filter(customer=whose, placed_on=TODAY - dt.timedelta(days=99)).update(net_base_minor=None)
    sync()
    return scoring.score_customers()


@pytest.mark.parametrize("proposed", [STRICT, *OTHER_WINDOWS])
def test_rules_put_over_the_figures_of_the_mart_say_what_every_order_says(
    bought_at_every_end: RfmRun, proposed: Scheme
) -> None:
    orders = [PaidOrder(*row) for row in Order.objects.values_list("customer", "placed_on", "net_base_minor")]
    one_by_one = [rfm(orders, as_of=TODAY, scheme=scheme) for scheme in (DEFAULT, proposed)]
    flows = Counter((was.class_key, made.class_key) for was, made in zip(*one_by_one, strict=True))
    for kept in (True, False):
        asked = f"select * from ({census.figures(DEFAULT, proposed, kept=kept)}) order by customer_id"
        with snapshot() as lake:
            figures = lake.sql(asked, **census.given(asked, DEFAULT, proposed, TODAY)).to_pylist()
            moves = census.moves(lake, proposed, over=DEFAULT, as_of=TODAY, kept=kept)
        assert [Figures(*(row[name] for name in MEASURES)) for row in figures] == [
            each.figures for each in one_by_one[1]
        ]
        assert {(was, made): customers for was, made, customers in moves} == flows


def test_orders_are_read_only_between_windows() -> None:
    assert "from orders" not in census.figures(DEFAULT, STRICT, kept=True)
    shorter = replace(DEFAULT, monetary=replace(DEFAULT.monetary, window_days=180))
    assert "least($was_monetary_window_days, $monetary_window_days)" in census.figures(DEFAULT, shorter, kept=True)


def test_flows_are_drawn_with_the_largest_move_as_their_finding(scored: RfmRun) -> None:
    lower = replace(DEFAULT, classes=(HIGH, replace(POTENTIAL, from_points=370), ORDINARY, LOST))
    chart = Consequence(what_if(lower), "CNY").flows
    assert (chart.kind, chart.finding) == ("sankey", "The largest move: 1 customer from “Potential” to “Ordinary”")
    assert [(row["was"], row["made"], row["customers"]) for row in chart.rows] == [
        ("Potential", "Ordinary", 1), ("Lost", "Lost", 2),
    ]  # fmt: skip
    assert chart.colours == {"High-value": 1, "Potential": 2, "Ordinary": 3, "Lost": 0}
    assert len(DEFAULT.classes) <= MOST_CLASSES <= 6


def test_a_flow_leads_to_its_people_where_it_holds_a_whole_class() -> None:
    flows = {("potential", "ordinary"): 1, ("lost", "lost"): 2, ("lost", "ordinary"): 1}
    chart = Consequence(WhatIf(DEFAULT, DEFAULT, TODAY, flows, 0.1), "CNY").flows
    assert [chart.href(row) for row in chart.rows] == ["/customers/?class=potential", "", ""]


def test_a_class_that_goes_and_one_that_comes_are_told(scored: RfmRun) -> None:
    top = RfmClass(key="class_1", from_points=350, name_zh="贵宾", name_en="VIP")
    told = Consequence(what_if(replace(DEFAULT, classes=(HIGH, top, LOST))), "CNY")
    words = {each["name"]: (each["words"], each["gain"]) for each in told.classes}
    assert words["VIP"] == ("new; 1 come in", "+1")
    assert words["Potential"] == ("no more; 1 go elsewhere", "−1")
    assert told.sentence == "1 customer would change class"
    assert [change.now for change in told.changes if change.subject == "Class “Potential”"] == ["no more"]


def test_before_anything_is_in_the_lake_nobody_moves(lake: Path, today: dt.date, tea_house: Store) -> None:
    assert what_if(STRICT).customers == 0


def test_a_run_is_compared_with_days_before_by_its_own_rules(scored: RfmRun) -> None:
    assert past.remember(scored) == 13
    month_ago = RfmPast.objects.get(as_of=TODAY - dt.timedelta(days=30))
    assert month_ago.scheme == scored.scheme
    assert month_ago.customers == 3
    assert past.remember(scored) == 0


def test_days_before_the_first_order_are_not_counted(lake: Path, today: dt.date, opted_out: Customer) -> None:
    buy(opted_out, Store.objects.get(), on=TODAY, goods_minor=100)
    sync()
    past.remember(scoring.score_customers())
    assert set(RfmPast.objects.values_list("as_of", flat=True)) == {
        TODAY - dt.timedelta(days=30), dt.date(2024, 10, 31),
    }  # fmt: skip


def test_old_orders_that_come_in_late_change_the_past_once_a_day(
    scored: RfmRun, lapsed: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.remember(scored)
    buy(lapsed, Store.objects.get(), on=TODAY - dt.timedelta(days=40), goods_minor=500_000)
    sync()
    run = scoring.score_customers()
    assert past.remember(run) == 0
    monkeypatch.setattr(past, "STANDS", dt.timedelta(0))
    assert past.remember(run) == 13
    assert RfmPast.objects.get(as_of=TODAY - dt.timedelta(days=30)).classes["lost"]["customers"] < 3
