"""A second pair of hands: while the book is claimed from and read, the rows read before are written to files."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

IN_HAND = 2  # tables in memory at once


class Crew:
    """Runs jobs that give lists on one other thread, and keeps what they gave in order. They know nothing of the book.

    Reading the book itself on another connection was tried: it keeps the write-ahead log from being emptied, and
    everything takes longer.
    """

    def __init__(self) -> None:
        self.given: list[Any] = []
        self._busy: deque[Future[list[Any]]] = deque()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lake")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)

    def do(self, job: Callable[..., Iterable[Any]], *args: Any) -> None:
        """Have a job done; waits while too many are in hand, and raises what an earlier one raised."""
        if len(self._busy) >= IN_HAND:
            self.given += self._busy.popleft().result()
        self._busy.append(self._pool.submit(lambda: list(job(*args))))

    def finished(self) -> list[Any]:
        """Wait for all, and give what they gave."""
        while self._busy:
            self.given += self._busy.popleft().result()
        return self.given
