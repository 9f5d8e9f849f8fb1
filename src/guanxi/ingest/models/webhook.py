"""Where events are told: addresses of other programs, with what they want to hear and the secrets that sign it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.core.ids import public_id, reserve
from guanxi.guard.sealing import context, seal, unseal
from guanxi.ingest.webhooks.signing import new_secret

MOST = 50
BOTH_FOR = dt.timedelta(days=1)  # how long the old secret signs beside the one that takes its place
PATIENCE = dt.timedelta(days=5)  # of nothing but failures


class TooManyWebhooks(Refused):
    """The shop has all the webhooks that fit."""


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Sets of webhooks."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may look after: all there are where the role allows it, else none."""
        may = isinstance(user, Staff) and user.may("webhooks.change")
        return self.filter(removed_at=None) if may else self.none()

    def active(self) -> Self:
        """Keep those that are told what happens."""
        return self.filter(removed_at=None, paused_at=None)


class Webhook(models.Model):
    """One address that events are told to; `names` are the events it wants, none means all of them.

    `host` is the machine it leads to, of which only a few deliveries bother at once. `failing_since` is when the first
    of nothing but failures came; after five days of them it is paused.
    """

    PREFIX: ClassVar = "whk"

    class Why(models.TextChoices):
        """Why nothing is sent there."""

        BY_HAND = "by_hand", gettext_lazy("Paused by hand")
        GONE = "gone", gettext_lazy("The receiver answered 410: it is gone for good")
        FAILING = "failing", gettext_lazy("Nothing got through for five days")

    url = models.CharField(max_length=2000)
    host = models.CharField(max_length=255)
    description = models.CharField(max_length=200, blank=True)
    names = models.JSONField(default=list)
    sealed = models.BinaryField()
    former = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True)
    paused_because = models.CharField(max_length=8, choices=Why, blank=True)
    failing_since = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = WebhookQuerySet.as_manager()

    def __str__(self) -> str:
        return self.description or self.host

    @classmethod
    @transaction.atomic
    def make(cls, url: str, *, names: Sequence[str] = (), description: str = "", by: Staff | None) -> "Webhook":
        """Make a webhook with its first secret. Raises TooManyWebhooks."""
        if cls.objects.filter(removed_at=None).count() >= MOST:
            said = _("There are %(most)s webhooks, and no more fit. Delete one that nobody needs.")
            raise TooManyWebhooks(said % {"most": MOST})
        ((key,), told) = reserve(cls, 1), {"names": sorted(names), "description": description}
        made = cls(pk=key, url=url, host=host_of(url), by=by, **told)
        made.sealed = seal(new_secret(), made.place("sealed"))
        made.save(force_insert=True)
        changes = {"address": (None, without_query(url)), "events": (None, made.names or None)}
        AuditEntry.write("webhook.made", by=by, on=made, changes=changes)
        return made

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @property
    def is_active(self) -> bool:
        """Whether it is told what happens."""
        return self.paused_at is None and self.removed_at is None

    @property
    def shown_url(self) -> str:
        """The address as pages show it: what stands behind a question mark may be a password."""
        short = without_query(self.url)
        return short if short == self.url else short + "?…"

    @property
    def secret(self) -> str:
        """The secret that signs, the newer one where there are two."""
        return unseal(self.sealed, self.place("sealed"))

    @property
    def secrets(self) -> list[str]:
        """The secrets in force, the newest first."""
        old = self.former if self.former and self.former_until and self.former_until > timezone.now() else None
        return [self.secret, unseal(old, self.place("former"))] if old else [self.secret]

    def place(self, field: str) -> str:
        """Name the place a sealed value of it stands in."""
        return context("ingest_webhook", self.pk, field)

    def wants(self, name: str) -> bool:
        """Whether it is told of events of a name."""
        return not self.names or name in self.names

    @transaction.atomic
    def change(self, *, url: str, names: Sequence[str], description: str, by: Staff) -> None:
        """Tell it elsewhere, or of other events; what waits goes to the new address."""
        was = {"address": without_query(self.url), "events": self.names, "description": self.description}
        self.url, self.host, self.names, self.description = url, host_of(url), sorted(names), description
        self.save(update_fields=["url", "host", "names", "description"])
        now = {"address": without_query(url), "events": self.names, "description": description}
        changes: dict[str, tuple[Any, Any]] = {name: (was[name] or None, now[name] or None) for name in was}
        AuditEntry.write("webhook.changed", by=by, on=self, changes=changes)

    @transaction.atomic
    def reveal(self, *, by: Staff) -> str:
        """Show the secret; that it was seen stands in the access log."""
        AuditEntry.write("webhook.revealed", by=by, on=self)
        return self.secret

    @transaction.atomic
    def rotate(self, *, by: Staff) -> None:
        """Sign with another secret; the one before signs too for a day more, so that the receiver can be told."""
        mine = type(self).objects.select_for_update().get(pk=self.pk)
        self.former, self.former_until = seal(mine.secret, self.place("former")), timezone.now() + BOTH_FOR
        self.sealed = seal(new_secret(), self.place("sealed"))
        self.save(update_fields=["sealed", "former", "former_until"])
        AuditEntry.write("webhook.rotated", by=by, on=self)

    @transaction.atomic
    def pause(self, because: "Webhook.Why", *, by: Staff | None = None) -> bool:
        """Send nothing there any more; what waits goes on waiting. False where it was paused already."""
        active = type(self).objects.active().filter(pk=self.pk)
        if not active.update(paused_at=timezone.now(), paused_because=because):
            return False
        AuditEntry.write("webhook.paused", by=by, on=self, changes={"because": (None, because)})
        return True

    @transaction.atomic
    def resume(self, *, by: Staff) -> None:
        """Send there again, what waits first; does nothing where it was not paused."""
        paused = type(self).objects.filter(pk=self.pk, removed_at=None).exclude(paused_at=None)
        if paused.update(paused_at=None, paused_because="", failing_since=None):
            AuditEntry.write("webhook.resumed", by=by, on=self)

    @transaction.atomic
    def remove(self, *, by: Staff) -> None:
        """Send nothing there, and let its log go soon after; does nothing where it was removed."""
        if type(self).objects.filter(pk=self.pk, removed_at=None).update(removed_at=timezone.now()):
            AuditEntry.write("webhook.removed", by=by, on=self, changes={"address": (without_query(self.url), None)})

    def got_through(self) -> None:
        """Remember that it can be reached."""
        type(self).objects.filter(pk=self.pk).exclude(failing_since=None).update(failing_since=None)

    def failed(self) -> None:
        """Remember since when nothing gets through, and pause it where that is too long."""
        mine = type(self).objects.filter(pk=self.pk)
        if not mine.filter(failing_since=None).update(failing_since=timezone.now()):
            since = mine.values_list("failing_since", flat=True).first()
            if since and timezone.now() - since > PATIENCE:
                self.pause(self.Why.FAILING)


def host_of(url: str) -> str:
    """Read the machine that an address leads to.

    >>> host_of("https://ERP.example:8443/hook")
    'erp.example'
    """
    return urlsplit(url).hostname or ""


def without_query(url: str) -> str:
    """Leave out of an address what may be a password.

    >>> without_query("https://erp.example/hook?key=1#x")
    'https://erp.example/hook'
    """
    return urlsplit(url)._replace(query="", fragment="").geturl()
