"""What sources were seen to send: names of events and of their fields, and how many an hour. No values."""

from typing import ClassVar

from django.db import models

from guanxi.ingest.collection.names import NAMED
from guanxi.ingest.models.source import EventSource

LOOKS = ("Page Viewed", "Screen Viewed")


class SeenEvent(models.Model):
    """An event a source sends: how often, its fields with how often and of which types, and those that were dropped.

    `fields` is `{"price": {"n": 12, "types": ["number"]}}`, `dropped` is `{"email": 3}`: names alone are kept.
    """

    source = models.ForeignKey(EventSource, models.CASCADE, related_name="seen_events", db_index=False)
    name = models.CharField(max_length=100)
    count = models.PositiveBigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    fields = models.JSONField(default=dict)
    dropped = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("source", "name", name="event_seen_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def in_catalogue(self) -> bool:
        """Whether it means something here, or is one of the shop's own."""
        return self.name in NAMED or self.name in LOOKS


class SourceHour(models.Model):
    """What came of a source within one hour: how many events, and which were the newest."""

    source = models.ForeignKey(EventSource, models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    events = models.PositiveBigIntegerField(default=0)
    newest = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("source", "hour", name="hour_of_source")]

    def __str__(self) -> str:
        return f"{self.source_id} at {self.hour}"
