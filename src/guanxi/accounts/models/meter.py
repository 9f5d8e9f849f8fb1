"""Counts of what may happen only so often: kept in the book, so that all processes count together."""

import datetime as dt
import time
from collections.abc import Iterable
from threading import Lock

from django.db import connection, models

MINUTE = 60  # the turn of a key
SHARE = 64  # a process takes one part in so many of what is left
TICK = """
    insert into accounts_meter (name, turn, counted) values (%s, %s, %s)
    on conflict (name) do update set
        counted = case when accounts_meter.turn = excluded.turn then accounts_meter.counted else 0 end
            + excluded.counted,
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
        return cls._add(name, turn, 1), every_seconds - passed

    @classmethod
    def spend(cls, name: str, *, of: str, most: int, every_seconds: int) -> tuple[int, int]:
        """Count once more of `most`; gives how many are left, below 0 where none was, and the seconds of the turn.

        A process takes several at a time, the fewer the fewer are left, so that few calls write into the book: all
        processes together never get more than `most`. `of` tells apart whoever bore the same name before.
        """
        turn, passed = divmod(int(time.time()), every_seconds)
        left = _taken.spend((name, of), turn)
        if left is None:
            before = _taken.left((name, of), turn, most)
            some = max(1, before // SHARE)
            after = most - cls._add(name, turn, some)
            left = _taken.take((name, of), turn, some, after)
        return left, every_seconds - passed

    @classmethod
    def _add(cls, name: str, turn: int, many: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(TICK, [name, turn, many])
            counted: int = cursor.fetchone()[0]
        return counted

    @classmethod
    def forget_old(cls) -> None:
        """Delete the counts of addresses; those of keys say when they were last used."""
        cls.objects.filter(name__startswith="address:").delete()


class _Taken:
    """What this process took of counts and has not used; by name, with the turn it is good for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[tuple[str, str], tuple[int, int, int]] = {}  # turn, in hand, left in the book

    def spend(self, who: tuple[str, str], turn: int) -> int | None:
        """Use one that is in hand and give how many are left; None where there is none."""
        with self._lock:
            kept, in_hand, left = self._kept.get(who, (turn, 0, 0))
            if kept != turn or not in_hand:
                return None
            self._kept[who] = turn, in_hand - 1, left
            return left + in_hand - 1

    def left(self, who: tuple[str, str], turn: int, most: int) -> int:
        """Give how many were left in the book when this process asked last."""
        kept, _in_hand, left = self._kept.get(who, (turn, 0, most))
        return left if kept == turn else most

    def take(self, who: tuple[str, str], turn: int, some: int, left: int) -> int:
        """Take some more in hand, of which those past the end do not count, and use one; gives how many are left."""
        with self._lock:
            kept, in_hand, _left = self._kept.get(who, (turn, 0, 0))
            in_hand = (in_hand if kept == turn else 0) + max(0, some + min(0, left))
            self._kept[who] = turn, max(0, in_hand - 1), max(0, left)
            return max(0, left) + in_hand - 1


_taken = _Taken()
