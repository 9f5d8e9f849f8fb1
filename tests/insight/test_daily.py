"""The book keeps the shop's days as the marts find them: what changes is written, what is gone goes."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.core.jobs import periodic
from guanxi.customers.models import Channel, Customer, Identifier, Score
from guanxi.insight import daily, scoring, tasks
from guanxi.insight.models import CustomerDay, RfmScheme, ShopRun, TradingDay
from guanxi.orders.models import ExchangeRate, Order, Refund, Store
from guanxi.warehouse.models import CHANGED, bury
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, met, noon


@pytest.fixture
def counted(lake: Path, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> ShopRun:
    """Three customers and a guest, computed."""
    buy(None, Store.objects.get(), on=TODAY, goods_minor=5_000)
    sync()
    scoring.score_customers()
    return daily.compute()


def on(day: dt.date) -> dict[str, int]:
    return TradingDay.objects.between(day, day).summed()[day]


def test_the_days_of_the_shop_add_up_to_what_was_bought(counted: ShopRun) -> None:
    assert on(TODAY) == {
        "orders": 1, "new_customers": 0, "new_net_minor": 0, "returning_net_minor": 0, "guest_net_minor": 5_000,
        "unpriced": 0,
    }  # fmt: skip
    assert on(TODAY - dt.timedelta(days=40))["new_net_minor"] == 15_800
    first_of_loyal = TODAY - dt.timedelta(days=3 + 30 * 7)
    assert (on(first_of_loyal)["new_customers"], on(first_of_loyal)["new_net_minor"]) == (1, 26_800)
    assert on(TODAY - dt.timedelta(days=3))["returning_net_minor"] == 26_800


def test_a_foreign_order_given_back_whole_counts_on_its_day_and_is_taken_back_on_the_other(
    lake: Path, today: dt.date, tea_house: Store, loyal: Customer
) -> None:
    ExchangeRate.objects.quote("USD", "CNY", TODAY - dt.timedelta(days=60), Decimal("7.1"))
    order = buy(loyal, tea_house, on=TODAY - dt.timedelta(days=2), goods_minor=10_000)
    foreign = {"currency": "USD", "net_minor": 0, "net_base_minor": 0, "refunded_minor": 10_000}
    Order.objects.filter(pk=order.pk).update(**foreign)
    Refund.objects.create(
        store=tea_house, number="R1", order=order, customer=loyal, refunded_at=noon(TODAY), refunded_on=TODAY,
        currency="USD", amount_minor=10_000, source="own",
    )  # fmt: skip
    sync()
    scoring.score_customers()
    daily.compute()
    sold, given_back = on(TODAY - dt.timedelta(days=2)), on(TODAY)
    assert (sold["returning_net_minor"], given_back["returning_net_minor"]) == (71_000, -71_000)
    assert (sold["unpriced"], given_back["unpriced"]) == (0, 0)


def test_customers_are_where_their_orders_put_them(counted: ShopRun) -> None:
    assert counted.as_of == TODAY
    assert counted.moves == {"active>active": 1, "new>active": 1, "lost>lost": 1}


def test_repurchase_is_kept_for_every_day(counted: ShopRun) -> None:
    today = CustomerDay.objects.get(day=TODAY)
    assert (today.buyers, today.repeat_buyers) == (2, 1)
    earlier = CustomerDay.objects.get(day=TODAY - dt.timedelta(days=41))
    assert (earlier.buyers, earlier.repeat_buyers) == (1, 1)


def test_reachable_is_who_agreed_and_gave_an_address(
    counted: ShopRun, loyal: Customer, lapsed: Customer, opted_out: Customer
) -> None:
    assert CustomerDay.objects.get(day=TODAY).reachable == 0  # the only consent was withdrawn
    loyal.opt_in(Channel.SMS, source="checkout")
    loyal.opt_in(Channel.EMAIL, source="checkout")  # no e-mail is known
    lapsed.opt_in(Channel.EMAIL, source="checkout")
    lapsed.opt_in(Channel.SMS, source="checkout", purpose="service")
    daily.compute()
    assert CustomerDay.objects.get(day=TODAY).reachable == 2
    Identifier.objects.filter(profile__customer=lapsed).update(ends_on=TODAY)
    daily.compute()
    today = CustomerDay.objects.get(day=TODAY)
    assert (today.reachable, today.customers) == (1, 3)


def test_computing_again_changes_nothing(counted: ShopRun) -> None:
    before = list(TradingDay.objects.order_by("pk").values())
    days = list(CustomerDay.objects.order_by("pk").values())
    again = daily.compute()
    assert list(TradingDay.objects.order_by("pk").values()) == before
    assert list(CustomerDay.objects.order_by("pk").values()) == days
    assert (again.pk, again.moves) == (counted.pk, counted.moves)


def test_a_refund_changes_its_own_day_and_a_deleted_order_leaves_its_day(counted: ShopRun, loyal: Customer) -> None:
    order = Order.objects.filter(customer=loyal).order_by("placed_on")[0]
    Refund.objects.create(
        store=order.store, number="R1", order=order, customer=loyal, profile=order.profile, refunded_at=noon(TODAY),
        refunded_on=TODAY, currency="CNY", amount_minor=6_800, source="own",
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(refunded_minor=6_800, net_minor=20_000, net_base_minor=20_000, **CHANGED)
    gone = Order.objects.get(customer=None)
    bury("orders", [gone.pk])
    gone.delete()
    sync()
    daily.compute()
    assert on(order.placed_on)["new_net_minor"] == 26_800
    assert (on(TODAY)["new_net_minor"], on(TODAY)["guest_net_minor"], on(TODAY)["orders"]) == (-6_800, 0, 0)


def test_a_day_without_trade_any_more_is_gone(counted: ShopRun, lapsed: Customer) -> None:
    day = TODAY - dt.timedelta(days=730)
    assert on(day)["orders"] == 1
    Order.objects.filter(customer=lapsed).update(paid_at=None, payment_state="unpaid", **CHANGED)
    sync()
    daily.compute()
    assert TradingDay.objects.between(day, day).summed() == {}
    assert not CustomerDay.objects.filter(day=day).exists()


def test_a_high_value_customer_who_stays_away_is_named_until_they_come_back(
    lake: Path, today: dt.date, tea_house: Store, loyal: Customer, lapsed: Customer
) -> None:
    monthly = met(tea_house, key="wu", name="吴遥", phone="+8613700001122")
    for nth in range(5):
        buy(monthly, tea_house, on=TODAY - dt.timedelta(days=63 + 30 * nth), goods_minor=90_000)
    rules = RfmScheme.current().scheme.kept()
    rules["classes"][0]["from_points"] = 200
    RfmScheme.objects.create(version=2, rules=rules)
    sync()
    scoring.score_customers()
    run = daily.compute()
    score = Score.objects.get(name=daily.COOLING)
    assert (score.customer, score.value) == (monthly, 450_000)
    assert score.parts == {"gap_days": 30, "silent_days": 63, "monetary_minor": 450_000}
    assert run.cooling == {"customers": 1, "gap_days": 30, "silent_days": 63, "net_minor": 450_000}
    buy(monthly, tea_house, on=TODAY, goods_minor=100)
    sync()
    scoring.score_customers()
    assert daily.compute().cooling == {"customers": 0}
    assert not Score.objects.filter(name=daily.COOLING).exists()
    assert Score.objects.filter(name="rfm", customer=monthly).exists()


def test_the_work_is_done_when_figures_may_have_changed_and_only_then(
    counted: ShopRun, loyal: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tasks.refresh_figures.call() == 0
    later = counted.finished_at + dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert tasks.refresh_figures.call() == 0
    buy(loyal, Store.objects.get(), on=TODAY, goods_minor=100)
    sync()
    assert tasks.refresh_figures.call() == TradingDay.objects.values("day").distinct().count()
    assert on(TODAY)["orders"] == 2


def test_the_work_is_declared(db: None) -> None:
    assert tasks.refresh_figures.module_path in {each.task.module_path for each in periodic.registered()}


def test_a_book_without_orders_has_an_empty_lake_and_no_run(lake: Path, today: dt.date, agent: Staff) -> None:
    assert tasks.refresh_figures.call() == 0
    assert ShopRun.latest() is None
