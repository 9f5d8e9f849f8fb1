"""Dynamic facts in the book: kept as the stream is told, right after merges, unmerges, undos and rebuilds."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers import dispatch
from guanxi.customers.dynamics import keeping
from guanxi.customers.dynamics.habits import Habits, habits
from guanxi.customers.dynamics.summary import Summary
from guanxi.customers.dynamics.trading import traded, zone
from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.customers.models import Habits as Kept
from guanxi.customers.own import SHELF
from guanxi.identity.merging import merge, unmerge
from guanxi.identity.withdrawing import forget_profiles
from guanxi.orders.models import Order, OrderLine, Payment, Store
from guanxi.shop.models import CustomField
from tests.cast import TODAY, hired, met
from tests.identity.test_devices import on_device, signed_in

pytestmark = pytest.mark.django_db
EVENING = dt.datetime(2024, 11, 3, 12, tzinfo=dt.UTC)  # Sunday, eight in the evening in Hangzhou
PANEL_QUERIES = 10


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def did(customer: Customer, name: str, at: dt.datetime, /, **told: Any) -> Event:
    """Something a person does in the shop on the web."""
    profile = SourceProfile.objects.filter(customer=customer).order_by("pk").first()
    return Event.objects.create(
        customer=customer, profile=profile, name=name, occurred_at=at, source="web", properties=told
    )


def browses(customer: Customer, *, sundays: int = 6, category: str = "白茶") -> None:
    for nth in range(sundays):
        at = EVENING - nth * dt.timedelta(days=7)
        tea = {"sku": "T1", "name": "Shoumei cake", "category": category, "price": 128, "currency": "CNY"}
        did(customer, "Product Viewed", at, **tea, device="phone")
        did(customer, "Page Viewed", at + dt.timedelta(minutes=20), device="phone")
        if nth % 2:
            did(customer, "Product Viewed", at + dt.timedelta(minutes=21), sku="C1", name="Gaiwan", category="茶器")


def of(customer: Customer) -> Habits:
    told = keeping.summaries([customer.pk]).get(customer.pk, Summary())
    return habits(told, traded(customer.pk, lambda _permission: True), zone())


def panel_of(browser: Client, customer: Customer) -> str:
    answer = browser.get(reverse("customers:habits", args=[customer.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_merge_unites_habits_and_an_unmerge_gives_each_their_own_back(
    loyal: Customer, lapsed: Customer, agent: Staff
) -> None:
    browses(loyal)
    browses(lapsed, sundays=3, category="red tea")
    dispatch.tell_all()
    before = of(loyal), of(lapsed)
    (act,) = merge([loyal.pk, lapsed.pk], by=agent)
    one = of(Customer.objects.get(pk=min(loyal.pk, lapsed.pk)))
    assert one.first_at == min(each.first_at for each in before if each.first_at)
    assert one.days["category"] == before[0].days["category"]
    unmerge(act, by=agent)
    assert (of(loyal), of(lapsed)) == before


def test_what_was_done_on_a_device_counts_for_whoever_alone_signed_in_there() -> None:
    device = on_device("browser-1")
    Event.objects.filter(profile=device).update(properties={"sku": "T1", "name": "Shoumei cake"})
    dispatch.tell_all()
    ada = Customer.objects.get(pk=signed_in("ada", "browser-1"))
    assert [key for key, _seen in of(ada).viewed] == ["T1"]
    signed_in("bo", "browser-1")
    assert of(ada).viewed == []


def test_a_rebuild_gives_the_same_and_so_does_telling_everything_twice(loyal: Customer, lapsed: Customer) -> None:
    browses(loyal)
    browses(lapsed, sundays=2)
    dispatch.tell_all()
    whole = of(loyal), of(lapsed)
    keeping.follow(list(Event.objects.order_by("-pk")))
    assert (of(loyal), of(lapsed)) == whole
    assert keeping.rebuild() == Event.objects.filter(profile__isnull=False).count()
    assert (of(loyal), of(lapsed)) == whole
    mine = list(SourceProfile.objects.filter(customer=lapsed).values_list("pk", flat=True))
    Kept.objects.filter(profile__in=mine).update(summary=b"\x96\x05\x05\x80\x80\x80\x90")
    keeping.rebuild(mine, Event.objects.filter(profile__in=mine).order_by("?"))
    assert (of(loyal), of(lapsed)) == whole


def test_a_set_of_events_costs_the_same_few_statements(
    loyal: Customer, lapsed: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browses(loyal)
    browses(lapsed)
    events = list(Event.objects.all())
    lock = connection.vendor == "postgresql"
    with django_assert_num_queries(4 + lock):  # the savepoint and its end, read, write
        keeping.follow(events)
    with django_assert_num_queries(3 + lock):  # nothing new: nothing is written
        keeping.follow(events)


def test_orders_are_read_where_they_stand(loyal: Customer, tea_house: Store) -> None:
    did(
        loyal,
        "Product Added",
        EVENING - dt.timedelta(days=60),
        sku="T1",
        name="Shoumei cake",
        price=128,
        currency="CNY",
    )
    did(loyal, "Product Added", EVENING, sku="C1", name="Gaiwan", quantity=2, price=88.5, currency="CNY")
    dispatch.tell_all()
    assert [line.key for line in of(loyal).cart] == ["C1", "T1"]
    for order in Order.objects.filter(customer=loyal):
        OrderLine.objects.create(
            order=order, line_number=1, sku="T1", category="白茶", quantity=1, unit_price=268, amount_minor=26_800
        )
        Payment.objects.create(order=order, method="微信支付", amount_minor=26_800, paid_at=order.placed_at)
    told = of(loyal)
    assert [(line.key, line.value_minor) for line in told.cart] == [("C1", 17_700)]
    assert told.cycle
    assert (told.cycle.gap_days, told.cycle.next_on) == (30, TODAY + dt.timedelta(days=27))
    liked = {kind: liking and liking.value for kind, liking in told.likings.items()}
    assert liked == {"category": "白茶", "price": "CNY200", "payment": "微信支付", "delivery": None}
    assert told.source
    assert told.source.name == "tea"
    Order.objects.filter(customer=loyal).delete()  # an import taken back
    assert (of(loyal).cycle, of(loyal).likings["category"]) == (None, None)


@time_machine.travel(dt.datetime(2024, 11, 4, 4, tzinfo=dt.UTC), tick=False)
def test_the_panel_speaks_first_then_shows_from_what(owners_browser: Client, tea_house: Store, owner: Staff) -> None:
    customer = met(tea_house, key="wan", name="林婉清")
    browses(customer)
    did(customer, "Product Added", EVENING, sku="T1", name="<b>Shoumei</b>", price=128, currency="CNY", quantity=2)
    born = CustomField.declare("customer", "born", {"label_en": "Child", "label_zh": "孩子", "kind": "child"}, by=owner)
    SHELF.write(customer, born, ["2023-09-01"], by=owner)
    dispatch.tell_all()
    card = panel_of(owners_browser, customer)
    assert "Mostly here in the evening, most of all on a Sunday. Likes 白茶 best, mostly at ¥100–200." in card
    assert "from 6 days since 29 Sep 2024" in card
    assert "<dt>Child</dt><dd>14 months old</dd>" in card
    assert "needs 3 days with an order, 0 so far" in card
    assert "In the cart · ¥256.00" in card
    assert "&lt;b&gt;Shoumei" in card
    assert "6 visits in 90 days" in card
    assert card.count('fill-opacity="1.00"') == 1
    assert " style=" not in card


def test_too_little_is_said_and_never_guessed(owners_browser: Client, tea_house: Store) -> None:
    customer = met(tea_house, key="new", name="New")
    assert "Nothing seen of them yet" in panel_of(owners_browser, customer)
    browses(customer, sundays=2)
    dispatch.tell_all()
    card = panel_of(owners_browser, customer)
    assert "needs 5 visits, 2 so far" in card
    assert "needs 3 days, 2 so far" in card
    assert "<svg class" not in card


def test_orders_are_kept_from_whoever_may_not_see_them(
    loyal: Customer, agents_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = Staff.may
    monkeypatch.setattr(Staff, "may", lambda self, word: word != "orders.view" and may(self, word))
    assert "Nothing seen of them yet" in panel_of(agents_browser, loyal)


def test_the_panel_is_light_and_costs_the_same_however_much_happened(
    owners_browser: Client, loyal: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browses(loyal, sundays=2)
    dispatch.tell_all()
    panel_of(owners_browser, loyal)
    with django_assert_num_queries(PANEL_QUERIES):
        panel_of(owners_browser, loyal)
    for nth in range(40):
        did(loyal, "Product Added", EVENING + nth * dt.timedelta(hours=5), sku=f"S{nth}", name="白毫银针 " * 8, price=9)
        did(loyal, "Product Viewed", EVENING + nth * dt.timedelta(hours=5), sku=f"S{nth}", name="白毫银针 " * 8)
    dispatch.tell_all()
    with django_assert_num_queries(PANEL_QUERIES):
        card = panel_of(owners_browser, loyal)
    assert len(card) < 15_000


def test_a_profile_that_goes_takes_its_habits_along() -> None:
    device = on_device("browser-2")
    dispatch.tell_all()
    assert Kept.objects.filter(profile=device).exists()
    Event.objects.filter(profile=device).delete()
    forget_profiles([device.pk])
    assert not Kept.objects.exists()


@pytest.mark.parametrize("role", [Role.CLERK, Role.ANALYST])
def test_everybody_who_sees_customers_sees_their_habits(role: Role, loyal: Customer, client: Client) -> None:
    client.force_login(hired(f"some-{role}", "Some", role))
    assert client.get(reverse("customers:habits", args=[loyal.pk])).status_code == 200
