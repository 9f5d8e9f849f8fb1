"""One attempt after the other: claimed, sent, written down.

The row says that it is being sent before the call is made. Where the process is killed between the call and the row,
the lease runs out and the same message goes out once more, under the same id, by which the receiver knows it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guanxi.customers.models import Event
from guanxi.guard import http
from guanxi.guard.errors import BadAddress, Unreachable
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import payload, schedule, signing
from guanxi.operation import sending
from guanxi.operation.errors import SendingPaused

State = WebhookDelivery.State
GONE = 410
ANSWER_LETTERS = 500


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: the status that was answered, or why there is none."""

    took_ms: int
    status: int | None = None
    error: str = ""
    answer: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


def may_send() -> bool:
    """Whether anything may leave this shop: a copy of it sends nothing."""
    try:
        sending.check()
    except SendingPaused:
        return False
    return True


def send_next(webhook: int) -> WebhookDelivery | None:
    """Send what is due longest of a webhook; None where nothing is, or nothing may be sent."""
    delivery = WebhookDelivery.objects.claim(webhook) if may_send() else None
    if delivery is None:
        return None
    body = body_of(delivery)
    if body is None:
        delivery.delete()  # its event was erased, and nothing is told of it any more
        return delivery
    target = Webhook.objects.select_related("by").get(pk=webhook)
    with translation.override((target.by.language if target.by else "") or settings.LANGUAGE_CODE):
        outcome = attempt(target, delivery, body)
        write_down(target, delivery, outcome)
    return delivery


def body_of(delivery: WebhookDelivery) -> bytes | None:
    """Write what is told now; None where the event is gone."""
    if delivery.kind == WebhookDelivery.Kind.TEST:
        return payload.example(delivery.name, delivery.created_at)
    event = Event.objects.filter(pk=delivery.event_id or 0).first()
    return payload.told(event) if event else None


def attempt(webhook: Webhook, delivery: WebhookDelivery, body: bytes) -> Outcome:
    """Make the call and say what came of it; writes nothing."""
    begun = monotonic()
    try:
        check_scheme(webhook.url)
        at = int(timezone.now().timestamp())
        headers = signing.headers(delivery.message_id, at, body, webhook.secrets)
        reply = http.call("POST", webhook.url, headers=headers, body=body)
    except (BadAddress, Unreachable) as error:
        return Outcome(_since(begun), error=str(error))
    text = reply.body[: ANSWER_LETTERS * 4].decode(errors="replace").replace("\0", "")[:ANSWER_LETTERS]
    return Outcome(_since(begun), reply.status, answer=text, headers=reply.headers)


def check_scheme(url: str) -> None:
    """Raise BadAddress where what is told could be read on its way."""
    if not url.startswith("https://") and not settings.WEBHOOKS_OVER_HTTP:
        raise BadAddress(_("Only https:// is called: what is told could be read on its way otherwise."))


@transaction.atomic
def write_down(webhook: Webhook, delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Write down how an attempt went, when the next one comes, and what it says of the webhook."""
    after = None if outcome.arrived else _next(delivery, outcome)
    state = State.DELIVERED if outcome.arrived else State.RETRYING if after else State.GIVEN_UP
    told = {"last_status": outcome.status, "last_error": outcome.error[:300], "took_ms": outcome.took_ms}
    until = timezone.now() + after if after else None
    if not delivery.settle(state, answer=outcome.answer, next_attempt_at=until, **told):
        return
    if outcome.arrived:
        webhook.got_through()
    elif outcome.status == GONE:
        webhook.pause(Webhook.Why.GONE)
    elif delivery.kind != WebhookDelivery.Kind.TEST:
        webhook.failed()


def _next(delivery: WebhookDelivery, outcome: Outcome) -> dt.timedelta | None:
    """Give the pause before the next attempt; None where there is none."""
    if outcome.status == GONE or delivery.kind == WebhookDelivery.Kind.TEST:
        return None
    usual = schedule.pause(delivery.attempts)
    return usual and max(usual, schedule.asked_for(outcome.headers, timezone.now()))


def _since(begun: float) -> int:
    return round((monotonic() - begun) * 1000)
