"""How many requests a source may send: a second's worth at once, and no more than so many a second after that.

The web processes of one machine count together, in a small file they share. What is lost with it is a second's worth.
"""

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from django.conf import settings

FILE = "rates"
BUCKET = struct.Struct("dd")  # what a source may still send, and when that was counted
SOURCES = 4_096  # with buckets of their own; more share them


class Rate:
    """The buckets of all sources, in a file or for this process alone; they fill again as time goes on."""

    def __init__(self, path: Path | None = None) -> None:
        self.path, self._threads = path, threading.Lock()
        self._file: int | None = None  # open as long as the process lives
        self._buckets: mmap.mmap | None = None

    def wait(self, source: int, per_second: int, *, at: float | None = None) -> float:
        """Take one request; gives 0, or the seconds after which one is free again.

        >>> rate = Rate()
        >>> [rate.wait(1, 2, at=9.0), rate.wait(1, 2, at=9.0), rate.wait(1, 2, at=9.0), rate.wait(1, 2, at=9.5)]
        [0.0, 0.0, 0.5, 0.0]
        """
        moment, most, place = monotonic() if at is None else at, float(max(per_second, 1)), source % SOURCES
        with self._alone() as buckets:
            left, since = BUCKET.unpack_from(buckets, place * BUCKET.size)
            fresh = since == 0 or since > moment  # never used, or before this machine started anew
            left = most if fresh else min(most, left + (moment - since) * most)
            BUCKET.pack_into(buckets, place * BUCKET.size, left - 1 if left >= 1 else left, moment)
        return 0.0 if left >= 1 else (1 - left) / most

    @contextmanager
    def _alone(self) -> Iterator[mmap.mmap]:
        """Give the buckets to one thread of one process at a time."""
        with self._threads:
            if self._buckets is None:
                self._open()
            buckets, file = self._buckets, self._file
            if file is not None:
                fcntl.lockf(file, fcntl.LOCK_EX)
            try:
                yield buckets  # type: ignore[misc]  # opened above
            finally:
                if file is not None:
                    fcntl.lockf(file, fcntl.LOCK_UN)

    def _open(self) -> None:
        size = SOURCES * BUCKET.size
        if self.path is None:
            self._buckets = mmap.mmap(-1, size)
            return
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, size)
        self._buckets = mmap.mmap(self._file, size)


_rates: dict[Path, Rate] = {}


def rate() -> Rate:
    """Give the buckets of this installation."""
    path = Path(settings.HOME) / FILE
    return _rates.setdefault(path, Rate(path))
