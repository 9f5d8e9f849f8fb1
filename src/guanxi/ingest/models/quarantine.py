"""Calls that were taken, and those that were not."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id
from guanxi.guard.sealing import context, seal, unseal
from guanxi.ingest.collection.calls import Kind, Reason
from guanxi.ingest.models.source import EventSource


class TakenCall(models.Model):
    """A call that was taken once, and is so for good: a source's `messageId` and what it said, both as digests."""

    source = models.ForeignKey(EventSource, models.PROTECT, related_name="+", db_index=False)
    message = models.BinaryField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint("source", "message", name="call_taken_once")]

    def __str__(self) -> str:
        return f"call {self.pk} of source {self.source_id}"


class QuarantinedQuerySet(models.QuerySet["Quarantined"]):
    """Sets of quarantined calls."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all of them for anyone signed in, none for others."""
        return self if user.is_authenticated and user.is_active else self.none()

    def newest_first(self) -> Self:
        """Order as the page shows them."""
        return self.order_by("-pk")


class Quarantined(models.Model):
    """Something that was sent and could not be taken, with the reason; as it came, sealed.

    `token` and `nth` say where it stood: in which delivery, and at which place of its batch; `event` is the name it
    gave to what happened, where that could be read and names nobody.
    """

    PREFIX: ClassVar = "qua"

    source = models.ForeignKey(EventSource, models.CASCADE, related_name="quarantined")
    reason = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, blank=True, default="")
    token = models.CharField(max_length=32)
    nth = models.PositiveIntegerField()
    event = models.CharField(max_length=100, blank=True, default="")
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    sealed = models.BinaryField()

    objects = QuarantinedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("token", "nth", name="quarantined_once")]
        indexes = [
            models.Index(fields=["source", "-id"], name="quarantined_of_source"),
            models.Index(fields=["received_at", "id"], name="quarantined_at"),
            models.Index(fields=["reason", "source"], name="quarantined_why"),
        ]

    def __str__(self) -> str:
        return f"quarantined {self.pk}"

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @property
    def title(self) -> str:
        """What it is called: by its event, else by what it does."""
        return self.event or (str(Kind(self.kind).label) if self.kind in Kind.values else _("A delivery"))

    @property
    def why(self) -> str:
        """The reason, as a sentence."""
        return str(Reason(self.reason).label)

    @property
    def sent(self) -> bytes:
        """What was sent."""
        return unseal(self.sealed, self.place(self.token, self.nth)).encode("latin-1")

    @classmethod
    def sealed_of(cls, token: str, nth: int, sent: bytes) -> dict[str, Any]:
        """Give the columns of what was sent at a place."""
        return {"token": token, "nth": nth, "sealed": seal(sent.decode("latin-1"), cls.place(token, nth))}

    @staticmethod
    def place(token: str, nth: int) -> str:
        """Name the place a sealed call stands in."""
        return context("ingest_quarantined", f"{token}.{nth}", "sealed")
