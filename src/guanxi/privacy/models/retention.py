"""Rules of retention: what is kept for how long, and what their nightly work did."""

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.models import AuditEntry
from guanxi.customers.models.customer import STAFF


class RetentionRuleQuerySet(models.QuerySet["RetentionRule"]):
    """Sets of rules."""

    def in_force(self) -> Self:
        """Keep those that run at night."""
        return self.filter(is_on=True)


class RetentionRule(models.Model):
    """How long one kind of records is kept, in days; off until somebody switches it on."""

    subject = models.SlugField(max_length=30, unique=True)
    days = models.PositiveIntegerField()
    is_on = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")

    objects = RetentionRuleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.subject} {self.days}"

    @classmethod
    @transaction.atomic
    def decide(cls, subject: str, *, days: int, is_on: bool, by: Any) -> "RetentionRule":
        """Keep a kind of records so long from now on; the same again changes nothing."""
        rule = cls.objects.select_for_update().filter(subject=subject).first() or cls(subject=subject, days=0)
        changes = {"days": (rule.days or None, days), "is_on": (rule.is_on, is_on)}
        if rule.pk is None or any(was != now for was, now in changes.values()):
            rule.days, rule.is_on, rule.by_id, rule.changed_at = days, is_on, by and by.pk, timezone.now()
            rule.save()
            AuditEntry.write("retention.decided", by=by, on=f"retention:{subject}", changes=changes)
        return rule


class RetentionRun(models.Model):
    """What the rules did in one night, by subject."""

    at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"retention {self.at:%Y-%m-%d}"
