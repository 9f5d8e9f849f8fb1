"""The demo shop as it stands: one making, read by many tests."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Sum
from django.test import override_settings

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Channel, Consent, Customer, Event, MergeLog, Note, Tagging
from guanxi.demo.build import build
from guanxi.demo.sign_ins import PASS_PHRASE, SIGN_INS
from guanxi.ingest.models import Import
from guanxi.insight.goals.models import Goal
from guanxi.insight.models import RfmRun
from guanxi.orders.models import Company, Order, OrderLine, Refund, Store
from guanxi.warehouse.models import Moment

TODAY = dt.date(2026, 11, 26)
SCALE = 0.01
PEOPLE = 200


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """The shop of 200 customers, in the book for the length of this module."""
    home = tmp_path_factory.mktemp("home")
    with django_db_blocker.unblock(), override_settings(HOME=home, LAKE=str(home / "lake")):
        yield build(TODAY, scale=SCALE)
        call_command("flush", verbosity=0, interactive=False)


def test_the_shop_of_a_day_is_one_an_owner_would_believe(shop: dict[str, Any]) -> None:
    assert shop["customers"] == Customer.objects.count() == PEOPLE
    assert Company.current().name == "山房茶事 Hillside Tea"  # type: ignore[union-attr]
    assert {store.channel for store in Store.objects.all()} == {"own", "wechat", "counter", "tmall", "shopify"}
    assert shop["orders"] == Order.objects.count() > 2.4 * PEOPLE
    assert set(Import.objects.values_list("state", flat=True)) == {Import.State.DONE}
    assert sum(batch.counts["rejected"] for batch in Import.objects.all()) == 0
    days = list(Order.objects.order_by("placed_at").values_list("placed_at", flat=True))
    assert days[0].date() >= dt.date(2025, 9, 25)
    assert days[-1] < dt.datetime(2026, 11, 25, 16, tzinfo=dt.UTC), "nothing is sold after the day before in China"


def test_the_owner_wants_to_reach_something_this_quarter(shop: dict[str, Any]) -> None:
    goals = {goal.figure: goal for goal in Goal.objects.shown()}
    assert set(goals) <= {"net_sales", "repurchase"}
    assert (goals["net_sales"].starts_on, goals["net_sales"].ends_on) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert goals["net_sales"].target == pytest.approx(1.15 * (goals["net_sales"].baseline or 0))


def test_people_buy_as_guests_in_several_channels_and_give_things_back(shop: dict[str, Any]) -> None:
    orders = Order.objects.count()
    assert 0.03 < Order.objects.filter(customer=None).count() / orders < 0.15
    assert 0.01 < Refund.objects.count() / orders < 0.08
    several = Customer.objects.annotate(sources=Count("profiles__store", distinct=True)).filter(sources__gt=1)
    assert 0.06 < several.count() / PEOPLE < 0.25
    assert set(MergeLog.objects.values_list("rule", flat=True)) <= {"same phone", "same email"}
    assert Customer.objects.filter(name="").count() == 0
    foreign = Order.objects.filter(currency__in=["USD", "GBP"])
    assert foreign.count() > 0 == foreign.filter(net_base_minor=None).count(), (
        "foreign money is worth something in ours"
    )


def test_no_line_is_sold_for_less_than_nothing_and_discounts_of_lines_are_those_of_orders(shop: dict[str, Any]) -> None:
    lines = OrderLine.objects.exclude(order__store__channel="tmall")  # whose report tells no discounts of lines
    assert lines.filter(discount_minor__gt=F("amount_minor")).count() == 0
    given = lines.aggregate(sum=Sum("discount_minor"))["sum"]
    assert given == Order.objects.exclude(store__channel="tmall").aggregate(sum=Sum("discount_minor"))["sum"] > 0


def test_visits_lead_to_orders_and_many_to_none(shop: dict[str, Any]) -> None:
    seen = Counter(Event.objects.values_list("name", flat=True))
    assert seen["Page Viewed"] > seen["Product Added"] > seen["Checkout Started"] > seen["Payment Info Entered"] > 0
    assert Event.objects.filter(name="Page Viewed", customer=None).count() > 0, "some are devices nobody knows"
    assert Event.objects.filter(name="Products Searched", properties__results=0).exists()
    assert Event.objects.filter(properties__utm_source="wechat").exists()
    last = Event.objects.filter(name="Page Viewed").latest("occurred_at")
    assert last.occurred_at < dt.datetime(2026, 11, 25, 16, tzinfo=dt.UTC)


def test_some_agreed_some_took_it_back_and_many_were_never_asked(shop: dict[str, Any]) -> None:
    assert 0.3 < Customer.objects.filter(consents=None).count() / PEOPLE < 0.7
    assert 0 < Consent.objects.exclude(withdrawn_at=None).count() < Consent.objects.count() / 4
    assert Note.objects.count() > 0 < Tagging.objects.count()
    assert set(Tagging.objects.values_list("tag__group__name", flat=True)) <= {
        "口味 Taste",
        "服务 Service",
        "关系 Ties",
    }
    event = Customer.objects.exclude(notes=None).earliest("pk").events.get(name="Note Added")
    assert event.properties["by"] == Note.objects.get(pk=event.properties["note"]).by_id


def test_who_agreed_to_wechat_in_the_mini_program_can_be_written_to_there(shop: dict[str, Any]) -> None:
    agreed = Consent.objects.in_force(Channel.WECHAT)
    assert 0 < 0.8 * agreed.count() < agreed.with_address().count(), "but for the few who have not bought there yet"


def test_the_lake_is_full_and_everybody_who_paid_has_a_class(shop: dict[str, Any]) -> None:
    run = RfmRun.latest()
    assert Moment.objects.latest_one() is not None
    assert run is not None
    assert run.as_of == TODAY
    paid = Order.objects.paid().filter(customer__isnull=False).values("customer").distinct().count()
    assert run.customers == paid
    assert all(each["customers"] > 0.08 * paid for each in run.classes.values()), "no class is nearly empty"


def test_five_people_sign_in_with_the_phrase_that_is_told(shop: dict[str, Any]) -> None:
    assert [each["sign_in_name"] for each in shop["sign_ins"]] == [each.name for each in SIGN_INS]
    assert Counter(Staff.objects.values_list("role", flat=True)) == Counter(Role.values)
    assert all(staff.check_password(PASS_PHRASE) for staff in Staff.objects.all())
