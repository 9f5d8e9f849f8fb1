"""What the shop wants to reach, what was decided on the way, and the weekly reviews as they were told."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff


class GoalQuerySet(models.QuerySet["Goal"]):
    """Sets of goals."""

    def shown(self) -> Self:
        """Keep those that are neither archived nor removed, the soonest first."""
        return self.filter(archived_at=None, removed_at=None).select_related("owner").order_by("ends_on", "pk")


class Goal(models.Model):
    """A target for one figure by one day.

    `target` and `baseline` are in the figure's own unit (minor units, a count, or a share of one); `raised_by` is the
    rise that was asked for, where the target was given relative to the baseline, which is frozen at creation.
    """

    figure = models.CharField(max_length=30)
    channel = models.CharField(max_length=20, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField()
    target = models.FloatField()
    baseline = models.FloatField(null=True)
    raised_by = models.FloatField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="goal_days"),
            models.CheckConstraint(condition=models.Q(target__gt=0), name="goal_target_above_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.figure} by {self.ends_on}"

    @property
    def is_away(self) -> bool:
        """Whether it is archived or removed."""
        return self.archived_at is not None or self.removed_at is not None

    @property
    def days(self) -> int:
        """How many days it runs, first and last among them."""
        return (self.ends_on - self.starts_on).days + 1

    @transaction.atomic
    def set_by(self, by: Staff) -> None:
        """Write it down for the first time."""
        self.by = by
        self.save()
        AuditEntry.write("goal.set", by=by, on=self, changes={"target": (None, self.target)})

    @transaction.atomic
    def change(self, *, target: float, ends_on: dt.date, owner: Staff, by: Staff) -> None:
        """Change what may change; start and baseline stay. The same again changes nothing."""
        wanted = {"target": target, "ends_on": ends_on, "owner": owner}
        changed = {key: (str(getattr(self, key)), str(new)) for key, new in wanted.items() if getattr(self, key) != new}
        if changed:
            self.target, self.ends_on, self.owner = target, ends_on, owner
            self.save()
            AuditEntry.write("goal.changed", by=by, on=self, changes=changed)

    def archive(self, *, by: Staff) -> None:
        """Put it away; a second time changes nothing."""
        self._mark("archived_at", "goal.archived", by=by)

    def remove(self, *, by: Staff) -> None:
        """Take it away, until somebody brings it back."""
        self._mark("removed_at", "goal.removed", by=by)

    @transaction.atomic
    def bring_back(self, *, by: Staff) -> None:
        """Undo a removal or an archiving."""
        if self.removed_at or self.archived_at:
            self.removed_at = self.archived_at = None
            self.save(update_fields=["removed_at", "archived_at"])
            AuditEntry.write("goal.brought_back", by=by, on=self, changes={})

    @transaction.atomic
    def _mark(self, field: str, act: str, *, by: Staff) -> None:
        if getattr(self, field) is None:
            setattr(self, field, timezone.now())
            self.save(update_fields=[field])
            AuditEntry.write(act, by=by, on=self, changes={})


class Decision(models.Model):
    """What a weekly review decided: who does it until when. Carried over until it is ticked."""

    week = models.DateField()
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, week: dt.date) -> models.QuerySet["Decision"]:
        """Find those made in a week, and those made before that were still open when it began."""
        begun = timezone.make_aware(dt.datetime.combine(week, dt.time()))
        still = models.Q(done_at=None) | models.Q(done_at__gte=begun)
        return cls.objects.filter(still, week__lte=week).select_related("owner").order_by("week", "pk")

    @classmethod
    @transaction.atomic
    def make(cls, week: dt.date, *, by: Staff, text: str, owner: Staff, due_on: dt.date | None = None) -> "Decision":
        """Write one down."""
        made = cls.objects.create(week=week, text=text, owner=owner, due_on=due_on)
        AuditEntry.write("decision.made", by=by, on=made, changes={"text": (None, text)})
        return made

    @transaction.atomic
    def tick(self, *, by: Staff) -> None:
        """Call it done; a second time changes nothing."""
        if self.done_at is None:
            self.done_at = timezone.now()
            self.save(update_fields=["done_at"])
            AuditEntry.write("decision.done", by=by, on=self, changes={})


class Digest(models.Model):
    """The review of one week as it was told on the Monday after, in one language."""

    week = models.DateField()
    language = models.CharField(max_length=10)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("week", "language", name="digest_once_a_week")]

    def __str__(self) -> str:
        return f"week of {self.week}"

    @property
    def finding(self) -> str:
        """The sentence it opens with, below its heading."""
        return next((line for line in self.text.splitlines()[1:] if line), "")
