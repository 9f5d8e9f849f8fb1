"""What the doctor looks at: whether what waits for webhooks is sent, and whether one was paused."""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from guanxi.core.doctor import Finding, check, good, note, wrong
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks.sending import may_send

LATE = dt.timedelta(hours=1)


@check("webhooks")
def webhooks() -> Iterator[Finding]:
    """Tell of deliveries that should have been sent, and of webhooks that are not told anything."""
    late = WebhookDelivery.objects.waiting_long(timezone.now() - LATE).count() if may_send() else 0
    if late:
        yield wrong(
            f"{late} deliveries to webhooks wait for more than an hour.", "See that a worker runs: guanxi worker"
        )
    paused = Webhook.objects.filter(removed_at=None).exclude(paused_at=None).count()
    if paused:
        yield note(f"{paused} webhooks are paused.", "An owner resumes them under Settings → Webhooks.")
    if not late:
        yield good(f"{Webhook.objects.active().count()} webhooks are told what happens, nothing waits for long.")
