"""What an import counts, kept on its row in the transaction of each chunk."""

import time
from collections import Counter
from typing import Any

from guanxi.ingest.models import Import


class Tally:
    """Counters of one import; unsaved ones are lost with their transaction, as they should be."""

    def __init__(self, batch: Import, *, since: float | None = None) -> None:
        self.counts: Counter[str] = Counter(batch.counts)
        self.rows_done = batch.rows_done
        self.seconds = batch.seconds
        self._since = time.monotonic() if since is None else since

    def add(self, **more: int) -> None:
        """Count more."""
        self.rows_done += more.pop("rows_done", 0)
        self.counts.update(more)

    def save(self, batch: Import, **values: Any) -> None:
        """Write the counters, and where the import stands."""
        at = time.monotonic()
        self.seconds, self._since = self.seconds + at - self._since, at
        batch.set(counts=dict(self.counts), rows_done=self.rows_done, seconds=self.seconds, **values)
