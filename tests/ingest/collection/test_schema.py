"""What a source is seen to send: names and types, how many an hour, and never a value."""

import json
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import Staff
from guanxi.core.time import now
from guanxi.customers.models import Event
from guanxi.ingest.collection import arrivals, schema
from guanxi.ingest.collection.calls import Envelope, read
from guanxi.ingest.collection.happening import Happened
from guanxi.ingest.collection.schema import Tally
from guanxi.ingest.models import EventSource, SeenEvent, SourceHour
from tests.ingest.collection.conftest import Sends

pytestmark = pytest.mark.django_db


def call(name: str = "Product Viewed", **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "anonymousId": "b1", "properties": properties}


def test_the_names_and_types_of_what_came_are_known_and_no_value(web: EventSource, sends: Sends) -> None:
    sends(call(sku="T1", price="12.50"), call(sku="T2", price=None, email="canary@example.com"), call("Quiz Finished"))
    sends(call(sku="T3", to={"phone": "1"}), call(sku="T3", to={"phone": "1"}))
    viewed, quiz = SeenEvent.objects.order_by("pk")
    assert (viewed.name, viewed.count, viewed.in_catalogue) == ("Product Viewed", 4, True)
    assert viewed.fields["sku"] == {"n": 4, "types": ["text"]}
    assert viewed.fields["price"] == {"n": 2, "types": ["number", "nothing"]}
    assert viewed.dropped == {"email": 1, "to.phone": 2}
    assert (quiz.name, quiz.in_catalogue) == ("Quiz Finished", False)
    told = str(list(SeenEvent.objects.values()))
    assert not any(value in told for value in ("T1", "12.5", "canary"))
    assert arrivals.dropped(web) == [("to.phone", 2), ("email", 1)]


def test_a_sender_who_makes_names_up_fills_no_table(
    web: EventSource, sends: Sends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MOST_EVENTS", 5)
    monkeypatch.setattr(schema, "MOST_FIELDS", 3)
    sends(*[call(f"Made up {nth}") for nth in range(9)], call(**{f"f{nth}": 1 for nth in range(9)}))
    sends(*[call(f"Another {nth}") for nth in range(9)], call("Made up 1", **{f"g{nth}": 1 for nth in range(9)}))
    assert SeenEvent.objects.count() == 5
    assert max(len(fields) for fields in SeenEvent.objects.values_list("fields", flat=True)) == 3
    assert Event.objects.count() == 20, "the events themselves are taken all the same"


def test_a_name_that_names_a_person_is_not_kept(sends: Sends) -> None:
    sends(call("Mail of lin@example.com", **{"13812345678": "yes"}))
    seen = SeenEvent.objects.get()
    assert (seen.name, list(seen.fields)) == ("…", ["…"])


def test_what_came_an_hour_is_counted_and_the_newest_can_be_seen(web: EventSource, sends: Sends, owner: Staff) -> None:
    with time_machine.travel("2026-11-11T03:30:00Z", tick=False) as clock:
        sends(call(sku="T1"), call(sku="T2"))
        clock.shift(3600)
        sends(call(sku="T3"))
        told = arrivals.arrivals([web])[web.pk]
        assert (told.hours[-2:], told.day, told.this_hour, told.last_at) == ([2, 1], 3, 1, now())
        assert [dict(each.told)["sku"] for each in arrivals.newest(web, owner)] == ["T3", "T2", "T1"]
        clock.shift(9 * 24 * 3600)
        sends(call(sku="T4"))
    assert SourceHour.objects.count() == 1, "hours of more than a week ago are forgotten"


def test_adding_up_takes_a_few_statements_whatever_the_set(web: EventSource) -> None:
    def statements(count: int) -> int:
        tally, at = Tally(), now()
        for nth in range(count):
            raw = json.dumps(call(f"Event {nth % 40}", **{"sku": "x", f"f{nth % 30}": nth})).encode()
            tally.add([Happened.of(read(raw, Envelope(received_at=at)), web, (None, None))], [nth])
        with CaptureQueriesContext(connection) as queries:
            tally.write()
        return len(queries)

    assert statements(10) == statements(2_000)
