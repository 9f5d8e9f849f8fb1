"""What the events of each profile amount to, from which a customer's habits are read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django.db import connection, models, transaction

from guanxi.customers.models.profile import SourceProfile

WRITE = """
    insert into customers_habits (profile_id, summary) values (%s, %s)
    on conflict (profile_id) do update set summary = excluded.summary
"""


RENEW = "update customers_habits set summary = %s where profile_id = %s and summary = %s"
ADD = "insert into customers_habits (profile_id, summary) values (%s, %s) on conflict (profile_id) do nothing"


class HabitsQuerySet(models.QuerySet["Habits"]):
    """Sets of summaries."""

    def renew(self, before: Mapping[int, bytes], after: Mapping[int, bytes]) -> bool:
        """Write summaries in place of those before; tells whether it did, which is all or nothing.

        Where somebody else wrote one of them in between, none is written.
        """
        old = [(after[pk], pk, before[pk]) for pk in sorted(after) if pk in before]
        new = [(pk, after[pk]) for pk in sorted(after) if pk not in before]
        with transaction.atomic():
            done = _written(RENEW, old) + _written(ADD, new)
            if done != len(after):
                transaction.set_rollback(True)
        return done == len(after)

    def held(self, profiles: Collection[int]) -> dict[int, bytes]:
        """Read some summaries in order to change them: whoever would change them too waits."""
        if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
            with connection.cursor() as cursor:
                cursor.execute("lock table customers_habits in share row exclusive mode")
        return self.of(profiles)

    def of(self, profiles: Collection[int]) -> dict[int, bytes]:
        """Read some summaries."""
        rows = self.filter(pk__among=list(profiles)).values_list("pk", "summary")
        return {pk: bytes(summary) for pk, summary in rows}

    def keep(self, summaries: Mapping[int, bytes]) -> None:
        """Write the summaries of some profiles."""
        _written(WRITE, sorted(summaries.items()))


def _written(statement: str, rows: Sequence[Sequence[Any]]) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        return int(cursor.rowcount)


class Habits(models.Model):
    """What one profile's events amount to (see `customers.dynamics`): never merged, so that an unmerge is exact."""

    profile = models.OneToOneField(SourceProfile, models.CASCADE, primary_key=True, related_name="habits")
    summary = models.BinaryField()

    objects = HabitsQuerySet.as_manager()

    class Meta:
        verbose_name_plural: ClassVar = "habits"

    def __str__(self) -> str:
        return f"habits of profile {self.profile_id}"
