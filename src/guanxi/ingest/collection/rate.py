"""How many requests a source may send: a second's worth at once, and no more than so many a second after that."""

import threading
from dataclasses import dataclass, field
from time import monotonic


@dataclass
class Bucket:
    """What one source may still send; it fills again as time goes on (a token bucket)."""

    left: float
    at: float


@dataclass
class Rate:
    """The buckets of this process, which has its share of every limit."""

    share: float = 1.0
    buckets: dict[int, Bucket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, source: int, per_second: int, *, at: float | None = None) -> float:
        """Take one request; gives 0, or the seconds after which one is free again.

        >>> rate = Rate()
        >>> [rate.wait(1, 2, at=0.0), rate.wait(1, 2, at=0.0), rate.wait(1, 2, at=0.0), rate.wait(1, 2, at=0.5)]
        [0.0, 0.0, 0.5, 0.0]
        """
        moment, most = monotonic() if at is None else at, max(per_second * self.share, 1.0)
        with self.lock:
            bucket = self.buckets.setdefault(source, Bucket(most, moment))
            bucket.left = min(most, bucket.left + (moment - bucket.at) * most)
            bucket.at = moment
            if bucket.left < 1:
                return (1 - bucket.left) / most
            bucket.left -= 1
            return 0.0


RATE = Rate()
