"""What orders say in the fields of the shop's own."""

from django.db import models

from guanxi.orders.models.order import Order
from guanxi.shop.models import FieldValue


class OrderValue(FieldValue):
    """What one order says in one field."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="own_values", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint("order", "field", "nth", name="order_value_once")]
        indexes = [
            models.Index(*("field", "word", "order"), name="order_value_word", condition=models.Q(word__isnull=False)),
            models.Index(
                *("field", "number", "order"), name="order_value_number", condition=models.Q(number__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field_id}"
