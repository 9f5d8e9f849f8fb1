"""What happens now is told in sentences about people whose names are masked."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.orders.models import Store
from tests.cast import TODAY, met, noon

NOW = "/customers/glance/now/"


@pytest.fixture
def midday(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    monkeypatch.setattr("guanxi.customers.live.now", lambda: noon(TODAY))
    monkeypatch.setattr(timezone, "now", lambda: noon(TODAY))
    return noon(TODAY)


def ordered(customer: Customer | None, at: dt.datetime, *, name: str = "Order Completed", **more: object) -> Event:
    told = {
        "store": "tea",
        "number": "T1",
        "lines": 1,
        "first": "Silver Needle",
        "total_minor": 26_800,
        "currency": "CNY",
    }
    return Event.objects.create(customer=customer, name=name, occurred_at=at, source="own", properties=told | more)


def shown(client: Client, address: str = NOW) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_an_order_is_told_with_the_masked_name_and_the_amount(
    owners_browser: Client, loyal: Customer, midday: dt.datetime
) -> None:
    ordered(loyal, midday - dt.timedelta(minutes=5))
    card = shown(owners_browser)
    assert "<b>林**</b></a> ordered Silver Needle at <b>山房茶事</b>" in card
    assert "¥268.00" in card
    assert "林晓" not in card
    assert "Live" in card
    assert 'hx-trigger="every 20s"' in card


def test_a_guests_order_is_a_guests(owners_browser: Client, tea_house: Store, midday: dt.datetime) -> None:
    ordered(None, midday)
    assert "<b>A guest</b> ordered" in shown(owners_browser)


def test_what_others_did_stands_apart_from_the_name(
    owners_browser: Client, loyal: Customer, midday: dt.datetime
) -> None:
    loyal.record("Note Added", at=midday)
    assert "</a> · A note was written" in shown(owners_browser)


def test_hostile_words_stay_words(owners_browser: Client, loyal: Customer, midday: dt.datetime) -> None:
    ordered(loyal, midday, first="<script>alert(1)</script>")
    assert "<script>alert" not in shown(owners_browser)


def test_the_newest_come_first_and_no_more_than_eight(
    owners_browser: Client, loyal: Customer, midday: dt.datetime
) -> None:
    for nth in range(12):
        ordered(loyal, midday - dt.timedelta(minutes=nth), first=f"Tea {nth:02}")
    card = shown(owners_browser)
    assert card.count("<li>") == 8
    assert card.index("Tea 00") < card.index("Tea 07")
    assert "Tea 08" not in card


def viewed(whose: Customer | None, at: dt.datetime, **more: object) -> Event:
    told = {"customer": whose, "name": "Product Viewed", "source": "web", "properties": {"name": "Teapot"}}
    return Event.objects.create(**told | more, occurred_at=at)


def test_a_visit_is_one_line_and_makes_room_for_business(
    owners_browser: Client, loyal: Customer, lapsed: Customer, midday: dt.datetime
) -> None:
    ordered(lapsed, midday - dt.timedelta(hours=2), first="Gaiwan")
    device = SourceProfile.objects.create(source="web", key="device", is_device=True, first_seen_at=midday)
    for nth in range(30):
        at = midday - dt.timedelta(minutes=nth)
        viewed(loyal, at, properties={"name": f"Cup {nth % 2}"})
        viewed(None, at, profile=device, properties={"name": "Kettle"})
        Event.objects.create(name="Order Placed", occurred_at=at - dt.timedelta(days=1), source="own")
    card = shown(owners_browser)
    assert card.count("<li>") == 8
    assert "<b>林**</b></a> looked at <b>Cup 0</b>, <b>Cup 1</b>" not in card  # business fills the card
    Event.objects.filter(name="Order Placed").delete()
    card = shown(owners_browser)
    assert card.count("<li>") == 3
    assert "<b>林**</b></a> looked at <b>Cup 0</b>, <b>Cup 1</b>" in card
    assert "<b>A visitor</b> looked at <b>Kettle</b>" in card
    assert "Gaiwan" in card


def test_who_has_no_name_is_somebody_from_a_place(
    owners_browser: Client, tea_house: Store, midday: dt.datetime
) -> None:
    somebody = met(tea_house, key="k9", name="", phone="")
    Customer.objects.filter(pk=somebody.pk).update(name="", city="杭州")
    viewed(somebody, midday)
    assert "<b>Somebody from 杭州</b></a> looked at" in shown(owners_browser)


def test_a_pause_keeps_the_card_still(owners_browser: Client, loyal: Customer, midday: dt.datetime) -> None:
    ordered(loyal, midday)
    card = shown(owners_browser, f"{NOW}?paused=1")
    assert "Paused" in card
    assert "hx-trigger" not in card
    assert "Go on" in card


def test_a_quiet_day_is_said(owners_browser: Client, loyal: Customer, midday: dt.datetime) -> None:
    ordered(loyal, midday - dt.timedelta(days=2))
    assert "Nothing within a day" in shown(owners_browser)


def test_the_card_costs_the_same_however_many_people_are_in_it(
    owners_browser: Client, tea_house: Store, midday: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [met(tea_house, key=f"k{nth}", name=f"Nora {nth}", phone=f"+861830000{nth:04}") for nth in range(8)]
    ordered(people[0], midday)
    owners_browser.get(NOW)
    with django_assert_num_queries(7):
        owners_browser.get(NOW)
    for person in people[1:]:
        ordered(person, midday)
    with django_assert_num_queries(7):
        owners_browser.get(NOW)
