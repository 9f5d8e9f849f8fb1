"""Webhooks in the background: replays of many, and the log of one that was removed."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from guanxi.customers import lifetimes
from guanxi.ingest.models import Webhook, WebhookDelivery

AT_ONCE = 200


@task
def replay_failed(webhook_id: int, since: str) -> int:
    """Send once more what was given up since a moment and not replayed yet; says how many."""
    mine = WebhookDelivery.objects.filter(webhook=webhook_id, state=WebhookDelivery.State.GIVEN_UP, replayed_at=None)
    given_up = mine.filter(created_at__gte=dt.datetime.fromisoformat(since)).exclude(event=None).order_by("pk")
    done = 0
    while count := _replayed(given_up):
        done += count
    return done


@transaction.atomic
def _replayed(given_up: object) -> int:
    """Replay some; of two that come here at once each takes other rows."""
    some = list(given_up.select_for_update(skip_locked=True)[:AT_ONCE])  # type: ignore[attr-defined]
    WebhookDelivery.objects.filter(pk__in=[each.pk for each in some]).update(replayed_at=timezone.now())
    WebhookDelivery.objects.bulk_create([WebhookDelivery(**each.repeated) for each in some])
    return len(some)


@task
def forget_webhook(webhook_id: int) -> int:
    """Delete the log of a webhook that was removed, then the webhook; says how many deliveries went."""
    gone = lifetimes.deleted(WebhookDelivery.objects.filter(webhook=webhook_id, webhook__removed_at__isnull=False))
    Webhook.objects.filter(pk=webhook_id).exclude(removed_at=None).delete()
    return gone
