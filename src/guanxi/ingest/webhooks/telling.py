"""From the stream to the queue: what webhooks want of a set of events becomes deliveries, in one insert."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.utils import timezone

from guanxi.customers.dynamics.taking import Happening
from guanxi.ingest.models import Webhook, WebhookDelivery

NEWS = dt.timedelta(days=1)  # what happened longer ago comes from files, and is no news


def ahead(events: Sequence[Happening]) -> list[Happening]:
    """Give what happened within a day, where a webhook wants any of it."""
    since = timezone.now() - NEWS
    fresh = [event for event in events if event.occurred_at >= since]
    return fresh if any(_wanted(fresh)) else []


def tell(_events: Sequence[Happening], fresh: Sequence[Happening]) -> None:
    """Queue what is fresh for every active webhook that wants it, in the caller's transaction."""
    if fresh:  # a set that comes a second time finds its deliveries there
        WebhookDelivery.objects.bulk_create(_wanted(fresh), ignore_conflicts=True)


def _wanted(events: Sequence[Happening]) -> Iterator[WebhookDelivery]:
    webhooks = list(Webhook.objects.active().only("names")) if events else []
    for event in events:
        for webhook in webhooks:
            if webhook.wants(event.name):
                yield WebhookDelivery(webhook=webhook, event_id=event.pk, name=event.name)
