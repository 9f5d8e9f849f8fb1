"""The inbox where the book is on PostgreSQL."""

from django.db import models


class Delivery(models.Model):
    """One request of a tracking library as it came. Read and written by `ingest.collection.inbox` alone.

    On SQLite the table of this name stands in a file of its own, and the one in the book stays empty.
    """

    source_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, blank=True, default="")
    received_at = models.DateTimeField()
    token = models.CharField(max_length=32)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"delivery {self.pk}"
