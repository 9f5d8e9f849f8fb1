"""A story goes on in the lake where the book ends: nothing is missing, nothing is told twice."""

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.customers import older, timeline
from guanxi.customers.models import Customer, Departure, Event, SourceProfile
from guanxi.warehouse.lookup import lookup
from guanxi.warehouse.models import bury, bury_unseen
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import fold, sync

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.book]
BEGAN = dt.datetime(2025, 1, 5, 3, 0, 0, 123_456, tzinfo=dt.UTC)
LEFT = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
COLUMNS = ["id", "customer_id", "profile_id", "name", "occurred_at", "received_at", "source", "properties"]


@pytest.fixture
def lake(settings: Any, tmp_path: Path) -> None:
    settings.LAKE = str(tmp_path / "lake")
    settings.LAKE_GRACE_SECONDS = 0


@pytest.fixture
def ada(lake: None) -> Customer:
    return Customer.objects.create(name="Ada")


def profile(of: Customer, key: str) -> SourceProfile:
    return SourceProfile.objects.create(customer=of, source="web", key=key, first_seen_at=BEGAN)


def happened(whose: SourceProfile, moments: list[dt.datetime], name: str = "Quiz Finished") -> list[int]:
    ids = list(reserve(Event, len(moments)))
    rows = [
        (pk, whose.customer_id, whose.pk, name, at, at, "web", json.dumps({"number": pk}))
        for pk, at in zip(ids, moments, strict=True)
    ]
    Event.objects.append(COLUMNS, rows)
    return ids


def leaves(ids: list[int]) -> None:
    Departure.objects.record(LEFT)
    bulk.delete(Event, ids)


def told(customer: Customer, chapter: str = "") -> list[int]:
    """Read a story to its end, and give the numbers of its events as they are told."""
    numbers, page = [], timeline.read(customer, chapter=chapter)
    while True:
        said = [str(each.cause) for day in page.days for each in day.occurrences]
        numbers += [int(each.removeprefix("number: ")) for each in said]
        if page.last is None:
            return numbers
        page = timeline.read(customer, chapter=chapter, before=page.last)


def days(count: int, every: dt.timedelta = dt.timedelta(days=2)) -> list[dt.datetime]:
    return [BEGAN + nth * every for nth in range(count)]


@pytest.mark.parametrize("patience", [older.PATIENCE, -1])
def test_the_whole_story_is_told_once_whatever_has_left_the_book(
    ada: Customer, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    monkeypatch.setattr(older, "PATIENCE", patience)
    shop, phone, other = profile(ada, "shop"), profile(ada, "phone"), profile(Customer.objects.create(), "other")
    ids = happened(shop, days(100)) + happened(phone, days(20, dt.timedelta(hours=1))) + happened(phone, [BEGAN] * 25)
    gone = happened(other, days(30))
    sync()
    happened(other, days(3))
    sync()
    at = dict(Event.objects.values_list("pk", "occurred_at"))
    expected = sorted(ids, key=lambda pk: (at[pk], pk), reverse=True)
    assert told(ada) == expected
    random.Random(6).shuffle(ids)
    leaves([*[pk for pk in ids if at[pk] < LEFT][:70], *gone])
    assert told(ada) == expected
    leaves([pk for pk in ids if at[pk] < LEFT])
    assert told(ada) == expected
    assert told(ada, "browsing") == []


def test_where_nothing_left_the_lake_is_not_asked(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "older", None)
    ids = happened(profile(ada, "shop"), days(3))
    assert told(ada) == ids[::-1]
    Departure.objects.record(LEFT)
    at = [LEFT + dt.timedelta(days=1, hours=nth) for nth in range(30)]
    happened(SourceProfile.objects.get(), at)
    page = timeline.read(ada)
    assert (page.total, page.earlier) == (None, None)
    assert page.last is not None


def test_what_is_forgotten_is_not_told_though_the_lake_has_it_still(ada: Customer) -> None:
    shop = profile(ada, "shop")
    one, two, three = happened(shop, days(3))
    sync()
    leaves([one, three])
    bury_unseen("events", [three])
    assert told(ada) == [two, one]
    sync()
    assert told(ada) == [two, one]
    Event.objects.filter(pk=two).update(customer=None)  # the book knows better whose it is
    assert told(ada) == [one]


def test_a_profile_takes_its_past_along(ada: Customer) -> None:
    phone = profile(ada, "phone")
    ids = happened(phone, days(3))
    sync()
    leaves(ids)
    ben = Customer.objects.create(name="Ben")
    SourceProfile.objects.filter(pk=phone.pk).update(customer=ben)
    assert (told(ada), told(ben)) == ([], ids[::-1])


def test_looking_up_gives_what_a_query_gives(ada: Customer) -> None:
    shop, phone = profile(ada, "shop"), profile(ada, "phone")
    first = happened(shop, days(40)) + happened(phone, days(40)) + happened(profile(ada, "x"), days(10))
    sync()
    Event.objects.filter(pk__in=first[::7]).update(version=2, lake_batch=None, properties={"again": True})
    bury("events", first[::9])
    Event.objects.filter(pk__in=first[::9]).delete()
    sync()
    Event.objects.filter(pk__in=first[::14]).update(version=3, lake_batch=None, properties={"again": 3})
    late = Event.objects.create(profile=phone, name="Late", occurred_at=BEGAN - dt.timedelta(days=400), source="web")
    Event.objects.filter(pk=late.pk).update(version=2)
    sync()
    for _turn in range(2):
        found = lookup("timeline", [shop.pk, phone.pk])
        rows = [row for month in found.months() for row in found.rows(month).to_pylist()]
        with snapshot() as lake:
            asked = "select * from timeline where profile_id in ($a, $b)"
            wanted = lake.sql(asked, a=shop.pk, b=phone.pk).to_pylist()
        assert sorted(rows, key=lambda row: row["event_id"]) == sorted(wanted, key=lambda row: row["event_id"])
        assert len(wanted) > 60
        fold()


def test_a_damaged_lake_leaves_what_the_book_has(
    owners_browser: Client, ada: Customer, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = happened(profile(ada, "shop"), days(40))
    sync()
    leaves(ids[:30])
    address = reverse("customers:timeline", args=[ada.pk])
    card = owners_browser.get(address).content.decode()
    assert "Further back" in card
    last = timeline.read(ada).last
    with django_assert_num_queries(10):
        earlier = owners_browser.get(f"{address}?before={last}")
    assert earlier.content.count(b"gx-event-mark") > 10
    for path in Path(settings.LAKE, "timeline", "data").rglob("*.parquet"):
        path.unlink()
    card = owners_browser.get(address).content.decode()
    assert card.count("gx-event-mark") == 10
    assert "missing or damaged" in card
