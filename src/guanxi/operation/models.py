"""Where the book lies, and whether anything may be sent from there."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Fingerprint(models.Model):
    """The place the book last ran in, one row: a copy of the book carries that of the original."""

    value = models.CharField(max_length=64)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.value


class PauseQuerySet(models.QuerySet["Pause"]):
    """Sets of pauses."""

    def open(self) -> Self:
        """Keep the one that still lasts."""
        return self.filter(ended_at=None)


class Pause(models.Model):
    """A time in which nothing is sent to anybody: why it began, and who ended it."""

    class Reason(models.TextChoices):
        """Why a pause began."""

        RESTORED = "restored", _("restored from a backup")
        COPIED = "copied", _("found in another place than before")
        BY_HAND = "by hand", _("paused by hand")

    reason = models.CharField(max_length=10, choices=Reason)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="one_pause_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} since {self.since:%Y-%m-%d %H:%M}"


class Relocation(models.Model):
    """The book's move to another database: what it became, so that nobody goes on with what was left behind."""

    to = models.CharField(max_length=300)
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.to
