"""What events say of orders."""

from typing import ClassVar

from django.db import models

from guanxi.orders.models import Store


class OrderCall(models.Model):
    """One event of one order of a store; `key` tells it from the others, so that what is sent again is known.

    `is_waiting` until the order follows from it.
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    number = models.CharField(max_length=64)
    key = models.BinaryField()
    event_id = models.BigIntegerField()
    is_waiting = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint("store", "number", "key", name="order_call_once")]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(is_waiting=True), name="order_call_waiting"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} of order {self.number}"
