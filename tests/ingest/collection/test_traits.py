"""What is said later of a person counts, in whatever order it comes, and what staff wrote stays."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.by_hand import put_back
from guanxi.customers.models import Customer, SourceProfile
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.working import drained
from guanxi.ingest.models import EventSource

pytestmark = [pytest.mark.django_db, pytest.mark.book]
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)


@pytest.fixture
def web(settings: Any, tmp_path: Path, owner: Staff) -> EventSource:
    settings.HOME = tmp_path
    return EventSource.make("Own shop", namespace="web", by=owner)[1]


def tell(source: EventSource, hours: int, user: str = "u1", **traits: Any) -> None:
    at = (START + timedelta(hours=hours)).isoformat()
    call = {"type": "identify", "userId": user, "timestamp": at, "traits": traits}
    inbox.put(source.pk, json.dumps({"batch": [call]}).encode())
    for _done in drained():
        pass


def shown() -> tuple[Any, ...]:
    return Customer.objects.values_list("name", "gender", "city", "birthday").get()


SAID = (
    (1, {"name": "Ada", "address": {"city": "Ningbo"}}),
    (2, {"name": "Ada Byron", "gender": "f"}),
    (3, {"address": {"city": "Hangzhou"}, "birthday": "1990-05-01"}),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_each_attribute_what_was_said_last_counts(web: EventSource, order: tuple[int, ...]) -> None:
    for nth in order:
        hours, traits = SAID[nth]
        tell(web, hours, **traits)
    assert shown() == ("Ada Byron", "female", "Hangzhou", date(1990, 5, 1))


def test_what_was_not_said_again_is_left_as_it_was(web: EventSource) -> None:
    tell(web, 1, name="Ada", gender="f")
    tell(web, 2, plan="gold")
    assert shown()[:2] == ("Ada", "female")


def test_what_staff_wrote_by_hand_stays(web: EventSource, owner: Staff) -> None:
    tell(web, 1, name="Ada")
    put_back(Customer.objects.get(), "name", "Augusta", by=owner)
    tell(web, 5, name="Somebody")
    assert shown()[0] == "Augusta"


def test_of_two_sources_that_know_one_person_the_rules_of_who_is_who_decide(web: EventSource, owner: Staff) -> None:
    app = EventSource.make("App", namespace="app", by=owner)[1]
    tell(web, 1, name="Ada", phone="13812345678")
    tell(app, 2, user="x9", name="Ada Byron", phone="13812345678")
    assert SourceProfile.objects.filter(customer__isnull=False).values("customer").distinct().count() == 1
    assert Customer.objects.filter(survivor=None).get().name == "Ada Byron"
    tell(web, 3, name="A. Byron")
    assert Customer.objects.filter(survivor=None).get().name == "A. Byron"
