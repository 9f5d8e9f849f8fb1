"""One act of staff upon many people at once, so that it can be taken back as one."""

from django.db import models
from django.utils import timezone

from guanxi.customers.models.channel import Channel
from guanxi.customers.models.customer import STAFF
from guanxi.customers.models.tag import Tag


class BulkAct(models.Model):
    """Who did what to how many people, and when.

    What it wrote bears its very moment and its author (`tagged_at`, `written_at`, `withdrawn_at`), which is how it is
    found again.
    """

    class Kind(models.TextChoices):
        """What was done."""

        TAG = "tag"
        NOTE = "note"
        CONSENT = "consent"

    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel, blank=True, default="")
    reached = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.reached}"
