"""Values are kept in the lake with their past, and the book's scores follow: what nobody would see is not written."""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from guanxi.core.jobs import periodic
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers.models import Customer, Score
from guanxi.insight import scoring, tasks, value_scores, valuing
from guanxi.insight.models import ValueRun
from guanxi.orders.models import Order, Store
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy


@pytest.fixture
def valued(lake: Path, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> ValueRun:
    """Three customers and a guest."""
    buy(None, Store.objects.get(), on=TODAY, goods_minor=99_900)
    sync()
    return valuing.compute()


def scores() -> dict[int, Score]:
    return {score.customer_id: score for score in Score.objects.filter(name="value") if score.customer_id}


def test_every_customer_who_bought_has_a_value_with_its_interval(
    valued: ValueRun, loyal: Customer, lapsed: Customer
) -> None:
    assert valued.customers == len(scores()) == 3
    best, worst = scores()[loyal.pk], scores()[lapsed.pk]
    assert best.value > worst.value >= 0
    assert (best.parts["bought"], best.parts["silent_days"]) == (8, 3)
    for score in (best, worst):
        parts = score.parts
        assert parts["least"] <= parts["most"]
        assert parts["low_minor"] <= parts["high_minor"]
        assert 0 <= parts["alive_low"] <= parts["alive"] <= parts["alive_high"] <= 1
        assert score.weight == parts["monetary_minor"] == score.value


def test_the_lake_has_the_values_of_the_month_and_of_earlier_ones(valued: ValueRun, loyal: Customer) -> None:
    earlier = TODAY - dt.timedelta(days=60)
    for day in (earlier, TODAY - dt.timedelta(days=1), TODAY):
        valuing.compute(day)
    with snapshot() as lake:
        rows = lake.sql("select as_of, count(*) as n from customer_value group by as_of order by as_of").to_pylist()
    assert rows == [{"as_of": earlier, "n": 2}, {"as_of": TODAY, "n": 3}]


def test_what_is_kept_of_somebody_erased_goes_from_every_month(valued: ValueRun, loyal: Customer) -> None:
    valuing.compute(TODAY - dt.timedelta(days=60))
    Customer.objects.filter(pk=loyal.pk).update(erased_at=timezone.now(), **CHANGED)
    sync()
    valuing.compute(TODAY - dt.timedelta(days=30))
    with snapshot() as lake:
        rows = lake.sql("select as_of from customer_value where customer_id = $who", who=loyal.pk).to_pylist()
    assert [row["as_of"] for row in rows] == [TODAY - dt.timedelta(days=30)]  # their orders are those of a guest later


def test_computing_again_writes_nothing(valued: ValueRun) -> None:
    before = list(Score.objects.values_list("pk", "parts"))
    with snapshot() as lake:
        assert value_scores.follow(lake, TODAY) == 0
    assert list(Score.objects.values_list("pk", "parts")) == before


def test_a_day_later_what_nobody_would_see_is_not_written(valued: ValueRun, lapsed: Customer) -> None:
    valuing.compute(TODAY + dt.timedelta(days=1))
    assert scores()[lapsed.pk].as_of == TODAY


def test_a_new_order_changes_the_value_of_who_placed_it(valued: ValueRun, lapsed: Customer) -> None:
    was = scores()[lapsed.pk].value
    buy(lapsed, Store.objects.get(), on=TODAY, goods_minor=50_000)
    sync()
    valuing.compute()
    now = scores()[lapsed.pk]
    assert now.value != was
    assert (now.parts["bought"], now.parts["silent_days"]) == (2, 0)


def test_who_has_no_paid_order_any_more_loses_the_value(valued: ValueRun, lapsed: Customer) -> None:
    Order.objects.filter(customer=lapsed).update(paid_at=None, **CHANGED)
    sync()
    valuing.compute()
    assert lapsed.pk not in scores()
    assert len(scores()) == 2


def test_other_scores_are_left_alone(valued: ValueRun, lapsed: Customer) -> None:
    Score.objects.create(customer=lapsed, name="rfm", value=1, as_of=TODAY, scheme_version=1)
    valuing.compute()
    assert Score.objects.filter(name="rfm").count() == 1


def test_an_empty_shop_has_no_values_and_a_run_that_says_so(lake: Path, tea_house: Store, today: dt.date) -> None:
    sync()
    run = valuing.compute()
    assert (run.customers, run.told["next_year"], run.told["bands"]["edges"]) == (0, None, [])
    assert not Score.objects.exists()


def test_values_are_due_at_first_then_the_next_day_and_after_an_hour_with_orders(
    valued: ValueRun, loyal: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not valuing.is_due()
    later = timezone.now() + dt.timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert not valuing.is_due()
    buy(loyal, Store.objects.get(), on=TODAY, goods_minor=100)
    sync()
    assert valuing.is_due()
    assert tasks.refresh_value.call() == 3
    assert not valuing.is_due()
    monkeypatch.setattr(scoring, "now", lambda: later + dt.timedelta(days=1))
    monkeypatch.setattr(timezone, "now", lambda: later + dt.timedelta(days=1))
    assert valuing.is_due()


def test_nothing_is_due_before_the_lake_has_anything(db: None) -> None:
    assert not valuing.is_due()
    assert tasks.refresh_value.call() == 0


def test_two_processes_do_not_compute_at_once(valued: ValueRun) -> None:
    with lease(valuing.LEASE), pytest.raises(LeaseTaken):
        valuing.compute(wait=scoring.NOT_AT_ALL)


def test_values_are_refreshed_by_the_worker() -> None:
    assert "guanxi.insight.tasks.refresh_value" in [each.task.module_path for each in periodic.registered()]
