"""What staff wrote down about a person."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from guanxi.customers.models.customer import STAFF, CustomerFact


class Note(CustomerFact):
    """One remark by a member of staff."""

    text = models.TextField(max_length=4000)
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    exported_fields: ClassVar = ("text", "written_at")
    erased_fields: ClassVar = ("text",)

    class Meta:
        ordering = ["-written_at"]

    def __str__(self) -> str:
        return self.text[:40]
