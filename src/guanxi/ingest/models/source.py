"""Where events come from: a shop's pages, its app, its servers; each with the keys by which it may write."""

import datetime as dt
import hashlib
import secrets
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.ids import public_id, reserve
from guanxi.guard.sealing import context, seal, unseal
from guanxi.orders.models import Store

PREFIX = "gxw_"
FILES = "%(namespace)s (files)"  # what the source of the files of a namespace is called in the book
USUALLY = 1_000  # requests a second
BOTH_FOR = dt.timedelta(days=1)  # how long the old key still works beside the one that takes its place


class EventSourceQuerySet(models.QuerySet["EventSource"]):
    """Sets of sources."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all of them for anyone signed in, none for others."""
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> Self:
        """Keep those that were not retired."""
        return self.filter(retired_at=None)

    def with_keys(self) -> "EventSourceQuerySet":
        """Tell of each whether it ever had a key, as `has_keys`: one that stands for files has none."""
        return self.annotate(has_keys=models.Exists(WriteKey.objects.filter(source=models.OuterRef("pk"))))  # type: ignore[no-redef]  # declared for readers

    def standing(self) -> Self:
        """Order as the page shows them: those in use first, by name."""
        return self.order_by(models.F("retired_at").asc(nulls_first=True), "name")


class EventSource(models.Model):
    """One place that tells what happens there.

    `namespace` is whose ids its users and visitors bear: sources that share it, a page and its server say, know the
    same people by the same ids. `origins` are the addresses of pages that may write with its key; none means any.
    """

    PREFIX: ClassVar = "src"

    name = models.CharField(max_length=100, unique=True)
    namespace = models.SlugField(max_length=40)
    store = models.ForeignKey(Store, models.SET_NULL, null=True, blank=True, related_name="event_sources")
    origins = models.JSONField(default=list)
    per_second = models.PositiveIntegerField(default=USUALLY)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    has_keys: bool  # told by `with_keys`
    objects = EventSourceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def make(cls, name: str, *, namespace: str, by: Staff | None, **told: Any) -> tuple[str, "EventSource"]:
        """Make a source with its first key, and return the key's secret with it."""
        made = cls.objects.create(name=name, namespace=namespace, by=by, **told)
        AuditEntry.write("eventsource.made", by=by, on=made, changes={"name": (None, name)})
        return WriteKey.issue(made), made

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @property
    def title(self) -> str:
        """What pages call it: one that stands for the files of a namespace says so in the reader's language."""
        told = {"namespace": self.namespace}
        if self.name == FILES % told:
            return _("%(namespace)s (files)") % told
        return self.name

    @property
    def is_in_use(self) -> bool:
        """Whether anything is taken from it."""
        return self.retired_at is None

    @property
    def key(self) -> "WriteKey | None":
        """The key by which new pages and programs should write; none once it is retired."""
        return self.keys.filter(ends_at=None).order_by("-pk").first()

    @transaction.atomic
    def change(self, *, by: Staff | None, **told: Any) -> None:
        """Change what it is called, whose store it is, who may write and how much; the same again changes nothing."""
        was = {name: getattr(self, name) for name in told}
        changed = {name: (_said(was[name]), _said(value)) for name, value in told.items() if was[name] != value}
        if changed:
            for name, value in told.items():
                setattr(self, name, value)
            self.save(update_fields=list(told))
            AuditEntry.write("eventsource.changed", by=by, on=self, changes=changed)

    def show_key(self, *, by: Staff) -> str:
        """Give the secret of its key, and write down who looked at it; empty where it has none."""
        key = self.key
        if key:
            AuditEntry.write("eventsource.key_shown", by=by, on=self)
        return key.secret if key else ""

    @transaction.atomic
    def rotate(self, *, by: Staff | None) -> str:
        """Give it a new key; those before work for a day more, so that pages and programs can be told."""
        self.keys.filter(ends_at=None).update(ends_at=timezone.now() + BOTH_FOR)
        AuditEntry.write("eventsource.rotated", by=by, on=self)
        return WriteKey.issue(self)

    @transaction.atomic
    def retire(self, *, by: Staff | None) -> None:
        """Take nothing from it any more, from the next seconds on; does nothing where it was retired."""
        if type(self).objects.in_use().filter(pk=self.pk).update(retired_at=timezone.now()):
            self.keys.in_force().update(ends_at=timezone.now())
            AuditEntry.write("eventsource.retired", by=by, on=self)


class WriteKeyQuerySet(models.QuerySet["WriteKey"]):
    """Sets of keys."""

    def in_force(self) -> Self:
        """Keep those that still open something."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=timezone.now()))


class WriteKey(models.Model):
    """A key by which a source writes, and nothing else. It stands in shops' pages, so it can be shown again."""

    source = models.ForeignKey(EventSource, models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = WriteKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"key {self.pk} of source {self.source_id}"

    @classmethod
    def issue(cls, source: EventSource) -> str:
        """Make a key of a source, and return its secret."""
        (key,), secret = reserve(cls, 1), PREFIX + secrets.token_urlsafe(24)
        cls.objects.create(pk=key, source=source, digest=digest_of(secret), sealed=seal(secret, _place(key)))
        return secret

    @property
    def secret(self) -> str:
        """The key itself."""
        return unseal(self.sealed, _place(self.pk))


def digest_of(secret: str) -> str:
    """Compute what a key is found by; it is random enough to need no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _said(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model) else value


def _place(key: int) -> str:
    return context("ingest_writekey", key, "sealed")
