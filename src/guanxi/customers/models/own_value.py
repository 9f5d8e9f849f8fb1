"""What customers say in the fields of the shop's own."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models

from guanxi.customers.models.customer import Customer, CustomerFact
from guanxi.guard.sealing import seal, unseal
from guanxi.shop.models import FieldValue


class CustomerValue(FieldValue, CustomerFact):
    """What one person says in one field."""

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="own_values", db_index=False)

    exported_fields: ClassVar = ("field", "word", "number", "long", "sealed")
    erased_fields: ClassVar = ("word", "number", "long", "sealed")

    class Meta:
        constraints = [models.UniqueConstraint("customer", "field", "nth", name="customer_value_once")]
        indexes = [
            *CustomerFact.Meta.indexes,
            models.Index(
                *("field", "word", "customer"), name="customer_value_word", condition=models.Q(word__isnull=False)
            ),
            models.Index(
                *("field", "number", "customer"), name="customer_value_number", condition=models.Q(number__isnull=False)
            ),
        ]

    @classmethod
    def clear(cls, whose: Mapping[str, Any], *, profile: Any = None) -> None:
        """Take away what stands; what another identity of the person said is theirs again after an unmerge."""
        standing = cls.objects.filter(**whose)
        others = standing.exclude(profile=None).exclude(profile=profile).select_related("profile")
        for each in others if profile else ():
            home = each.profile.home_id if each.profile else None
            each.move(home if home != each.customer_id else None)
        standing.delete()
        if profile:
            cls.objects.filter(profile=profile, field=whose["field"]).delete()

    def move(self, customer: int | None) -> None:
        """Have it be somebody else's, or wait with nobody; what is personal is sealed for its new place."""
        if self.sealed:
            text = unseal(self.sealed, self._place)
            self.customer_id = customer
            self.sealed = seal(text, self._place)
        self.customer_id = customer
        self.save(update_fields=["customer", "sealed"])

    @property
    def _place(self) -> str:
        """Name the place of a sealed value; one that waits with nobody stands at its profile, told by a minus."""
        owner = self.customer_id if self.customer_id is not None else -(self.profile_id or 0)
        return self.place(owner, self.field_id)

    def __str__(self) -> str:
        return f"{self.field_id}"
