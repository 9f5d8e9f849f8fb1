"""Notebooks, what they were before, and the questions that were asked."""

from pathlib import Path
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.core.ids import public_id
from guanxi.insight.notebook.cells import Cell

VERSIONS_KEPT = 50
MOST_NOTEBOOKS = 200
TOLD = 2_000  # characters of SQL that the audit trail holds


class NotebookMoved(Refused):
    """Somebody saved another version of a notebook meanwhile."""


class TooManyNotebooks(Refused):
    """The shop has all the notebooks that fit."""


class NotebookQuerySet(models.QuerySet["Notebook"]):
    """Sets of notebooks."""

    def shown(self) -> Self:
        """Keep those that were not removed, the one changed last first."""
        return self.filter(removed_at=None).select_related("changed_by").order_by("-changed_at", "-pk")


class Notebook(models.Model):
    """A title and cells, as the newest version has them. `cells` is what `Cell.kept` gives of each."""

    PREFIX: ClassVar = "nbk"

    title = models.CharField(max_length=100)
    cells = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    objects = NotebookQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-changed_at"], name="notebook_latest", condition=models.Q(removed_at=None))]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        """How programs name it."""
        return public_id(self.PREFIX, self.pk)

    @property
    def parts(self) -> list[Cell]:
        """The cells."""
        return [Cell.of(each) for each in self.cells]

    @classmethod
    @transaction.atomic
    def begin(cls, title: str, cells: list[Cell], *, by: Staff) -> "Notebook":
        """Write a new one; TooManyNotebooks where no more fit."""
        if cls.objects.shown().count() >= MOST_NOTEBOOKS:
            said = {"most": MOST_NOTEBOOKS}
            raise TooManyNotebooks(_("There are %(most)s notebooks already. Remove one that nobody reads.") % said)
        made = cls.objects.create(changed_by=by)
        made.save_as(title, cells, by=by, over=0)
        return made

    @transaction.atomic
    def save_as(self, title: str, cells: list[Cell], *, by: Staff, over: int) -> None:
        """Keep a new version; the same again changes nothing.

        `over` is the version it was made from: NotebookMoved where another is the newest by now.
        """
        now, kept = type(self).objects.select_for_update().get(pk=self.pk), [each.kept() for each in cells]
        if now.version and (now.title, now.cells) == (title, kept):
            return
        if now.version != over:
            raise NotebookMoved(
                _("%(name)s saved another version meanwhile. Copy what you wrote, then open the notebook anew.")
                % {"name": now.changed_by.display_name}
            )
        self.title, self.cells, self.version = title, kept, over + 1
        self.changed_by, self.changed_at = by, timezone.now()
        self.save()
        self.versions.create(version=self.version, title=title, cells=kept, by=by)
        self.versions.filter(version__lte=self.version - VERSIONS_KEPT).delete()
        changes = {"name": (now.title, title), "version": (over or None, self.version)}
        AuditEntry.write("notebook.saved", by=by, on=self, changes=changes)

    @transaction.atomic
    def remove(self, *, by: Staff) -> None:
        """Take it away, until somebody brings it back; a second time changes nothing."""
        if self.removed_at is None:
            self.removed_at = timezone.now()
            self.save(update_fields=["removed_at"])
            AuditEntry.write("notebook.removed", by=by, on=self)

    @transaction.atomic
    def bring_back(self, *, by: Staff) -> None:
        """Undo a removal."""
        if self.removed_at is not None:
            self.removed_at = None
            self.save(update_fields=["removed_at"])
            AuditEntry.write("notebook.brought_back", by=by, on=self)


class NotebookVersion(models.Model):
    """What a notebook was at some time."""

    notebook = models.ForeignKey(Notebook, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=100)
    cells = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("notebook", "version", name="notebook_version_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class Question(models.Model):
    """One SQL text asked of one state of the lake, and what was answered.

    `text_key` is a checksum of the text, `state_key` one of the snapshots it reads; `fault` holds what was said where
    it could not be answered. The rows are a file beside the book, `place`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    sql = models.TextField()
    text_key = models.CharField(max_length=64)
    state_key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    job = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    truncated = models.BooleanField(default=False)
    fault = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["text_key", "-id"], name="question_latest"),
            models.Index(fields=["by"], name="question_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"question {self.pk} ({self.state})"

    @property
    def place(self) -> Path:
        """Where the rows lie."""
        return Path(settings.HOME) / "answers" / f"{self.pk}.arrow"

    @property
    def is_waiting(self) -> bool:
        """Whether it is still at work, or waits for a worker."""
        return self.state == self.State.WAITING

    @property
    def is_done(self) -> bool:
        """Whether it was answered, and the rows are still there."""
        return self.state == self.State.DONE and self.place.is_file()

    def end(self, state: str, **told: Any) -> bool:
        """Say how it came out; False where somebody stopped it before."""
        told |= {"state": state, "finished_at": timezone.now()}
        return bool(Question.objects.filter(pk=self.pk, state=self.State.WAITING).update(**told))
