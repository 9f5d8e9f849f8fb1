"""What is delivered becomes events of whose they are, once, whatever else happens."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, Event, Identifier, SourceProfile
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.collection.working import Worked, drained, work_off
from guanxi.ingest.models import EventSource, Quarantined

VIEWED = {"type": "track", "event": "Viewed Product", "properties": {"sku": "T1", "price": "12.50"}}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def web(owner: Staff) -> EventSource:
    return EventSource.make("Own shop", namespace="web", by=owner)[1]


def deliver(source: EventSource, *calls: dict[str, Any]) -> None:
    inbox.put(source.pk, json.dumps({"batch": calls}).encode())


def work() -> Worked:
    done = [(each.deliveries, each.events, each.repeated, each.quarantined) for each in drained()]
    return Worked(*map(sum, zip(*done, strict=True))) if done else Worked()


@pytest.mark.django_db
def test_what_happens_on_a_device_is_an_event_of_nobody_we_know(web: EventSource) -> None:
    deliver(web, {**VIEWED, "anonymousId": "b1"})
    assert work() == Worked(deliveries=1, events=1)
    event = Event.objects.get()
    assert (event.name, event.properties, event.source) == ("Product Viewed", {"sku": "T1", "price": 12.5}, "web")
    assert (event.customer, event.profile.is_device, Customer.objects.count()) == (None, True, 0)


@pytest.mark.django_db
def test_who_signs_in_has_what_they_did_before(web: EventSource) -> None:
    deliver(web, {**VIEWED, "anonymousId": "b1"})
    work()
    traits = {"email": "ada@example.com", "phone": "138 1234 5678", "name": "Ada Byron", "address": {"city": "杭州"}}
    deliver(web, {"type": "identify", "anonymousId": "b1", "userId": "u1", "traits": traits})
    deliver(web, {"type": "page", "name": "Cart", "anonymousId": "b1", "userId": "u1"})
    work()
    ada = Customer.objects.get()
    assert (ada.name, ada.city) == ("Ada Byron", "杭州")
    assert list(ada.events.order_by("pk").values_list("name", flat=True)) == ["Product Viewed", "Page Viewed"]
    assert set(ada.profiles.values_list("is_device", flat=True)) == {True, False}
    kinds = set(Identifier.objects.filter(profile__customer=ada).values_list("kind", flat=True))
    assert kinds == {"external_id", "device", "email", "phone"}


@pytest.mark.django_db
def test_the_same_call_sent_again_is_nothing(web: EventSource) -> None:
    call = {**VIEWED, "userId": "u1", "messageId": "m1"}
    deliver(web, {**call, "sentAt": "2026-11-11T00:00:00Z"}, call)
    deliver(web, {**call, "sentAt": "2026-11-11T00:01:00Z"})
    assert work() == Worked(deliveries=2, events=1, repeated=2)
    other = EventSource.make("App", namespace="app", by=None)[1]
    deliver(other, call)
    assert work().events == 1, "another source may use the same ids"


@pytest.mark.django_db
def test_a_known_id_with_something_else_in_it_is_set_aside(web: EventSource) -> None:
    deliver(web, {**VIEWED, "userId": "u1", "messageId": "m1"})
    deliver(web, {**VIEWED, "userId": "u1", "messageId": "m1", "properties": {"sku": "T2"}})
    assert work() == Worked(deliveries=2, events=1, quarantined=1)
    assert Quarantined.objects.get().reason == Reason.OTHER_CONTENT


def killed(_keys: Sequence[int]) -> None:
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_a_worker_killed_before_it_cleared_the_inbox_doubles_nothing(
    web: EventSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(web, {**VIEWED, "userId": "u1"}, {"type": "track", "userId": "u1"})
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "done", killed)
        with pytest.raises(KeyboardInterrupt):
            work_off()
    assert inbox.waiting() == 1
    work()
    assert (Event.objects.count(), Quarantined.objects.count(), inbox.waiting()) == (1, 1, 0)


@pytest.mark.django_db
def test_what_is_no_call_waits_in_quarantine_and_the_rest_lands(web: EventSource) -> None:
    deliver(web, {**VIEWED, "userId": "u1"}, {"type": "track", "event": "X"}, {**VIEWED, "userId": "u2"})
    assert work() == Worked(deliveries=1, events=2, quarantined=1)
    kept = Quarantined.objects.get()
    assert (kept.reason, kept.nth, json.loads(kept.sent)) == (Reason.NOBODY, 1, {"type": "track", "event": "X"})
    assert b'"X"' not in bytes(kept.sealed)


@pytest.mark.django_db
def test_more_calls_than_a_batch_may_have_are_set_aside_as_one(web: EventSource) -> None:
    deliver(web, *[{"type": "page", "userId": "u"}] * 2_501)
    assert work() == Worked(deliveries=1, quarantined=1)
    assert Quarantined.objects.get().reason == Reason.TOO_MANY


@pytest.mark.django_db
def test_nothing_that_names_a_person_stays_in_the_stream(web: EventSource) -> None:
    deliver(
        web, {**VIEWED, "userId": "u1", "properties": {"sku": "T1", "email": "canary@example.com", "to": {"phone": 1}}}
    )
    work()
    assert Event.objects.get().properties == {"sku": "T1", "to": {}}


@pytest.mark.django_db
def test_an_alias_makes_two_numbers_one_person(web: EventSource) -> None:
    deliver(web, {**VIEWED, "userId": "old"}, {"type": "alias", "previousId": "old", "userId": "new"})
    work()
    assert len(set(SourceProfile.objects.values_list("customer", flat=True))) == 1


CALLS = st.lists(
    st.one_of(
        st.builds(
            lambda d, n: {**VIEWED, "anonymousId": d, "messageId": f"v{d}{n}"},
            st.sampled_from("pq"), st.integers(0, 3),
        ),
        st.builds(
            lambda u, d, n: {**VIEWED, "userId": u, "anonymousId": d, "messageId": f"u{u}{d}{n}"},
            st.sampled_from("ab"), st.sampled_from("pq"), st.integers(0, 2),
        ),
        st.builds(
            lambda u, p: {"type": "identify", "userId": u, "traits": {"phone": p}, "messageId": f"i{u}{p}"},
            st.sampled_from("ab"), st.sampled_from(["13800001111", "13900002222"]),
        ),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


class Law(TestCase):
    """Random calls of few people on few devices."""

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(CALLS, st.randoms(use_true_random=False))
    def test_neither_order_nor_repetition_nor_batches_matter(self, calls: list[dict[str, Any]], dice: Random) -> None:
        source = EventSource.make(f"s{dice.random()}", namespace="web", by=None)[1]
        again = [*calls, *dice.sample(calls, len(calls) // 2)]
        dice.shuffle(again)
        assert self._played(source, [calls]) == self._played(source, [[each] for each in again])

    def _played(self, source: EventSource, batches: list[list[dict[str, Any]]]) -> Any:
        before = transaction.savepoint()
        for batch in batches:
            deliver(source, *batch)
        work()
        whose = dict(SourceProfile.objects.values_list("key", "customer"))
        together = {key: mine and sorted(k for k, v in whose.items() if v == mine) for key, mine in whose.items()}
        events = sorted(Event.objects.values_list("profile__key", "name"))
        assert all(whose[key] == mine for key, mine in Event.objects.values_list("profile__key", "customer"))
        transaction.savepoint_rollback(before)
        return together, events
