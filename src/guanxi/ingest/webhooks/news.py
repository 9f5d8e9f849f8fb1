"""Webhooks in the bell and in the audit trail."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.accounts.trail import Named, Words
from guanxi.ingest.models import Webhook
from guanxi.pages.navigation import allowed
from guanxi.pages.notices import SHOWN, Notice


def of_webhooks(request: HttpRequest) -> Sequence[Notice]:
    """Tell of webhooks that were paused by what their receivers answered, until somebody sees to them."""
    if not allowed(request.user, "webhooks.change"):
        return ()
    paused = Webhook.objects.filter(removed_at=None, paused_because__in=[Webhook.Why.GONE, Webhook.Why.FAILING])
    return [_notice(each) for each in paused.order_by("-paused_at")[:SHOWN]]


def _notice(webhook: Webhook) -> Notice:
    return Notice(
        title=_("Nothing is told to %(webhook)s any more") % {"webhook": webhook},
        text=webhook.get_paused_because_display(),
        href=reverse("webhook", args=[webhook.pk]),
        at=webhook.paused_at or webhook.created_at,
        icon="alert-triangle",
        tone="danger",
        standing=True,
    )


def _named(keys: Iterable[str]) -> dict[str, Named]:
    found = Webhook.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return {
        str(each.pk): Named(str(each), "" if each.removed_at else reverse("webhook", args=[each.pk])) for each in found
    }


WORDS = Words(
    acts={
        "webhook.made": gettext_lazy("Added a webhook"),
        "webhook.changed": gettext_lazy("Changed a webhook"),
        "webhook.revealed": gettext_lazy("Saw the secret of a webhook"),
        "webhook.rotated": gettext_lazy("Put another secret in place of"),
        "webhook.paused": gettext_lazy("Paused a webhook"),
        "webhook.resumed": gettext_lazy("Resumed a webhook"),
        "webhook.removed": gettext_lazy("Deleted a webhook"),
        "webhook.replayed": gettext_lazy("Sent events to a webhook once more"),
    },
    fields={
        "address": gettext_lazy("Address"),
        "events": gettext_lazy("Events"),
        "description": gettext_lazy("What it is for"),
        "because": pgettext_lazy("of a pause", "Reason"),
        "since": pgettext_lazy("of time", "Since"),
        "event": gettext_lazy("Event"),
    },
    values={"because": dict(Webhook.Why.choices)},
    names=_named,
)
