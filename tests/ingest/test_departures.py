"""A timeline goes on where the book's memory ends: nothing is missing, and nothing is told twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers import older, timeline
from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.ingest.behaviour import leave
from guanxi.ingest.models import EventSource
from guanxi.warehouse import rebuild
from guanxi.warehouse.registry import feeds
from guanxi.warehouse.sync import sync

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.book]
NOW = datetime.now(UTC).replace(microsecond=0)
CUT = NOW - timedelta(days=90)


@pytest.fixture(autouse=True)
def lake(settings: Any, tmp_path: Path) -> None:
    settings.LAKE = str(tmp_path / "lake")
    settings.LAKE_GRACE_SECONDS = 0


@pytest.fixture
def ada(db: None) -> Customer:
    EventSource.make("Own shop", namespace="web", by=None)
    return person("Ada")


def person(name: str) -> Customer:
    made = Customer.objects.create(name=name)
    SourceProfile.objects.create(source="web", key=name, customer=made, home=made, first_seen_at=NOW)
    return made


def look(customer: Customer, days: float, name: str = "Quiz Finished", source: str = "web") -> int:
    """Have something happen some days ago."""
    at = NOW - timedelta(days=days)
    profile = customer.profiles.get()
    return Event.objects.create(name=name, occurred_at=at, source=source, customer=customer, profile=profile).pk


def forget() -> int:
    dispatched()
    sync()
    return leave(CUT)


def dispatched() -> None:
    from guanxi.customers import dispatch

    dispatch.tell_all()


def story(customer: Customer, chapter: str = "") -> tuple[list[datetime], int]:
    """Read it to its beginning: when everything was, and in how many pages."""
    found, pages, before = [], 0, None
    while True:
        page = timeline.read(customer, chapter=chapter, before=before)
        found += [each.at for day in page.days for each in day.occurrences]
        pages, before = pages + 1, page.last
        if before is None:
            return found, pages


def test_it_goes_on_where_the_book_ends_without_a_gap_or_a_double(ada: Customer) -> None:
    draw = Random(7)
    for _ in range(90):
        look(ada, draw.uniform(0, 380))
    for _ in range(9):
        look(ada, draw.uniform(0, 380), name="Order Completed")
    look(person("Somebody else"), 200)
    before, _pages = story(ada)
    assert forget() > 50
    assert Event.objects.filter(customer=ada, name="Order Completed").count() == 9, "business stays in the book"
    after, pages = story(ada)
    assert after == before
    assert pages >= 5


def test_behaviour_stands_between_the_old_orders_of_who_has_many(ada: Customer) -> None:
    for days in range(95, 155):
        look(ada, days, name="Order Completed")
        look(ada, days + 0.5)
    before, _pages = story(ada)
    assert forget() == 60
    after, _pages = story(ada)
    assert after == before


def test_a_kind_of_events_goes_on_as_well(ada: Customer) -> None:
    for days in (1, 100, 200):
        look(ada, days, name="Cart Viewed")
        look(ada, days + 1)
    forget()
    found, _pages = story(ada, "buying")
    assert len(found) == 3


def test_reading_may_end_anywhere_and_goes_on_from_there(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    for days in range(1, 380, 9):
        look(ada, days)
    before, _pages = story(ada)
    forget()
    monkeypatch.setattr(older, "PATIENCE", -1)
    after, pages = story(ada)
    assert after == before
    assert pages >= 3


def test_what_the_lake_cannot_tell_on_pages_yet_stays_in_the_book(
    ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(ada, 200)
    dispatched()
    with monkeypatch.context() as before_there_were_timelines:
        before_there_were_timelines.delitem(feeds()["events"].loaders, "timeline")  # type: ignore[arg-type]
        sync()
    assert forget() == 0
    rebuild.begin()
    assert forget() == 1
    assert len(story(ada)[0]) == 1


def test_while_nothing_ever_left_the_lake_is_not_asked(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    look(ada, 300)
    sync()
    monkeypatch.setattr(timeline, "older", None)
    assert len(story(ada)[0]) == 1


def test_what_is_older_is_fetched_on_the_page(ada: Customer, client: Client, owner: Staff) -> None:
    look(ada, 2, name="Kettle Bought")
    look(ada, 300, name="Kettle Seen")
    forget()
    client.force_login(owner)
    shown = client.get(reverse("customers:timeline", args=[ada.pk])).content.decode()
    assert "Kettle Bought" in shown
    assert "Kettle Seen" in shown


@pytest.mark.parametrize("word", ["", "7", "a-b", "1-2-3", "9" * 30 + "-1", "١-٢", "99999999999999999-1", "-1-5"])
def test_a_strange_place_is_none_or_one(word: str, ada: Customer, client: Client, owner: Staff) -> None:
    client.force_login(owner)
    answer = client.get(reverse("customers:timeline", args=[ada.pk]), {"before": word})
    assert answer.status_code == 200
