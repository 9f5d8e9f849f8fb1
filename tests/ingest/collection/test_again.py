"""Calls in quarantine are tried again, or dropped; nothing is taken twice, and what fails stays with today's reason."""

import json
from typing import Any

import pytest
import time_machine

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.worker import Worker
from guanxi.customers.family import Person
from guanxi.customers.models import Customer, Event
from guanxi.ingest import tasks
from guanxi.ingest.collection import again, deliveries, inbox
from guanxi.ingest.collection.again import Tried
from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.collection.masking import masked
from guanxi.ingest.collection.working import work_off
from guanxi.ingest.kept import drop_quarantined
from guanxi.ingest.models import EventSource, Quarantined
from tests.ingest.collection.conftest import Sends

pytestmark = pytest.mark.django_db
VIEWED = {"type": "track", "event": "Product Viewed", "anonymousId": "b1", "properties": {"sku": "T1"}}


def reasons() -> list[str]:
    return list(Quarantined.objects.order_by("pk").values_list("reason", flat=True))


def test_what_was_ahead_of_its_time_is_taken_once_its_time_has_come(sends: Sends, owner: Staff) -> None:
    with time_machine.travel("2026-11-11T09:00:00Z", tick=False) as clock:
        sends({**VIEWED, "timestamp": "2026-11-11T10:00:00Z"}, {"type": "track", "anonymousId": "b1"})
        assert again.retry(Quarantined.objects.all(), by=owner) == Tried(failed=2)
        assert reasons() == [Reason.AHEAD, Reason.NO_NAME]
        clock.shift(3600)
        assert again.retry(Quarantined.objects.all(), by=owner) == Tried(taken=1, failed=1)
    event = Event.objects.get()
    assert (event.occurred_at.hour, event.received_at.hour, reasons()) == (10, 9, [Reason.NO_NAME])
    assert Quarantined.objects.get().tried_at is not None
    assert AuditEntry.objects.filter(act="quarantine.retried").count() == 2


def test_what_fails_again_stays_with_the_reason_of_today(
    sends: Sends, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends({"type": "track", "event": "X"})
    monkeypatch.setattr("guanxi.ingest.collection.calls.MOST_BYTES", 10)
    kept = Quarantined.objects.get()
    assert again.retry(Quarantined.objects.all(), by=owner) == Tried(failed=1)
    assert (reasons(), Quarantined.objects.get().pk) == ([Reason.TOO_LARGE], kept.pk)


def test_a_whole_delivery_lands_after_a_limit_was_raised_and_its_bad_calls_wait_one_by_one(
    web: EventSource, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as limits:
        limits.setattr(deliveries, "MOST_CALLS", 2)
        inbox.put(web.pk, json.dumps({"batch": [{"type": "page"}, VIEWED, {**VIEWED, "anonymousId": "b2"}]}).encode())
        work_off()
        assert again.retry(Quarantined.objects.all(), by=owner) == Tried(failed=1)
        assert reasons() == [Reason.TOO_MANY]
    assert again.retry(Quarantined.objects.all(), by=owner) == Tried(taken=2, failed=1)
    assert (Event.objects.count(), reasons()) == (2, [Reason.NOBODY])
    assert json.loads(Quarantined.objects.get().sent) == {"type": "page"}


def test_trying_again_takes_nothing_twice(sends: Sends, web: EventSource, owner: Staff) -> None:
    with time_machine.travel("2026-11-11T09:00:00Z", tick=False) as clock:
        sends({**VIEWED, "messageId": "m1", "timestamp": "2026-11-11T10:00:00Z"})
        clock.shift(3600)
        sends({**VIEWED, "messageId": "m1", "timestamp": "2026-11-11T10:00:00Z"})
        assert again.retry(Quarantined.objects.all(), by=owner) == Tried(repeated=1)
    assert (Event.objects.count(), Quarantined.objects.count()) == (1, 0)


def test_its_name_can_be_looked_for_without_opening_it_unless_it_names_somebody(sends: Sends) -> None:
    sends({"type": "track", "event": "Quiz Finished"}, {"type": "track", "event": "Mail lin@example.com"}, 7)
    assert list(Quarantined.objects.order_by("pk").values_list("event", "kind")) == [
        ("Quiz Finished", "track"), ("…", "track"), ("", ""),
    ]  # fmt: skip


def test_many_are_worked_on_in_the_background_up_to_what_was_agreed_to(sends: Sends, owner: Staff) -> None:
    sends(*[{"type": "track", "event": f"Old {nth}"} for nth in range(60)], {"type": "nothing"})
    newest = Quarantined.objects.latest("pk").pk
    sends({"type": "track", "event": "New"})
    tasks.drop_quarantined.enqueue("reason=nobody", newest, owner.pk)
    Worker().drain()
    assert reasons() == [Reason.BAD_KIND, Reason.NOBODY]
    tasks.retry_quarantined.enqueue("", newest, owner.pk)
    Worker().drain()
    assert len(reasons()) == 2


PERSONAL = {
    "type": "identify", "traits": {"name": "龘靐爩", "email": "canary@example.com"}, "userId": 7.5,
    "context": {"ip": "203.0.113.9", "traits": {"phone": "13812345678"}},
    "properties": {"sku": "T1", "note": "canary", "name": "canary@example.com", "price": 12.5, "no": 13812345678},
}  # fmt: skip


def test_a_masked_call_shows_its_form_and_nothing_of_a_person() -> None:
    told = masked(json.dumps(PERSONAL).encode())
    assert not any(word in told for word in ("龘", "canary", "203", "1381", "7.5"))
    assert '"sku": "T1"' in told
    assert '"price": 12.5' in told


def test_who_is_erased_is_in_no_quarantined_call_however_it_was_spelled(web: EventSource, sends: Sends) -> None:
    sends({**VIEWED, "userId": "u1701"}, {"type": "identify", "userId": "u1701", "traits": {"name": "龘靐爩"}})
    ada = Customer.objects.get()
    nobody = {"type": "track", "properties": {"by": "龘靐爩"}}
    inbox.put(web.pk, b'{"cannot be read', kind="track")
    sends(nobody, {"type": "alias", "userId": "u1701"}, {"type": "track", "event": "Somebody else's"})
    assert Quarantined.objects.count() == 4
    assert drop_quarantined(Person.of(ada.pk)) == 3
    assert Quarantined.objects.get().event == "Somebody else's"


def test_a_key_is_never_written_into_the_trail(web: EventSource, owner: Staff) -> None:
    secret = web.show_key(by=owner)
    told: Any = [each.told for each in AuditEntry.objects.opened(AuditEntry.objects.all())]
    assert secret.startswith("gxw_")
    assert secret not in str(told)
