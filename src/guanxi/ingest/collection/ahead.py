"""Deliveries read a set ahead by a process of its own, while this one writes what those before said.

Reading asks nothing of the book, and is an eighth of all that the stream costs. The process is started where more waits
than is taken at once, and ended when it has not been needed for a while. Whatever befalls it, the deliveries are in the
inbox until they are done, and this process reads them itself.
"""

import logging
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.companion import READY, serve
from guanxi.ingest.collection.inbox import Received
from guanxi.ingest.collection.reading import Readings, read_all, unpacked

log = logging.getLogger("guanxi.ingest")
PATIENCE = 10.0  # seconds that an answer may take
REST = 60.0  # seconds without work after which the process is ended


class Companion:
    """The other process."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=serve, args=(theirs,), name="reader", daemon=True)
        self._process.start()
        theirs.close()
        self._ready = False

    @property
    def ready(self) -> bool:
        """Tell whether it has started."""
        if not self._ready and self._pipe.poll():
            self._ready = self._pipe.recv_bytes() == READY
        return self._ready

    def ask(self, received: Sequence[Received]) -> None:
        """Have it read some deliveries."""
        self._pipe.send(received)

    def answer(self) -> Readings | None:
        """Wait for what it read, none where it could not; raises OSError, EOFError, or ValueError where it is gone."""
        if not self._pipe.poll(PATIENCE):
            raise TimeoutError
        told = self._pipe.recv_bytes()
        return unpacked(told) if told else None

    def end(self) -> None:
        """End it."""
        self._pipe.close()
        self._process.kill()
        self._process.join()


@dataclass
class Ahead:
    """Gives deliveries set by set, each with what it says."""

    most: int
    _companion: Companion | None = None
    _asked: list[Received] = field(default_factory=list)
    _used_at: float = 0.0

    def take(self, *, more: bool) -> tuple[list[Received], Readings]:
        """Give the next set, and have the one after it read where there is `more` to be taken soon."""
        received, readings = self._next()
        if more and len(received) == self.most:
            self._look_further(received[-1].key)
        return received, readings

    def rest(self) -> None:
        """End the other process where it has not been needed for a while."""
        if self._companion and not self._asked and monotonic() - self._used_at > REST:
            self.end()

    def end(self) -> None:
        """End the other process; what it was reading is read again."""
        if self._companion:
            self._companion.end()
        self._companion, self._asked = None, []

    def _next(self) -> tuple[list[Received], Readings]:
        received, self._asked = self._asked, []
        readings = self._answer() if received else None
        received = received or inbox.oldest(self.most)
        return received, readings or read_all(received)

    def _answer(self) -> Readings | None:
        try:
            return self._companion.answer() if self._companion else None
        except (OSError, EOFError, ValueError):
            log.warning("The process that reads deliveries gave no answer; they are read here.", exc_info=True)
            self.end()
            return None

    def _look_further(self, after: int) -> None:
        further = inbox.oldest(self.most, after=after)
        if len(further) < self.most:
            return
        self._used_at, self._companion = monotonic(), self._companion or Companion()
        try:
            if self._companion.ready:
                self._companion.ask(further)
                self._asked = further
        except (OSError, EOFError):
            log.warning("The process that reads deliveries is gone; another one is started.", exc_info=True)
            self.end()
