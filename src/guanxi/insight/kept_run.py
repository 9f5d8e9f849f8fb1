"""What computations of insight leave in the book: as of which day, from what, what they said of all, and when."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Self

from django.db import models
from django.utils import timezone

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


class KeptRun(models.Model):
    """The last computation as of one day; `basis` names the snapshots of the lake it was computed from."""

    as_of = models.DateField(unique=True)
    basis = models.JSONField(default=dict)
    seconds = models.FloatField()
    finished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @classmethod
    def latest(cls) -> Self | None:
        """Find the newest run, the one that scores and figures come from; None before the first."""
        return cls._default_manager.order_by("-finished_at").first()

    @classmethod
    def is_due(
        cls, basis: Mapping[str, int], day: Callable[[], dt.date], *, rests: int = 20, least: dt.timedelta = MINUTE
    ) -> bool:
        """Tell whether another run would change something, and not all the time.

        `rests` is for how many times its own length a computation lets the machine alone, `least` for how long anyhow.
        """
        last = cls.latest()
        if last is None or not basis:
            return bool(basis)
        if timezone.now() < last.finished_at + max(least, rests * dt.timedelta(seconds=last.seconds)):
            return False
        return last.differs(basis, day())

    def differs(self, basis: Mapping[str, int], day: dt.date) -> bool:
        """Tell whether a run would give something else: another day, or other facts in the lake."""
        return self.basis != basis or self.as_of != day


class ToldRun(KeptRun):
    """A run that says something of all customers or figures together: `told`."""

    told = models.JSONField(default=dict)

    class Meta:
        abstract = True
