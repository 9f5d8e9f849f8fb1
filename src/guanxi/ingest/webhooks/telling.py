"""From the stream to the queue: what webhooks want of a set of events becomes deliveries, in one insert."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.utils import timezone

from guanxi.customers.models import Event
from guanxi.ingest.models import Webhook, WebhookDelivery

NEWS = dt.timedelta(days=1)  # what happened longer ago comes from files, and is no news


def tell(events: Sequence[Event]) -> None:
    """Queue what happened within a day for every active webhook that wants it, in the caller's transaction."""
    since = timezone.now() - NEWS
    fresh = [event for event in events if event.occurred_at >= since]
    webhooks = list(Webhook.objects.active().only("names")) if fresh else []
    if wanted := list(_wanted(fresh, webhooks)):  # a set that comes a second time finds its deliveries there
        WebhookDelivery.objects.bulk_create(wanted, ignore_conflicts=True)


def _wanted(events: Sequence[Event], webhooks: Sequence[Webhook]) -> Iterator[WebhookDelivery]:
    for event in events:
        for webhook in webhooks:
            if webhook.wants(event.name):
                yield WebhookDelivery(webhook=webhook, event_id=event.pk, name=event.name)
