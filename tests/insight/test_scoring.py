"""The book's scores follow the mart: what changes is written, what does not is left alone."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from guanxi.core.jobs import periodic
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers.models import Customer, Score
from guanxi.insight import scoring, tasks, writeback
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.scheme import DEFAULT
from guanxi.orders.models import Order, Store
from guanxi.warehouse import marts
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, met


@pytest.fixture
def scored(lake: Path, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> RfmRun:
    """Three customers and a guest, scored."""
    buy(None, Store.objects.get(), on=TODAY, goods_minor=99_900)
    sync()
    return scoring.score_customers()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each write-back touched."""
    touched: list[int] = []
    original = writeback.write_back

    def noted(*args: Any, **kwargs: Any) -> int:
        touched.append(original(*args, **kwargs))
        return touched[-1]

    monkeypatch.setattr(scoring, "write_back", noted)
    return touched


def test_every_customer_who_bought_has_a_score_with_its_parts(
    scored: RfmRun, loyal: Customer, lapsed: Customer
) -> None:
    best, worst = Score.objects.get(customer=loyal, name="rfm"), Score.objects.get(customer=lapsed, name="rfm")
    assert (best.label, best.value, best.as_of, best.scheme_version) == ("potential", 3.6, TODAY, 1)
    assert best.parts == {"r": 5, "f": 3, "m": 3, "recency_days": 3, "frequency": 8, "monetary_minor": 214_400}
    assert (worst.label, worst.value) == ("lost", 1.0)
    assert worst.parts == {"r": 1, "f": 1, "m": 1, "recency_days": 730, "frequency": 0, "monetary_minor": 0}


def test_a_guest_has_no_score(scored: RfmRun) -> None:
    assert scored.customers == Score.objects.count() == 3


def test_a_run_counts_its_classes_and_keeps_its_limits(scored: RfmRun) -> None:
    assert scored.classes == {
        "high_value": {"customers": 0, "net_minor": 0},
        "potential": {"customers": 1, "net_minor": 214_400},
        "ordinary": {"customers": 0, "net_minor": 0},
        "lost": {"customers": 2, "net_minor": 15_800},
    }
    assert scored.limits == {
        "recency": [7, 30, 90, 180],
        "frequency": [1, 1, 8, 8],
        "monetary": [15_800, 15_800, 214_400, 214_400],
    }


def test_the_mart_is_in_the_lake(scored: RfmRun) -> None:
    rows = [row for batch in marts.rows("customer_rfm", "customer_id, score") for row in batch.to_pylist()]
    assert {row["customer_id"]: float(row["score"]) for row in rows} == dict(
        Score.objects.values_list("customer", "value")
    )


def test_scoring_again_writes_nothing(scored: RfmRun, written: list[int]) -> None:
    scoring.score_customers()
    assert written == [0]


def test_a_new_order_changes_the_score_of_who_placed_it(scored: RfmRun, written: list[int], lapsed: Customer) -> None:
    buy(lapsed, Store.objects.get(), on=TODAY, goods_minor=500_000)
    sync()
    scoring.score_customers()
    back = Score.objects.get(customer=lapsed)
    assert (back.parts["r"], back.parts["recency_days"], back.parts["monetary_minor"]) == (5, 0, 500_000)
    assert written[0] >= 1


def test_a_day_later_only_figures_that_moved_are_written(
    scored: RfmRun, written: list[int], loyal: Customer, lapsed: Customer
) -> None:
    scoring.score_customers(TODAY + dt.timedelta(days=1))
    assert written == [0]
    kept = Score.objects.get(customer=loyal)
    assert kept.as_of - dt.timedelta(days=kept.parts["recency_days"]) == TODAY - dt.timedelta(days=3)
    scoring.score_customers(TODAY + dt.timedelta(days=5))
    moved = Score.objects.get(customer=loyal)
    assert (moved.as_of, moved.parts["r"], moved.parts["recency_days"]) == (TODAY + dt.timedelta(days=5), 4, 8)
    assert Score.objects.get(customer=lapsed).as_of == TODAY


def test_who_has_no_paid_order_any_more_loses_the_score(scored: RfmRun, lapsed: Customer) -> None:
    Order.objects.filter(customer=lapsed).update(paid_at=None, payment_state="unpaid", **CHANGED)
    sync()
    scoring.score_customers()
    assert not Score.objects.filter(customer=lapsed).exists()
    assert Score.objects.count() == 2


def test_other_scores_are_left_alone(scored: RfmRun, lapsed: Customer) -> None:
    other = Score.objects.create(customer=lapsed, name="churn", value=0.9, as_of=TODAY, scheme_version=1)
    Order.objects.filter(customer=lapsed).update(paid_at=None, **CHANGED)
    sync()
    scoring.score_customers()
    assert Score.objects.filter(customer=lapsed).get() == other


def test_new_rules_rewrite_every_score(scored: RfmRun, written: list[int]) -> None:
    RfmScheme.objects.adopt(replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(1, 2, 3, 4))))
    run = scoring.score_customers()
    assert written == [3]
    assert run.scheme.version == 2
    assert set(Score.objects.values_list("scheme_version", flat=True)) == {2}


def test_an_empty_shop_has_no_scores(lake: Path, tea_house: Store, today: dt.date) -> None:
    sync()
    assert scoring.score_customers().customers == 0
    assert scoring.score_customers().facts["classes"] == {"high_value": 0, "potential": 0, "ordinary": 0, "lost": 0}


def test_scores_are_written_in_small_transactions(
    lake: Path, today: dt.date, tea_house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writeback, "AT_ONCE", 2)
    monkeypatch.setattr(writeback, "AT_LEAST", 2)
    monkeypatch.setattr(writeback, "AT_MOST", 2)
    for nth in range(5):
        customer = met(tea_house, key=f"k{nth}", name=f"Guest {nth}", phone=f"+861830000280{nth}")
        buy(customer, tea_house, on=TODAY, goods_minor=1_000 * (nth + 1))
    sync()
    scoring.score_customers()
    assert sorted(Score.objects.values_list("parts__m", flat=True)) == [1, 2, 3, 4, 5]


def test_a_shop_that_trades_is_read_as_of_today(loyal: Customer, today: dt.date) -> None:
    assert scoring.present_day() == TODAY


def test_an_archive_is_read_as_of_its_last_order(lapsed: Customer, today: dt.date) -> None:
    assert scoring.present_day() == TODAY - dt.timedelta(days=730)


def test_an_order_dated_ahead_does_not_move_the_day(loyal: Customer, today: dt.date) -> None:
    buy(loyal, Store.objects.get(), on=TODAY + dt.timedelta(days=90), goods_minor=1)
    assert scoring.present_day() == TODAY


def test_nothing_is_due_before_the_lake_has_anything(db: None) -> None:
    assert not scoring.is_due()
    assert tasks.refresh_rfm.call() == 0


def test_scoring_is_due_when_orders_or_rules_or_the_day_change(
    scored: RfmRun, loyal: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = timezone.now() + dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: hour)
    assert not scoring.is_due()
    RfmScheme.objects.adopt(replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(1, 2, 3, 4))))
    assert scoring.is_due()
    RfmScheme.objects.adopt(DEFAULT)
    RfmRun.objects.update(scheme=RfmScheme.current())
    assert not scoring.is_due()
    buy(loyal, Store.objects.get(), on=TODAY, goods_minor=1)
    sync()
    assert scoring.is_due()


def test_scoring_is_due_on_the_next_day(scored: RfmRun, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = timezone.now() + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    monkeypatch.setattr(scoring, "now", lambda: tomorrow)
    assert scoring.is_due()


def test_a_busy_shop_is_not_scored_all_the_time(scored: RfmRun, loyal: Customer) -> None:
    buy(loyal, Store.objects.get(), on=TODAY, goods_minor=1)
    sync()
    assert not scoring.is_due()


@pytest.mark.django_db(transaction=True)
def test_two_processes_do_not_score_at_once(lake: Path, today: dt.date, loyal: Customer) -> None:
    sync()
    with lease("the scoring of customers"):
        with pytest.raises(LeaseTaken):
            scoring.score_customers(wait=scoring.NOT_AT_ALL)
        assert tasks.refresh_rfm.call() == 0
    assert tasks.refresh_rfm.call() == 1


def test_scores_are_refreshed_by_the_worker() -> None:
    assert "guanxi.insight.tasks.refresh_rfm" in [each.task.module_path for each in periodic.registered()]
