"""What is on its way to webhooks: one row for each event and webhook, which is a queue and a log at once."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id
from guanxi.customers.models import Event
from guanxi.guard.sealing import context, seal, unseal
from guanxi.ingest.models.webhook import Webhook

LEASE = dt.timedelta(seconds=60)  # a call is over after 15
AT_ONCE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # when a test is due: before all else
TEST = "Webhook Test"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Sets of deliveries."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those of webhooks this member of staff may look after."""
        may = isinstance(user, Staff) and user.may("webhooks.change")
        return self.filter(webhook__removed_at=None) if may else self.none()

    def waiting_long(self, since: dt.datetime) -> Self:
        """Keep those that should have been sent before a moment, and were not."""
        return self.filter(next_attempt_at__lt=since, webhook__paused_at=None, webhook__removed_at=None)

    def due(self) -> Self:
        """Keep those whose time has come, or whose sender is gone, of webhooks that are not paused."""
        return self.filter(next_attempt_at__lte=timezone.now(), webhook__paused_at=None, webhook__removed_at=None)

    def urgent(self) -> Self:
        """Keep the tests that somebody waits for; they are sent to paused webhooks as well."""
        return self.filter(next_attempt_at__lte=AT_ONCE, webhook__removed_at=None)

    def claim(self, webhook: int) -> "WebhookDelivery | None":
        """Take what is due longest of a webhook, a test before all else; None where nothing is.

        Of two workers one gets it: the other skips the row, or finds it taken.
        """
        mine = next((due for due in (self.urgent(), self.due()) if due.filter(webhook=webhook).exists()), None)
        if mine is None:  # the look takes no lock
            return None
        with transaction.atomic():
            longest = mine.filter(webhook=webhook).order_by("next_attempt_at", "pk")
            found = longest.select_for_update(skip_locked=True, of=("self",)).first()
            if found is not None:
                lease = {"next_attempt_at": timezone.now() + LEASE, "attempts": F("attempts") + 1}
                self.filter(pk=found.pk).update(state=WebhookDelivery.State.SENDING, **lease)
                found.refresh_from_db()
        return found

    def newest_first(self) -> Self:
        """Order as the log shows them."""
        return self.order_by("-pk")


class WebhookDelivery(models.Model):
    """One event on its way to one webhook; a replay is a row of its own that names the first one it `repeats`.

    `next_attempt_at` is when it is tried next; while it is being sent, when whoever sends it is taken for dead; and
    nothing once it is over. An event is named without a constraint: behaviour leaves the book after some weeks, and its
    deliveries before it.
    """

    PREFIX: ClassVar = "msg"

    class Kind(models.TextChoices):
        """Why it is sent."""

        EVENT = "event", _("Event")
        REPLAY = "replay", _("Replay")
        TEST = "test", pgettext_lazy("of a webhook", "Test")

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        RETRYING = "retrying", _("Tries again")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, null=True, related_name="webhook_deliveries", db_constraint=False)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.EVENT)
    repeats = models.BigIntegerField(null=True)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    excerpt = models.BinaryField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_attempt_at = models.DateTimeField(null=True)
    replayed_at = models.DateTimeField(null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["webhook", "event"], condition=Q(kind="event"), name="webhook_told_once_of_each_event"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["webhook", "next_attempt_at"], name="webhook_delivery_due"),
            models.Index(fields=["webhook", "state", "id"], name="webhook_delivery_log"),
            models.Index(fields=["created_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def public_id(self) -> str:
        """The id of the row."""
        return public_id(self.PREFIX, self.pk)

    @property
    def message_id(self) -> str:
        """The id by which the receiver knows it: the same for every attempt and every replay."""
        return public_id(self.PREFIX, self.repeats or self.pk)

    @property
    def is_open(self) -> bool:
        """Whether it is still on its way."""
        return self.next_attempt_at is not None

    @property
    def answer(self) -> str:
        """The beginning of what the receiver answered last."""
        return unseal(self.excerpt, self._place) if self.excerpt else ""

    @property
    def _place(self) -> str:
        return context("ingest_webhookdelivery", self.pk, "excerpt")

    def settle(self, state: "WebhookDelivery.State", *, answer: str = "", **told: Any) -> bool:
        """End an attempt; False where another worker has taken the row over since, whose attempt then counts."""
        mine = type(self).objects.filter(pk=self.pk, state=self.State.SENDING, attempts=self.attempts)
        sealed = seal(answer, self._place) if answer else None
        return bool(mine.update(state=state, excerpt=sealed, last_attempt_at=Now(), **told))

    @classmethod
    def test(cls, webhook: Webhook) -> "WebhookDelivery":
        """Have a made-up event sent before all else, once, also where the webhook is paused."""
        return cls.objects.create(webhook=webhook, kind=cls.Kind.TEST, name=TEST, next_attempt_at=AT_ONCE)

    def replay(self) -> "WebhookDelivery":
        """Send it once more, as a row of its own."""
        type(self).objects.filter(pk=self.pk).update(replayed_at=timezone.now())
        return type(self).objects.create(**self.repeated)

    @property
    def repeated(self) -> dict[str, Any]:
        """What a row that repeats it says."""
        told = {"webhook_id": self.webhook_id, "event_id": self.event_id, "name": self.name}
        return {**told, "kind": self.Kind.REPLAY, "repeats": self.repeats or self.pk}


def with_something_due() -> models.QuerySet[Webhook]:
    """Keep webhooks of which something is to be sent now."""
    mine = WebhookDelivery.objects.filter(webhook=OuterRef("pk"))
    due = Q(Exists(mine.filter(next_attempt_at__lte=timezone.now())), paused_at=None)
    return Webhook.objects.filter(due | Q(Exists(mine.filter(next_attempt_at__lte=AT_ONCE))), removed_at=None)
