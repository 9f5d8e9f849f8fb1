"""What several parts of a page ask for is read once for it: the company, the names of its stores.

Only for requests that read; elsewhere, and where something changes, everything is read when it is asked for.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

READING = {"GET", "HEAD"}
T = TypeVar("T")
_read: ContextVar[dict[object, Any] | None] = ContextVar("read", default=None)


class Once:
    """Begins every request that reads with nothing read yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        before = _read.set({} if request.method in READING else None)
        try:
            return self.get_response(request)
        finally:
            _read.reset(before)


def once(read: Callable[[], T]) -> Callable[[], T]:
    """Have a function answer every part of a page what it answered the first."""

    @wraps(read)
    def told() -> T:
        known = _read.get()
        if known is None:
            return read()
        if read not in known:
            known[read] = read()
        return cast("T", known[read])

    return told
