"""The pace of work done set by set: as much in one transaction as leaves others their turn to write."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from time import monotonic

from django.db import transaction

LASTS = 0.015  # seconds a transaction may last on SQLite, where others wait for the writer


@dataclass
class Pace:
    """How many are done at once; what took long makes the next set smaller, what was quick makes it larger."""

    size: int
    _: KW_ONLY
    least: int
    most: int

    def keep(self, work: Callable[[], int]) -> int:
        """Do a set in a transaction; gives how many it were, which `work` tells.

        The wait for the writer counts for nothing: it says how busy others are.
        """
        with transaction.atomic():
            begun = monotonic()
            done = work()
        if 2 * done >= self.size:  # fewer say little of how long as many take
            self.size = int(min(max(done * LASTS / max(monotonic() - begun, 0.001), self.least), self.most))
        return done
