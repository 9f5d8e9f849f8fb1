"""Counts of what may happen only so often: kept in the book, so that all processes count together."""

import datetime as dt
import time
from collections.abc import Iterable

from django.db import connection, models

MINUTE = 60  # the turn of a key
TICK = """
    insert into accounts_meter (name, turn, counted) values (%s, %s, 1)
    on conflict (name) do update set
        counted = case when accounts_meter.turn = excluded.turn then accounts_meter.counted + 1 else 1 end,
        turn = excluded.turn
    returning counted
"""


class MeterQuerySet(models.QuerySet["Meter"]):
    """Sets of counts."""

    def lately(self, names: Iterable[str]) -> dict[str, dt.datetime]:
        """Give the minute in which each key called last."""
        turns = self.filter(name__in=list(names)).values_list("name", "turn")
        return {name: dt.datetime.fromtimestamp(turn * MINUTE, dt.UTC) for name, turn in turns}


class Meter(models.Model):
    """How often something happened in the present turn: the calls of a key in a minute, wrong keys from an address."""

    name = models.CharField(max_length=60, primary_key=True)
    turn = models.BigIntegerField()
    counted = models.PositiveIntegerField()

    objects = MeterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name}: {self.counted}"

    @classmethod
    def tick(cls, name: str, *, every_seconds: int) -> tuple[int, int]:
        """Count once more; gives how often it was in this turn, and how many seconds the turn has left."""
        turn, passed = divmod(int(time.time()), every_seconds)
        with connection.cursor() as cursor:
            cursor.execute(TICK, [name, turn])
            counted: int = cursor.fetchone()[0]
        return counted, every_seconds - passed

    @classmethod
    def forget_old(cls) -> None:
        """Delete the counts of addresses; those of keys say when they were last used."""
        cls.objects.filter(name__startswith="address:").delete()
