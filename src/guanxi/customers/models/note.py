"""What staff wrote down about a person."""

from typing import ClassVar

from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id
from guanxi.customers.models.customer import STAFF, CustomerFact, check_undo


class Note(CustomerFact):
    """One remark by a member of staff."""

    PREFIX: ClassVar = "nte"

    text = models.TextField(max_length=4000)
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    exported_fields: ClassVar = ("text", "written_at")
    erased_fields: ClassVar = ("text",)

    class Meta(CustomerFact.Meta):
        ordering = ["-written_at"]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @transaction.atomic
    def take_back(self, *, by: Staff) -> None:
        """Remove a note that its writer regrets; TooLateToUndo after a while."""
        check_undo(self.written_at)
        if self.customer:
            self.customer.record("Note Removed", by=by.pk)
            self.customer.audit("note_removed", by=by, note=(self.text, None))
        self.delete()
