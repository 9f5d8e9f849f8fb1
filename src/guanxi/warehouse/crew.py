"""Two hands for loading: while the book is claimed from, slices are read and written to files beside it."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from django.db import connection

HANDS = 2
IN_HAND = 3  # slices in memory at once


class Crew:
    """Runs jobs that give lists, on threads with connections of their own, and keeps what they gave in order.

    Works in the caller's thread where another connection would not see the caller's rows: inside a transaction and
    on a database in memory.
    """

    def __init__(self) -> None:
        self.given: list[Any] = []
        self._busy: deque[Future[list[Any]]] = deque()
        self._pool = None if _is_private() else ThreadPoolExecutor(HANDS, thread_name_prefix="lake")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)

    def do(self, job: Callable[..., Iterable[Any]], *args: Any) -> None:
        """Have a job done; waits while too many are in hand, and raises what an earlier one raised."""
        if self._pool is None:
            self.given += job(*args)
            return
        if len(self._busy) >= IN_HAND:
            self.given += self._busy.popleft().result()
        self._busy.append(self._pool.submit(_apart, job, *args))

    def finished(self) -> list[Any]:
        """Wait for all, and give what they gave."""
        while self._busy:
            self.given += self._busy.popleft().result()
        return self.given


def _apart(job: Callable[..., Iterable[Any]], *args: Any) -> list[Any]:
    try:
        return list(job(*args))
    finally:
        connection.close()


def _is_private() -> bool:
    return connection.in_atomic_block or (
        connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"])
    )
