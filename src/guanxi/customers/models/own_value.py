"""What customers say in the fields of the shop's own."""

from typing import ClassVar

from django.db import models

from guanxi.customers.models.customer import Customer, CustomerFact
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

    def __str__(self) -> str:
        return f"{self.field_id}"
