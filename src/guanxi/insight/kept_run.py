"""What computations of insight leave in the book: as of which day, from what, what they said of all, and when."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Self

from django.db import models
from django.utils import timezone

OFTENEST = dt.timedelta(hours=1)


class KeptRun(models.Model):
    """The last computation as of one day.

    `told` holds what it said of all together; `basis` names the snapshots of the lake it was computed from.
    """

    as_of = models.DateField(unique=True)
    told = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    seconds = models.FloatField()
    finished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @classmethod
    def latest(cls) -> Self | None:
        """Find the run that pages tell of; None before the first."""
        return cls._default_manager.order_by("-finished_at").first()

    @classmethod
    def is_due(cls, basis: Mapping[str, int], day: Callable[[], dt.date], *, rests: int) -> bool:
        """Tell whether another run would change something: another day, or other facts; and not all the time.

        `rests` is for how many times its own length a computation lets the machine alone, an hour at least.
        """
        last = cls.latest()
        if last is None or not basis:
            return bool(basis)
        if timezone.now() < last.finished_at + max(OFTENEST, rests * dt.timedelta(seconds=last.seconds)):
            return False
        return last.basis != basis or last.as_of != day()
