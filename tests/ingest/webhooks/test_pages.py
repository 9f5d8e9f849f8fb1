"""The pages of webhooks: made, tested, paused, replaced and removed by an owner, and by nobody else."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.worker import Worker
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.models.webhook import MOST
from guanxi.ingest.webhooks import names
from tests.ingest.webhooks.conftest import Receiver, ordered, sent

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State


def form(address: str, **told: Any) -> dict[str, Any]:
    return {"url": address, "description": "ERP", "which": "some", "names": ["Order Completed"], "others": "", **told}


def test_a_webhook_is_made_and_its_secret_shown_then_and_whenever_somebody_says_so(
    receiver: Receiver, owners_browser: Client
) -> None:
    page = owners_browser.post(
        reverse("webhook-new"), form(receiver.url, others="quiz finished\nViewed Product")
    ).content.decode()
    webhook = Webhook.objects.get()
    assert webhook.secret in page
    assert webhook.names == ["Order Completed", "Product Viewed", "quiz finished"]
    assert webhook.secret not in owners_browser.get(reverse("webhook", args=[webhook.pk])).content.decode()
    assert webhook.secret in owners_browser.post(reverse("webhook-secret", args=[webhook.pk])).content.decode()
    assert AuditEntry.objects.accesses().get().act == "webhook.revealed"
    old = webhook.secret
    page = owners_browser.post(reverse("webhook-rotation", args=[webhook.pk])).content.decode()
    webhook.refresh_from_db()
    assert webhook.secrets == [webhook.secret, old]
    assert webhook.secret in page
    assert old.encode() not in bytes(webhook.sealed) + bytes(webhook.former or b"")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"url": "http://shop.example/hook"}, "Only https://"),
        ({"url": "https://169.254.169.254/latest"}, "private network"),
        ({"url": "https://[::1]/x"}, "private network"),
        ({"url": "https://user:word@erp.example/x"}, "no address that can be called"),
        ({"url": "ftp://erp.example"}, "Only https://"),
        ({"names": []}, "Choose at least one event"),
        ({"names": ["Nothing Known"]}, "Nothing Known"),
        ({"others": "x" * 101}, "100 letters"),
    ],
)
def test_what_may_not_be_called_is_refused_with_the_reason_and_what_was_typed_stays(
    owners_browser: Client, told: dict[str, Any], said: str
) -> None:
    answer = owners_browser.post(reverse("webhook-new"), form("https://erp.example/hook", **told))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert 'value="ERP"' in page
    assert not Webhook.objects.exists()


def test_a_whole_group_is_chosen_by_one_box_and_its_events_stay_chosen_where_the_form_comes_back(
    owners_browser: Client,
) -> None:
    refused = owners_browser.post(reverse("webhook-new"), form("ftp://erp.example", names=[], whole=["identity"]))
    page = refused.content.decode()
    group = next(each for each in names.groups() if each.key == "identity")
    assert all(f'value="{name}" checked' in page for name in group.names)
    owners_browser.post(reverse("webhook-new"), form("https://erp.example/hook", whole=["identity"]))
    assert Webhook.objects.get().names == sorted(["Order Completed", *group.names])


def test_a_shop_has_so_many_webhooks_and_no_more(owners_browser: Client, owner: Staff) -> None:
    for nth in range(MOST):
        Webhook.make(f"https://erp.example/{nth}", by=owner)
    answer = owners_browser.post(reverse("webhook-new"), form("https://erp.example/more"))
    assert answer.status_code == 422
    assert "no more fit" in answer.content.decode()


def test_a_webhook_can_be_changed_paused_resumed_and_removed(
    receiver: Receiver, webhook: Webhook, owners_browser: Client
) -> None:
    ordered()
    edit = reverse("webhook-edit", args=[webhook.pk])
    assert "checked" in owners_browser.get(edit).content.decode()
    owners_browser.post(edit, form(receiver.url + "?key=hidden", which="all"))
    for verb in ("webhook-pause", "webhook-pause", "webhook-resumption"):
        owners_browser.post(reverse(verb, args=[webhook.pk]))
    webhook.refresh_from_db()
    assert webhook.names == []
    assert webhook.is_active
    owners_browser.post(reverse("webhook-removal", args=[webhook.pk]))
    Worker().drain()
    assert not Webhook.objects.exists()
    acts = list(AuditEntry.objects.filter(act__startswith="webhook").order_by("pk").values_list("act", flat=True))
    assert acts == [f"webhook.{act}" for act in ("made", "changed", "paused", "resumed", "removed")]
    assert "hidden" not in "".join(AuditEntry.objects.values_list("changes", flat=True))
    assert "No program is told anything yet" in owners_browser.get(reverse("webhooks")).content.decode()
    assert owners_browser.get(reverse("audit")).status_code == 200


def test_a_test_is_sent_once_also_to_one_that_is_paused(
    receiver: Receiver, webhook: Webhook, owners_browser: Client, owner: Staff
) -> None:
    ordered()
    webhook.pause(Webhook.Why.BY_HAND, by=owner)
    receiver.answers = [(500, {}, b"<b>no</b>")]
    address = owners_browser.post(reverse("webhook-test", args=[webhook.pk])).headers["Location"]
    assert "every 2s" in owners_browser.get(address).content.decode()
    sent(webhook)
    page = owners_browser.get(address).content.decode()
    assert "every 2s" not in page
    assert "500" in page
    assert "&lt;b&gt;no" in page
    assert len(receiver.got) == 1
    assert b'"type":"webhook.test"' in receiver.got[0][1]


def test_the_log_is_narrowed_opened_and_replayed(receiver: Receiver, webhook: Webhook, owners_browser: Client) -> None:
    receiver.answers = [(400, {}, b"no")]
    first, _second = ordered(2)
    sent(webhook)
    webhook.deliveries.filter(state=State.RETRYING).update(state=State.GIVEN_UP, next_attempt_at=None)
    log = reverse("webhook-deliveries")
    failed = webhook.deliveries.get(state=State.GIVEN_UP)
    page = owners_browser.get(
        f"{log}?webhook={webhook.public_id}&state=given_up&event=Order+Completed"
    ).content.decode()
    assert failed.message_id in page
    assert page.count("msg_") == 2
    assert failed.message_id in owners_browser.get(f"{log}?q={failed.message_id}").content.decode()
    page = owners_browser.get(reverse("webhook-delivery", args=[failed.pk])).content.decode()
    assert "order.completed" in page
    assert "webhook-id: " + failed.message_id in page
    owners_browser.post(reverse("webhook-delivery-replay", args=[failed.pk]))
    since = {"since": (timezone.localdate() - dt.timedelta(days=1)).isoformat()}
    owners_browser.post(reverse("webhook-replays", args=[webhook.pk]), since)
    Worker().drain()
    assert [each.state for each in sent(webhook)] == [State.GIVEN_UP, State.DELIVERED, State.DELIVERED]
    assert owners_browser.post(reverse("webhook-replays", args=[webhook.pk]), {"since": "soon"}).status_code == 422
    first.delete()


def test_pages_cost_the_same_however_much_there_is(
    webhook: Webhook, owner: Staff, owners_browser: Client, django_assert_max_num_queries: Any
) -> None:
    for nth in range(10):
        Webhook.make(f"https://erp.example/{nth}", by=owner)
    ordered(30)
    with django_assert_max_num_queries(8):
        owners_browser.get(reverse("webhooks"))
    with django_assert_max_num_queries(9):
        owners_browser.get(reverse("webhook-deliveries"))
    with django_assert_max_num_queries(8):
        owners_browser.get(reverse("webhook", args=[webhook.pk]))


def test_the_log_is_forgotten_after_a_month(webhook: Webhook) -> None:
    from guanxi.customers.lifetimes import lifetimes

    ordered(2)
    webhook.deliveries.filter(pk=webhook.deliveries.order_by("pk")[0].pk).update(
        created_at=timezone.now() - dt.timedelta(days=31)
    )
    kind = next(each for each in lifetimes() if each.name == "webhook_deliveries")
    before = timezone.now() - dt.timedelta(days=kind.days)
    assert (kind.count(before), len(kind.listed(before, 5)), kind.forget(before)) == (1, 1, 1)
    assert webhook.deliveries.count() == 1


def test_every_event_can_be_chosen_once() -> None:
    every = [name for group in names.groups() for name in group.names]
    assert len(every) == len(set(every))
    assert {"Order Completed", "Order Refunded", "Page Viewed", "Consent Withdrawn", "Points Earned"} <= set(every)
