"""Errors of the API as RFC 9457 has them: a status, a kind, and a sentence that says what to do."""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import HttpError, ValidationError

from guanxi.accounts.models import BadKey, KeyReused, StillRunning
from guanxi.core.errors import BadInput, GuanxiError, Refused

TYPE = "application/problem+json"
KIND = "urn:guanxi:problem:"
log = logging.getLogger("guanxi.api")


class ScopeMissing(Refused):
    """The key, or the role of whoever made it, does not allow this."""


class TooManyCalls(Refused):
    """The key, or the address, called more often than it may."""

    def __init__(self, sentence: str, *, wait_seconds: int) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds


class NotValid(BadInput):
    """Some of what was sent cannot be taken; `fields` says what is wrong with each."""

    def __init__(self, fields: Mapping[str, str | Promise], *, status: int = 422) -> None:
        super().__init__(_("Some of this cannot be taken as it is; “fields” says what and how to mend it."))
        self.fields, self.status = {name: str(said) for name, said in fields.items()}, status


KINDS: Mapping[int, tuple[str, str | Promise]] = {
    400: ("bad-request", gettext_lazy("The request cannot be read")),
    401: ("bad-key", gettext_lazy("No key that opens")),
    403: ("forbidden", gettext_lazy("The key does not allow this")),
    404: ("not-found", gettext_lazy("Not found")),
    405: ("method-not-allowed", gettext_lazy("No such method here")),
    409: ("conflict", gettext_lazy("Not now")),
    413: ("too-large", gettext_lazy("Too large")),
    415: ("not-json", gettext_lazy("Not the right kind of content")),
    422: ("not-valid", gettext_lazy("Not valid")),
    429: ("too-many-calls", gettext_lazy("Too many calls")),
    500: ("our-fault", gettext_lazy("Something broke here")),
    503: ("not-available", gettext_lazy("Not available")),
}
SENTENCES: Mapping[int, str | Promise] = {
    400: gettext_lazy("Send JSON in UTF-8, as the description of the API shows."),
    401: gettext_lazy("Send a key: “Authorization: Bearer gxk_…”. An owner makes one under Settings."),
    403: gettext_lazy("Ask an owner for a key with the scope this needs."),
    404: gettext_lazy("There is nothing under this address, or this key may not see it. Look the id up in a list."),
    405: gettext_lazy("Use one of the methods that the Allow header names."),
    409: gettext_lazy(
        "Something that exists, or is running, stands in the way. Look at what the answer names, then send it again."
    ),
    413: gettext_lazy("Send less at once."),
    415: gettext_lazy("Send it as the kind of content that the description names, with its Content-Type."),
    422: gettext_lazy("Mend what “fields” names, and send it again. Nothing was changed."),
    429: gettext_lazy("Wait as many seconds as the Retry-After header says."),
    500: gettext_lazy("Nothing was changed. Try again; if it stays, give the X-Request-ID to whoever runs Guanxi."),
    503: gettext_lazy("Try again in a while."),
}
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (BadKey, 401),
    (ScopeMissing, 403),
    (PermissionDenied, 403),
    (Http404, 404),
    (StillRunning, 409),
    (RequestDataTooBig, 413),
    (KeyReused, 422),
    (TooManyCalls, 429),
    (Refused, 409),
    (BadInput, 422),
    (GuanxiError, 503),
)


@dataclass(frozen=True)
class Problem:
    """One error as it is answered; `fields` names what was wrong where."""

    status: int
    detail: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def answer(self) -> HttpResponse:
        """Write it."""
        kind, title = KINDS.get(self.status, KINDS[400 if self.status < 500 else 500])
        detail = self.detail or str(SENTENCES.get(self.status, SENTENCES[400]))
        told: dict[str, Any] = {"type": KIND + kind, "title": str(title), "status": self.status, "detail": detail}
        if self.fields:
            told["fields"] = dict(self.fields)
        text = json.dumps(told, ensure_ascii=False).encode(errors="replace")
        return HttpResponse(text, status=self.status, content_type=TYPE, headers=dict(self.headers))


def answer_to(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer an error; one that nobody foresaw is written into the log, without what it quotes."""
    problem = problem_of(error)
    if problem.status >= 500:
        log.error("%s in the API", type(error).__name__, exc_info=error)
    return problem.answer


def problem_of(error: Exception) -> Problem:
    """Say an error as a problem."""
    if isinstance(error, ValidationError):
        return Problem(422, str(NotValid({})), _fields(error.errors))
    if isinstance(error, HttpError):
        return Problem(error.status_code)
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    detail = str(error) if isinstance(error, GuanxiError) else ""
    if isinstance(error, NotValid):
        return Problem(error.status, detail, error.fields)
    return Problem(status, detail, headers=_headers(status, error))


def _headers(status: int, error: Exception) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="Guanxi"'}
    return {"Retry-After": str(error.wait_seconds)} if isinstance(error, TooManyCalls) else {}


def _fields(errors: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Name every field that was wrong, and how; what was sent is not repeated, for it may be personal."""
    told: dict[str, str] = {}
    for each in errors:
        place = [str(part) for part in each.get("loc", ())]
        name = ".".join(place[2:] if place[:1] == ["body"] else place[1:]) or "body"
        told.setdefault(_printable(name), _sentence(each))
    return told


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in name)[:100]


def _sentence(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a field in our own words; pydantic's, without what was sent, where we have none."""
    kind, limits = str(error.get("type", "")), error.get("ctx", {})
    known = SAID.get(kind)
    if known:
        return str(known) % {name: value for name, value in limits.items() if isinstance(value, (int, str, float))}
    if kind == "value_error":
        return str(limits.get("error", error.get("msg", "")))
    return re.sub(r"\s+", " ", str(error.get("msg", "")))[:200]


SAID: Mapping[str, str | Promise] = {
    "missing": gettext_lazy("This is missing. Send it."),
    "extra_forbidden": gettext_lazy("There is no such field. Leave it out, or look for its name in the description."),
    "string_type": gettext_lazy("This has to be a text."),
    "string_unicode": gettext_lazy("This is no valid Unicode. Send it without halves of surrogate pairs."),
    "string_too_long": gettext_lazy("At most %(max_length)s letters."),
    "string_too_short": gettext_lazy("At least %(min_length)s letters."),
    "int_type": gettext_lazy("This has to be a whole number."),
    "int_parsing": gettext_lazy("This has to be a whole number."),
    "bool_type": gettext_lazy("This has to be true or false."),
    "model_type": gettext_lazy("This has to be an object."),
    "model_attributes_type": gettext_lazy("This has to be an object."),
    "less_than_equal": gettext_lazy("At most %(le)s."),
    "greater_than_equal": gettext_lazy("At least %(ge)s."),
    "enum": gettext_lazy("One of these: %(expected)s."),
    "literal_error": gettext_lazy("One of these: %(expected)s."),
}
