"""The stream: everything that happens, in the past tense."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from guanxi.customers.models.customer import CustomerFact


class EventQuerySet(models.QuerySet["Event"]):
    """Sets of events."""

    def newest_first(self) -> Self:
        """Order as a timeline shows them."""
        return self.order_by("-occurred_at", "-id")


class Event(CustomerFact):
    """Something that happened, named after the Segment e-commerce spec: "Order Completed"."""

    name = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=40)
    properties = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()
    exported_fields: ClassVar = ("name", "occurred_at", "source", "properties")
    erased_fields: ClassVar = ("properties",)

    class Meta:
        indexes = [
            *CustomerFact.Meta.indexes,
            models.Index(fields=["customer", "-occurred_at", "-id", "name"], name="event_story"),
            models.Index(fields=["-occurred_at", "-id"], name="event_newest"),
        ]

    def __str__(self) -> str:
        return self.name
