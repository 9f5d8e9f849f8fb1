"""When a mart was last computed, and up to which day: by a worker, or by whoever called `guanxi marts run`."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.pages.shell import AsOf
from guanxi.warehouse.models import MartRun

PROMISED = dt.timedelta(days=1)


@dataclass
class Computed:
    """The last computation that succeeded: up to which day, and when it ended."""

    as_of: dt.date
    finished_at: dt.datetime

    @classmethod
    def last(cls, mart: str) -> "Computed | None":
        """Find that of a mart; None before the first."""
        run = MartRun.objects.of(mart).filter(state=MartRun.State.DONE).first()
        return cls(dt.date.fromisoformat(run.parameters["as_of"]), run.finished_at) if run else None

    @staticmethod
    def is_there(mart: str) -> bool:
        """Tell whether a mart was ever computed."""
        return MartRun.objects.of(mart).filter(state=MartRun.State.DONE).exists()

    @property
    def age(self) -> AsOf:
        """Tell when that was, with the reason where it is too long ago."""
        age = AsOf(self.finished_at, PROMISED)
        reason = _("The figures were not computed since. See whether the worker runs.")
        return AsOf(self.finished_at, PROMISED, reason) if age.stale else age
