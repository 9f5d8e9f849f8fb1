"""The stream: everything that happens, in the past tense."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from guanxi.core import bulk
from guanxi.customers.models.customer import Customer, CustomerFact
from guanxi.warehouse.models import ARRIVED, LakeSource, announce, ranges


class EventQuerySet(models.QuerySet["Event"]):
    """Sets of events."""

    def newest_first(self) -> Self:
        """Order as a timeline shows them."""
        return self.order_by("-occurred_at", "-id")

    @transaction.atomic
    def create(self, **told: Any) -> "Event":
        """Add one, and have it be told of."""
        made = super().create(**told)
        _announce([made.pk])
        return made

    @transaction.atomic
    def bulk_create(self, objs: Iterable["Event"], *args: Any, **options: Any) -> list["Event"]:
        """Add some, and have them be told of."""
        made = super().bulk_create(objs, *args, **options)
        _announce([each.pk for each in made])
        return made

    @transaction.atomic
    def append(self, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many as rows of stored values (see `core.bulk`), the first of `columns` their reserved `id`."""
        bulk.insert(Event, [*columns, "lake_batch"], [(*row, ARRIVED) for row in rows])
        _announce([row[0] for row in rows])


class Event(CustomerFact, LakeSource):
    """Something that happened, named after the Segment e-commerce spec: "Order Completed"."""

    customer = models.ForeignKey(  # found by `event_story`: most of what happens is nobody's, and needs no second index
        Customer, models.PROTECT, null=True, blank=True, related_name="events", db_index=False
    )
    name = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=40)
    properties = models.JSONField(default=dict)
    lake_batch = models.BigIntegerField(null=True, default=ARRIVED, editable=False)

    objects = EventQuerySet.as_manager()
    exported_fields: ClassVar = ("name", "occurred_at", "source", "properties")
    erased_fields: ClassVar = ("properties",)

    class Meta(LakeSource.Meta):
        indexes = [
            *LakeSource.Meta.indexes,
            *CustomerFact.Meta.indexes,
            models.Index(
                fields=["customer", "-occurred_at", "-id", "name"],
                condition=models.Q(customer__isnull=False),
                name="event_story",
            ),
            models.Index(fields=["-occurred_at", "-id"], name="event_newest"),
        ]

    def __str__(self) -> str:
        return self.name


class Untold(models.Model):
    """Neighbouring events that were added together and that nobody was told of yet (see `customers.dispatch`)."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"events {self.first_id} to {self.last_id}"


class DepartureQuerySet(models.QuerySet["Departure"]):
    """How far events have left the book."""

    def until(self) -> dt.datetime | None:
        """Give the moment from which on every event is in the book; None where none ever left it."""
        found: dt.datetime | None = self.aggregate(until=models.Max("until"))["until"]
        return found

    def record(self, until: dt.datetime) -> None:
        """Remember that events from before a moment may leave the book; before the first of them does."""
        if (self.until() or dt.datetime.min.replace(tzinfo=dt.UTC)) < until:
            self.update_or_create(pk=1, defaults={"until": until})


class Departure(models.Model):
    """Up to when events may have left the book for the lake; one row."""

    until = models.DateTimeField()

    objects = DepartureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d %H:%M:%S}"


def _announce(ids: Sequence[int]) -> None:
    """Have new events go to the lake and be told of, in the transaction that adds them."""
    announce(Event, ids)
    Untold.objects.bulk_create(Untold(first_id=first, last_id=last) for first, last in ranges(sorted(ids)))
