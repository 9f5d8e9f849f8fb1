"""Imports, what they changed, and the mappings people saved."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.core.ids import key_of, public_id
from guanxi.guard.sealing import context, seal, unseal
from guanxi.ingest.presets import Preset, from_mapping, named
from guanxi.orders.models import Store

TURN = gettext_noop("import into")  # before a store's code: the name of the lease of whoever writes to it
NEW_TOTAL = "new_total_minor_"  # before a currency: the name of the count of what new orders amount to in it


class NotResumable(Refused):
    """The import has nothing left to do."""


class NotUndoable(Refused):
    """The import cannot be taken back now."""


class ImportQuerySet(models.QuerySet["Import"]):
    """Sets of imports."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all of them for anyone signed in, none for others."""
        return self if user.is_authenticated and user.is_active else self.none()

    def newest_first(self) -> Self:
        """Order as the list shows them."""
        return self.order_by("-id")

    def unfinished(self) -> Self:
        """Keep those that wait for a person or are at work."""
        return self.exclude(state__in=[Import.State.DONE, Import.State.CANCELLED, Import.State.UNDONE])


class Import(models.Model):
    """One bringing-in of files: which, how they are read, how far it is, what came of it.

    `mapping` is the whole preset as it was when the import began; `cursor` is where the writing stands, moved in the
    transaction of each chunk, so that an import that was killed goes on where it stopped.
    """

    PREFIX: ClassVar = "imp"

    class State(models.TextChoices):
        """What happens to it."""

        DRAFT = "draft", _("Being prepared")
        CHECKING = "checking", _("Dry run under way")
        CHECKED = "checked", _("Ready to import")
        RUNNING = "running", _("Importing")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        CANCELLED = "cancelled", _("Cancelled")

    subject = models.CharField(max_length=20, default="orders")
    preset = models.CharField(max_length=60, blank=True, default="")
    mapping = models.JSONField(null=True, blank=True)
    store = models.ForeignKey(Store, models.SET_NULL, null=True, blank=True, related_name="imports")
    store_code = models.SlugField(max_length=40, blank=True, default="")
    files = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    cursor = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    sealed_report = models.BinaryField(null=True, editable=False)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    error = models.TextField(blank=True, default="")
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @classmethod
    def key_of(cls, word: str) -> int | None:
        """Read a public id or a plain number; None where it is neither."""
        return int(word) if word.isascii() and word.isdigit() else key_of(cls.PREFIX, word)

    def audit(self, what: str) -> None:
        """Write what became of it into the audit trail: one entry; each row it changed stands in its undo log."""
        counted = ("rows", "documents", "orders_new", "customers_new", "rejected")
        changes = {name: (None, self.counts.get(name)) for name in counted}
        AuditEntry.write(f"import.{what}", by=self.by, on=self, changes=changes)

    @property
    def report(self) -> dict[str, Any]:
        """What the dry run, the import and the undo found; sealed at rest, for it quotes the file."""
        place = context("ingest_import", self.pk, "sealed_report")
        return dict(json.loads(unseal(self.sealed_report, place))) if self.sealed_report else {}

    @report.setter
    def report(self, told: dict[str, Any]) -> None:
        """Seal what was found; the import has to be in the book already."""
        place = context("ingest_import", self.pk, "sealed_report")
        self.sealed_report = seal(json.dumps(told, ensure_ascii=False, default=str), place)

    @property
    def folder(self) -> Path:
        """Where its files, staged rows and rejections lie."""
        return Path(settings.HOME) / "imports" / str(self.pk)

    @property
    def read_as(self) -> Preset:
        """The preset its files are read by."""
        return from_mapping(self.mapping, subject=self.subject) if self.mapping else named(self.preset)

    @property
    def file_names(self) -> list[str]:
        """The names its files came under."""
        return [file["name"] for file in self.files]

    @property
    def is_at_work(self) -> bool:
        """Whether a worker is on it, or should be."""
        return self.state in {self.State.CHECKING, self.State.RUNNING, self.State.UNDOING}

    @property
    def can_resume(self) -> bool:
        """Whether something is left to write."""
        return self.state in {self.State.RUNNING, self.State.STOPPED, self.State.FAILED}

    @property
    def can_undo(self) -> bool:
        """Whether something was written that can be taken back."""
        return self.state in {self.State.DONE, self.State.STOPPED, self.State.FAILED, self.State.UNDOING}

    @property
    def time_left(self) -> timedelta | None:
        """How long the rest will take at the rate so far; None before there is a rate."""
        if not self.rows_done or not self.seconds:
            return None
        return timedelta(seconds=(self.rows_total - self.rows_done) * self.seconds / self.rows_done)

    def set(self, **values: Any) -> None:
        """Write these fields alone, so that a request to stop made meanwhile is not overwritten."""
        for name, value in values.items():
            setattr(self, name, value)
        if "report" in values:
            del values["report"]
            values["sealed_report"] = self.sealed_report
        Import.objects.filter(pk=self.pk).update(**values)

    def stop(self) -> None:
        """Ask it to stop after the chunk it is at; does nothing where it is not at work."""
        Import.objects.filter(pk=self.pk, state__in=[self.State.CHECKING, self.State.RUNNING]).update(
            stop_requested_at=timezone.now()
        )


class ImportChange(models.Model):
    """What one transaction of an import created and changed: its undo log.

    `created` holds ranges of ids per table, `changed` the former values of records that were there before.
    """

    batch = models.ForeignKey(Import, models.CASCADE, related_name="changes")
    created = models.JSONField(default=dict)
    changed = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"change {self.pk} of import {self.batch_id}"


class SavedPreset(models.Model):
    """A mapping a person saved under a name."""

    name = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    subject = models.CharField(max_length=20, default="orders")
    mapping = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def as_preset(self) -> Preset:
        """The preset it stands for."""
        return from_mapping({**self.mapping, "name": self.name}, subject=self.subject)
