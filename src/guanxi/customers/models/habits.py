"""What the events of each profile amount to, from which a customer's habits are read."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db import connection, models

from guanxi.customers.models.profile import SourceProfile

WRITE = """
    insert into customers_habits (profile_id, summary) values (%s, %s)
    on conflict (profile_id) do update set summary = excluded.summary
"""


class HabitsQuerySet(models.QuerySet["Habits"]):
    """Sets of summaries."""

    def held(self, profiles: Collection[int]) -> dict[int, bytes]:
        """Read some summaries in order to change them: whoever would change them too waits."""
        if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
            with connection.cursor() as cursor:
                cursor.execute("lock table customers_habits in share row exclusive mode")
        return self.of(profiles)

    def of(self, profiles: Collection[int]) -> dict[int, bytes]:
        """Read some summaries."""
        rows = self.filter(pk__in=list(profiles)).values_list("pk", "summary")
        return {pk: bytes(summary) for pk, summary in rows}

    def keep(self, summaries: Mapping[int, bytes]) -> None:
        """Write the summaries of some profiles."""
        with connection.cursor() as cursor:
            cursor.executemany(WRITE, sorted(summaries.items()))


class Habits(models.Model):
    """What one profile's events amount to (see `customers.dynamics`): never merged, so that an unmerge is exact."""

    profile = models.OneToOneField(SourceProfile, models.CASCADE, primary_key=True, related_name="habits")
    summary = models.BinaryField()

    objects = HabitsQuerySet.as_manager()

    class Meta:
        verbose_name_plural: ClassVar = "habits"

    def __str__(self) -> str:
        return f"habits of profile {self.profile_id}"
