"""Whose write key it is, from memory: what is read of the book holds for a few seconds, in every process."""

import threading
from dataclasses import dataclass, field
from time import monotonic

from django.db import close_old_connections
from django.db.models import Q

from guanxi.core.time import now
from guanxi.ingest.models.source import WriteKey, digest_of

FRESH = 5.0  # seconds; so long a key that has ended still writes
STRANGERS = 0.5  # seconds between two looks for a key that is not known


@dataclass(frozen=True)
class Writer:
    """A source that may write, by one of its keys."""

    source: int
    origins: tuple[str, ...]
    per_second: int

    def may_write_from(self, origin: str) -> bool:
        """Tell whether a page of this origin may write; a program names none."""
        return not origin or not self.origins or origin in self.origins


@dataclass
class Keys:
    """The keys in force, read anew when they are no longer fresh."""

    read_at: float = -FRESH
    writers: dict[str, Writer] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def writer_of(self, secret: str) -> Writer | None:
        """Find whose key it is; None where it opens nothing."""
        digest = digest_of(secret)
        limit = FRESH if digest in self.writers else STRANGERS
        if monotonic() - self.read_at >= limit:
            with self.lock:
                if monotonic() - self.read_at >= limit:
                    self._read()
        return self.writers.get(digest)

    def forget(self) -> None:
        """Read anew at the next question."""
        self.read_at = -FRESH

    def _read(self) -> None:
        close_old_connections()
        in_force = WriteKey.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()), source__retired_at=None)
        told = in_force.values_list("digest", "source_id", "source__origins", "source__per_second")
        self.writers = {digest: Writer(source, tuple(origins), most) for digest, source, origins, most in told}
        self.read_at = monotonic()


KEYS = Keys()
