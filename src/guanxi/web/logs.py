"""Logs that a program reads: one JSON object a line, each with the id of its request, none with anybody's data.

A request is named by its route, never by its address, which may hold what somebody searched for; an error by where it
arose and its kind, without its text, which may quote a customer. Switched on by `GUANXI_LOG=json`.
"""

import json
import logging
import re
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic

from django.http import HttpRequest, HttpResponseBase

from guanxi.core.errors import GuanxiError

GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
FRAMEWORK = ("django.request", "django.security", "django.server")
request_id: ContextVar[str] = ContextVar("request_id", default="")
log = logging.getLogger("guanxi.requests")


class Requests:
    """Gives every request an id, that of the proxy where it sent one, and writes a line when it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say how it went."""
        given = request.headers.get("X-Request-ID", "")
        known = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        token, begun = request_id.set(known), monotonic()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = known
            match = request.resolver_match
            facts = {
                "method": request.method,
                "route": match.view_name if match else None,
                "status": response.status_code,
                "ms": round((monotonic() - begun) * 1000, 1),
            }
            log.info("request", extra={"facts": facts})
            return response
        finally:
            request_id.reset(token)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Spell a record; the framework's own sentences quote addresses and stay out."""
        quotes = record.name.startswith(FRAMEWORK)
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(record.msg).partition(":")[0] if quotes else record.getMessage(),
            "request": request_id.get() or None,
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1]:
            told["error"] = _told(record.exc_info[1])
        return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def _told(error: BaseException) -> str:
    words = f": {error}" if isinstance(error, GuanxiError) else ""
    return "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__qualname__}{words}"
