"""The log of deliveries as a list: what went where, how it stands, and what can be asked of it."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.core.ids import key_of
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import payload
from guanxi.ingest.webhooks.sending import GONE
from guanxi.pages.components import Tone
from guanxi.pages.filters import Days, Filter, Typed, lazily, on_days
from guanxi.pages.listing import Column, Table

State = WebhookDelivery.State
TONES = {
    State.WAITING: "", State.SENDING: Tone.INFO, State.RETRYING: Tone.WARN, State.DELIVERED: Tone.GOOD,
    State.GIVEN_UP: Tone.DANGER,
}  # fmt: skip
LATELY = {"1": _("today"), "7": _("last 7 days"), "30": _("last 30 days")}


def _webhooks() -> dict[str, str]:
    return {each.public_id: str(each) for each in Webhook.objects.filter(removed_at=None).order_by("pk")}


def _of_webhook(rows: Any, word: str) -> Any:
    return rows.filter(webhook=key_of(Webhook.PREFIX, word))


def _search(rows: Any, text: str) -> Any:
    """Keep a message by its id, what an event led to by the event's, or else events by a part of their name."""
    message, event = key_of(WebhookDelivery.PREFIX, text), key_of(payload.PREFIX, text)
    if message is not None:
        return rows.filter(Q(pk=message) | Q(repeats=message))
    return rows.filter(event=event) if event is not None else rows.filter(name__icontains=text)


def trouble(delivery: WebhookDelivery) -> str:
    """Say in the reader's language what keeps a delivery from having arrived; nothing where nothing does."""
    status = delivery.last_status
    if status is None or delivery.state == State.DELIVERED:
        return delivery.last_error
    if status == GONE:
        return gettext("The receiver answered 410: it is gone for good.")
    if 300 <= status < 400:
        said = gettext(
            "The receiver answered %(status)s, which leads elsewhere, and nobody follows. Correct the address."
        )
    else:
        said = gettext("The receiver answered %(status)s, not 2xx.")
    return said % {"status": status}


TABLE = Table(
    name="webhook-deliveries",
    columns=(
        Column("event", _("Event")),
        Column("state", _("How it stands")),
        Column("webhook", _("Webhook")),
        Column("answer", _("Answer")),
        Column("attempts", _("Tries"), numeric=True),
        Column("next", _("Next try")),
        Column("at", _("Queued"), order_by="pk", falls=True),
        Column("took", _("Took"), numeric=True, shown=False),
    ),
    sort="-at",
    search=_search,
    filters=(
        Filter("webhook", _("Webhook"), lazily(_webhooks), _of_webhook),
        Filter("state", _("How it stands"), dict(State.choices), lambda rows, state: rows.filter(state=state)),
        Typed("event", _("Event"), {}, lambda rows, name: rows.filter(name=name)),
        Filter("kind", pgettext_lazy("of a thing", "Kind"), dict(WebhookDelivery.Kind.choices),
               lambda rows, kind: rows.filter(kind=kind)),
        Days("days", _("Queued"), LATELY, on_days("created_at")),
    ),
)  # fmt: skip
