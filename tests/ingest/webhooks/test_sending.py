"""Events are told to other programs: once each, signed, again when they fail, and never to whom they should not."""

import datetime as dt
import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.doctor import examine
from guanxi.core.jobs.worker import Worker
from guanxi.customers import dispatch
from guanxi.customers.models import Customer, Event
from guanxi.guard import http
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import log, rounds, samples, schedule, sending, tasks, telling
from guanxi.operation import sending as all_sending
from guanxi.operation.models import Pause
from tests.ingest.webhooks.conftest import Receiver, ordered, sent, verified
from tests.web.process import until

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State
DAY = dt.timedelta(days=1)


def test_an_order_is_told_once_under_an_id_of_its_own_and_signed_by_the_standard(
    receiver: Receiver, webhook: Webhook, loyal: Customer
) -> None:
    (event,) = ordered(customer=loyal)
    (delivery,) = sent(webhook)
    ((headers, body),) = receiver.got
    assert delivery.state == State.DELIVERED
    assert (delivery.last_status, delivery.answer) == (200, "thanks")
    assert headers["webhook-id"] == delivery.public_id
    assert headers["content-type"] == "application/json"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert verified(webhook.secret, headers, body)
    assert not verified(webhook.secret, headers, body + b" ")
    told = json.loads(body)
    assert told["type"] == "order.completed"
    assert told["data"]["customer"] == loyal.public_id
    assert told["data"]["name"] == event.name
    assert told["data"]["properties"]["number"] == "T-0"


def test_what_is_told_names_nobody(receiver: Receiver, webhook: Webhook, loyal: Customer) -> None:
    webhook.names = []
    webhook.save()
    told = {"query": "lin@example.com 18300002807", "email": "lin@example.com", "phone": "18300002807", "by": 1}
    loyal.record("Products Searched", source="shop", **told)
    dispatch.tell_all()
    sent(webhook)
    body = receiver.got[-1][1].decode()
    assert loyal.public_id in body
    assert [word for word in ("林晓", "18300002807", "lin@example.com", '"by"') if word in body] == []


def test_only_what_is_wanted_and_new_is_told_and_a_set_told_twice_is_one(
    receiver: Receiver, webhook: Webhook, owner: Staff
) -> None:
    everything = Webhook.make(receiver.url, names=[], by=owner)
    deaf = Webhook.make(receiver.url, names=["Order Completed"], by=owner)
    deaf.pause(Webhook.Why.BY_HAND, by=owner)
    events = [*ordered(2), *ordered(ago=2 * DAY)]
    events.append(Event.objects.create(name="Page Viewed", occurred_at=timezone.now(), source="shop"))
    dispatch.tell_all()
    telling.tell(events, telling.ahead(events))
    assert webhook.deliveries.count() == 2
    assert everything.deliveries.count() == 3
    assert deaf.deliveries.count() == 0


def test_a_failure_is_tried_again_ever_later_until_it_is_given_up(receiver: Receiver, webhook: Webhook) -> None:
    receiver.usual = (500, {}, "挂了".encode())
    ordered()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for tries in range(1, schedule.TRIES + 1):
            (delivery,) = sent(webhook)
            assert delivery.attempts == tries == len(receiver.got)
            assert (delivery.last_status, delivery.answer) == (500, "挂了")
            if delivery.next_attempt_at:
                assert delivery.state == State.RETRYING
                assert delivery.next_attempt_at - timezone.now() <= schedule.PAUSES[tries - 1]
                clock.move_to(delivery.next_attempt_at)
    assert delivery.state == State.GIVEN_UP
    assert len(set(receiver.ids)) == 1
    webhook.refresh_from_db()
    assert webhook.failing_since is not None
    receiver.usual = (204, {}, b"")
    ordered()
    assert sent(webhook)[-1].state == State.DELIVERED
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_a_receiver_that_asks_for_time_gets_it(receiver: Receiver, webhook: Webhook) -> None:
    receiver.answers = [(429, {"Retry-After": "7200"}, b"")]
    ordered()
    (delivery,) = sent(webhook)
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at > timezone.now() + dt.timedelta(minutes=110)


def test_a_receiver_that_is_gone_is_told_nothing_more_and_the_owner_knows(
    receiver: Receiver, webhook: Webhook, owners_browser: Any, owner: Staff
) -> None:
    receiver.answers = [(410, {}, b"")]
    ordered(2)
    first, second = sent(webhook)
    webhook.refresh_from_db()
    assert webhook.paused_because == Webhook.Why.GONE
    assert (first.state, second.state) == (State.GIVEN_UP, State.WAITING)
    assert len(receiver.got) == 1
    assert AuditEntry.objects.filter(act="webhook.paused", by=None).count() == 1
    assert "410" in owners_browser.get("/notices/").content.decode()
    webhook.resume(by=owner)
    assert sent(webhook)[1].state == State.DELIVERED


def test_after_days_of_nothing_but_failures_it_is_paused_and_what_waits_goes_on_waiting(
    receiver: Receiver, webhook: Webhook
) -> None:
    receiver.usual = (503, {}, b"")
    ordered()
    sent(webhook)
    with time_machine.travel(timezone.now() + 6 * DAY, tick=False):
        (delivery,) = sent(webhook)
        assert sent(webhook)[0].attempts == delivery.attempts == 2
    webhook.refresh_from_db()
    assert webhook.paused_because == Webhook.Why.FAILING
    assert delivery.is_open


@pytest.mark.parametrize(
    ("answer", "said"),
    [((302, {"Location": "http://10.0.0.1/"}, b""), "302"), ((0, {}, b"hello\r\n"), "broke it off")],
)
def test_what_answers_nonsense_or_leads_elsewhere_has_not_got_it(
    receiver: Receiver, webhook: Webhook, answer: tuple[int, dict[str, str], bytes], said: str
) -> None:
    receiver.answers = [answer]
    ordered()
    (delivery,) = sent(webhook)
    assert delivery.state == State.RETRYING
    assert said in log.trouble(delivery)


def test_a_private_address_is_never_called_and_the_log_says_why(
    webhook: Webhook, receiver: Receiver, settings: Any
) -> None:
    settings.HTTP_OUT_ALLOWED = []
    ordered()
    (delivery,) = sent(webhook)
    assert "private network" in delivery.last_error
    settings.HTTP_OUT_ALLOWED, settings.WEBHOOKS_OVER_HTTP = ["127.0.0.0/8"], False
    assert "https://" in sending.attempt(webhook, delivery, b"{}").error
    assert receiver.got == []


def test_two_secrets_sign_while_one_takes_the_others_place(receiver: Receiver, webhook: Webhook, owner: Staff) -> None:
    old = webhook.secret
    webhook.rotate(by=owner)
    webhook.refresh_from_db()
    new = webhook.secret
    ordered()
    sent(webhook)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        ordered()
        sent(webhook)
    (early, late) = receiver.got
    assert new != old
    assert [verified(secret, *early) for secret in (old, new)] == [True, True]
    assert [verified(secret, *late) for secret in (old, new)] == [False, True]


def test_killed_between_the_call_and_the_book_it_goes_out_again_under_the_same_id(
    receiver: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_told: object) -> None:
        raise Killed

    ordered()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "write_down", die)
        with pytest.raises(Killed):
            sending.send_next(webhook.pk)
    assert sent(webhook)[0].state == State.SENDING
    stale = webhook.deliveries.get()
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61)):
        (delivery,) = sent(webhook)
        assert not stale.settle(State.RETRYING), "the first sender woke up late, and counts no more"
    assert delivery.state == State.DELIVERED
    assert receiver.ids == [delivery.public_id] * 2


def test_a_copy_of_the_shop_tells_nothing(receiver: Receiver, webhook: Webhook, owner: Staff) -> None:
    ordered()
    all_sending.pause(Pause.Reason.COPIED)
    assert sent(webhook)[0].state == State.WAITING
    assert rounds.tend() is False
    assert receiver.got == []
    all_sending.resume(by=owner)
    assert sent(webhook)[0].state == State.DELIVERED


def test_an_event_that_is_erased_is_told_no_more(receiver: Receiver, webhook: Webhook) -> None:
    first, second = ordered(2)
    Event.objects.filter(pk=first.pk).delete()
    assert [each.event_id for each in webhook.deliveries.all()] == [second.pk]
    Event.objects.filter(pk=second.pk)._raw_delete("default")
    assert sent(webhook) == []
    assert receiver.got == []


def test_what_was_given_up_is_replayed_once_under_the_id_it_had(receiver: Receiver, webhook: Webhook) -> None:
    ordered(3)
    webhook.deliveries.update(state=State.GIVEN_UP, next_attempt_at=None)
    for _press in range(2):
        tasks.replay_failed.enqueue(webhook.pk, (timezone.now() - DAY).isoformat())
        Worker().drain()
    first = list(webhook.deliveries.filter(kind="event").order_by("pk"))
    again = sent(webhook)[3:]
    assert [each.repeats for each in again] == [each.pk for each in first]
    assert receiver.ids == [each.public_id for each in first]
    assert again[0].replay().message_id == first[0].public_id


def test_a_removed_webhook_goes_with_its_log(receiver: Receiver, webhook: Webhook, owner: Staff) -> None:
    ordered(2)
    webhook.remove(by=owner)
    assert sent(webhook)[0].state == State.WAITING
    tasks.forget_webhook.enqueue(webhook.pk)
    Worker().drain()
    assert not WebhookDelivery.objects.exists()
    assert not Webhook.objects.exists()


def test_the_doctor_says_what_waits_too_long(webhook: Webhook) -> None:
    ordered()
    webhook.deliveries.update(next_attempt_at=timezone.now() - dt.timedelta(hours=2))
    assert [each["state"] for each in examine() if each["check"] == "webhooks"] == ["wrong"]


def test_the_samples_for_receivers_accept_what_is_sent_and_nothing_else(receiver: Receiver, webhook: Webhook) -> None:
    ordered()
    sent(webhook)
    ((headers, body),) = receiver.got
    known: dict[str, Any] = {}
    exec(samples.PYTHON, known)
    assert known["is_from_guanxi"](webhook.secret, headers, body)
    assert not known["is_from_guanxi"](webhook.secret, headers, body + b" ")
    node = shutil.which("node")
    if node:
        call = "process.stdout.write([b, b + ' '].map((x) => isFromGuanxi(s, h, Buffer.from(x))).join())"
        given = f"const [s, h, b] = {json.dumps([webhook.secret, headers, body.decode()])};"
        said = subprocess.run([node, "-e", samples.NODE + given + call], capture_output=True, text=True, check=True)
        assert said.stdout == "true,false"


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_delivery_once(receiver: Receiver, webhook: Webhook) -> None:
    ordered(6)
    gate = threading.Barrier(3)

    def work() -> None:
        gate.wait()
        rounds.send_all(webhook.pk, seconds=60)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.ids) == len(set(receiver.ids)) == 6
    assert set(webhook.deliveries.values_list("state", "attempts")) == {(State.DELIVERED, 1)}


@pytest.mark.django_db(transaction=True)
def test_a_host_that_does_not_answer_keeps_nobody_else_waiting(
    receivers: Callable[..., Receiver], owner: Staff
) -> None:
    slow, quick = receivers("127.0.0.2"), receivers("127.0.0.3")
    slow.free.clear()
    webhooks = [Webhook.make(each.url, names=["Order Completed"], by=owner) for each in (slow, slow, slow, quick)]
    ordered(2)
    for _turn in range(4):
        rounds.tend()
    until(lambda: webhooks[-1].deliveries.filter(state=State.DELIVERED).count() == 2, 20)
    until(slow.busy.is_set, 20)
    rounds.tend()
    until(lambda: rounds.at_work() <= rounds.PER_HOST, 20)  # a delivery is told before its thread has ended
    assert len(slow.got) <= rounds.PER_HOST == rounds.at_work()
    slow.free.set()
    until(lambda: rounds.tend() is False and rounds.at_work() == 0, 30)
    assert not WebhookDelivery.objects.exclude(state=State.DELIVERED).exists()
    assert len(slow.got) == 6


def test_a_receiver_slower_than_the_clock_has_not_got_it(
    receiver: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.2)
    receiver.free.clear()
    ordered()
    (delivery,) = sent(webhook)
    assert delivery.state == State.RETRYING
    assert "15 seconds" in delivery.last_error
