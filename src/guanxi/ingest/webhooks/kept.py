"""What webhooks keep of people: nothing of their own, and of each event that was told how that went."""

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.customers import lifetimes
from guanxi.customers.places import Place, nobody, register
from guanxi.ingest.models import Webhook, WebhookDelivery

DAYS = 30


def declare() -> None:
    """Put it into the register: deliveries go with their events, and all of them after some weeks."""
    register(
        Place(
            model=WebhookDelivery, title=_("What other programs were told"), order=40, whose="event__customer",
            profiles_of=("event__profile",),
            copied={"name": _("What happened"), "created_at": _("When"), "webhook": _("Webhook")},
        )
    )  # fmt: skip
    nobody("addresses of other programs", Webhook)
    lifetimes.register(
        lifetimes.Lifetime(
            name="webhook_deliveries", title=_("Log of webhooks"), days=DAYS, order=70,
            text=_("What was told to other programs, and how that went, is forgotten; so is what still waits."),
            count=lambda before: _old(before).count(), listed=_listed,
            forget=lambda before: lifetimes.deleted(_old(before)),
        )
    )  # fmt: skip


def _old(before: dt.datetime) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(created_at__lt=before)


def _listed(before: dt.datetime, most: int) -> list[tuple[str, str]]:
    return [(each.name, reverse("webhook-delivery", args=[each.pk])) for each in _old(before).order_by("pk")[:most]]
