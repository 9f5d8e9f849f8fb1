"""The gate of the API: whoever calls is known, within their rate and their scopes, before anything is read or done.

What changes something is one transaction. It is answered after the commit, an error takes all of it back, and the
rights are asked for once more before it ends: a role changed meanwhile lets nothing through.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from enum import Enum
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from ninja import Router, UploadedFile
from ninja.decorators import decorate_view

from guanxi.accounts.models import Answer, BadKey, Caller, Meter
from guanxi.accounts.models.meter import MINUTE
from guanxi.accounts.problems import NotValid, Problem, ScopeMissing, TooManyCalls, answer_to
from guanxi.accounts.roles import FIELDS
from guanxi.accounts.scopes import SCOPES
from guanxi.core.errors import Refused

WRONG_KEYS = 50  # from one address
WRONG_FOR = 15 * 60
BODY_BYTES = 1024**2
SAFE = {"GET", "HEAD"}
ONCE = {"POST", "PATCH"}
WORD = re.compile(r"[\x21-\x7e]{1,255}")
SHOWING = tuple(f"{field.name}." for field in FIELDS)
Run = Callable[..., HttpResponse]


class Way(Enum):
    """How a route works: in one transaction, in one that it begins itself, without any, or reading alone."""

    AT_ONCE = "at once"
    LATE = "late"
    APART = "apart"
    READS = "reads"


class ApiRequest(HttpRequest):
    """A request of the API behind the gate.

    A route that works late calls `begin` where its transaction starts; what it is to `hold` until that has ended, it
    takes before.
    """

    user: Caller
    begin: Callable[[], None]
    hold: Callable[[AbstractContextManager[Any]], Any]


class AnsweredBefore(Refused):
    """The request came before; it is answered the same, and nothing is done."""


class Resource(Router):
    """The routes of one resource. Each says which scope it needs."""

    def offers(
        self, verb: str, title: str | Promise, scope: str, answers: dict[int, Any], *, way: Way = Way.AT_ONCE
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a route, such as `GET /notes`, and the way in which it works."""
        method, _blank, path = verb.partition(" ")
        if scope not in SCOPES:
            raise LookupError(scope)

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            declare = self.api_operation(
                [method],
                path,
                response=answers,
                operation_id=view.__name__,
                url_name="-".join(re.sub(r"[{}]", "", part) for part in path.strip("/").split("/")),
                openapi_extra={"x-scope": scope, "x-title": title, "x-once": method in ONCE and way is not Way.READS},
            )
            guarded: Callable[..., Any] = declare(decorate_view(lambda run: _gate(run, scope, way))(view))
            return guarded

        return register


def key_of(request: HttpRequest) -> Caller | None:
    """Say who calls; for ninja, which asks after the gate did. A route without a gate lets nobody in."""
    caller = getattr(request, "user", None)
    return caller if isinstance(caller, Caller) else None


def _gate(run: Run, scope: str, way: Way) -> Run:
    known = set(_names(run))
    limit = settings.IMPORT_MAX_BYTES + BODY_BYTES if way is Way.APART else BODY_BYTES

    def gated(request: ApiRequest, **words: Any) -> HttpResponse:
        try:
            headers = _admit(request, scope)
        except (BadKey, ScopeMissing, TooManyCalls) as error:
            return answer_to(request, error)
        try:
            _check(request, known, limit)
            is_read = request.method in SAFE or way is Way.READS
            response = run(request, **words) if is_read else _WAYS[way](run, request, **words)
        except Exception as error:  # noqa: BLE001 - whatever happens, a program gets an answer it can read
            response = answer_to(request, error)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return gated


def _names(run: Run) -> Iterator[str]:
    """Name what the address may ask for."""
    for model in run.__self__.models:  # type: ignore[attr-defined]
        if model.__ninja_param_source__ == "query":
            yield from model.__ninja_flatten_map__


def _admit(request: ApiRequest, scope: str) -> dict[str, str]:
    """Find who calls, count the call, look at the scope; gives what the answer says of the rate."""
    address = request.META.get("REMOTE_ADDR") or ""
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        caller = Caller.by(secret.strip() if scheme.lower() == "bearer" else "")
    except BadKey:
        _count_wrong(address)
        raise
    caller.address = address or None
    key = caller.key
    rest, left = Meter.spend(key.meter, of=key.digest, most=key.per_minute, every_seconds=MINUTE)
    if rest < 0:
        said = _("This key may call %(most)s times a minute. Wait %(seconds)s seconds.")
        raise TooManyCalls(said % {"most": key.per_minute, "seconds": left}, wait_seconds=left)
    if scope not in key.scopes or not all(caller.may(each) for each in SCOPES[scope].permissions if _must(each)):
        raise ScopeMissing(
            _("This needs a key with the scope %(scope)s, made by somebody who may do it.") % {"scope": scope}
        )
    request.user = caller
    return {
        "RateLimit-Policy": f'"key";q={key.per_minute};w={MINUTE}',
        "RateLimit": f'"key";r={rest};t={left}',
        "Cache-Control": "no-store",
    }


def _must(permission: str) -> bool:
    """Tell a permission without which the route is closed from one that only shows a field."""
    return not permission.startswith(SHOWING)


def _count_wrong(address: str) -> None:
    counted, left = Meter.tick(f"address:{address}", every_seconds=WRONG_FOR)
    if counted > WRONG_KEYS:
        said = _("Too many wrong keys came from this address. Wait %(minutes)s minutes, and look at the key.")
        raise TooManyCalls(said % {"minutes": left // 60 + 1}, wait_seconds=left)


def _check(request: ApiRequest, known: set[str], limit: int) -> None:
    """Refuse what the address asks for in vain, and what is too large to be read."""
    unknown = {name: _("There is no such parameter. Leave it out.") for name in request.GET if name not in known}
    if unknown:
        raise NotValid(unknown)
    size = request.META.get("CONTENT_LENGTH") or "0"
    if not size.isdecimal() or int(size) > limit:
        raise NotValid({"body": _("At most %(most)s bytes at once.") % {"most": limit}}, status=413)
    if request.method not in SAFE and request.content_type not in {"", "application/json", "multipart/form-data"}:
        raise NotValid({"Content-Type": _("Send application/json.")}, status=415)


def _at_once(run: Run, request: ApiRequest, **words: Any) -> HttpResponse:
    """Do it in one transaction, once for each idempotency key."""
    with transaction.atomic():
        answer = _claimed(request)
        if answer and answer.status:
            return answer.again(rights=request.user.rights)
        return _finished(run(request, **words), request, answer)


def _late(run: Run, request: ApiRequest, **words: Any) -> HttpResponse:
    """Let a route look at what was sent before it begins the transaction in which it writes, so that it is short."""
    begun: dict[str, Answer | None] = {}
    with ExitStack() as writing:

        def begin() -> None:
            writing.enter_context(transaction.atomic())
            begun["answer"] = None
            begun["answer"] = answer = _claimed(request)
            if answer and answer.status:
                raise AnsweredBefore

        request.begin, request.hold = begin, writing.enter_context
        response = run(request, **words)
        if not begun:
            return response
        answer = begun["answer"]
        if answer and answer.status:
            return answer.again(rights=request.user.rights)
        return _finished(response, request, answer)


def _claimed(request: ApiRequest) -> Answer | None:
    word = _word(request)
    return Answer.claim(request.user.key, word, _asked(request)) if word else None


def _finished(response: HttpResponse, request: ApiRequest, answer: Answer | None) -> HttpResponse:
    """Ask for the rights once more, and keep what is answered; an error takes everything back."""
    if response.status_code < 400 and not _still(request):
        response = answer_to(request, BadKey(_("The rights of this key changed meanwhile. Nothing was done.")))
    if response.status_code >= 400:
        transaction.set_rollback(True)
    elif answer:
        answer.keep(response, rights=request.user.rights)
    return response


def _apart(run: Run, request: ApiRequest, **words: Any) -> HttpResponse:
    """Do what takes long outside of a transaction: whoever sends it again meanwhile is told that it is at work."""
    answer = _claimed(request)
    if answer and answer.status:
        return answer.again(rights=request.user.rights)
    response = run(request, **words)
    if answer and response.status_code < 400:
        answer.keep(response, rights=request.user.rights)
    elif answer:
        answer.delete()
    return response


_WAYS = {Way.AT_ONCE: _at_once, Way.LATE: _late, Way.APART: _apart}


def _still(request: ApiRequest) -> bool:
    """Tell whether the key opens what it opened when the request came."""
    secret = request.headers.get("Authorization", "").partition(" ")[2].strip()
    try:
        now = Caller.by(secret)
    except BadKey:
        return False
    return now.role == request.user.role and now.allowed == request.user.allowed


def _word(request: ApiRequest) -> str:
    word = request.headers.get("Idempotency-Key") if request.method in ONCE else None
    if word is not None and not WORD.fullmatch(word):
        raise NotValid({"Idempotency-Key": _("1 to 255 visible ASCII letters, such as a UUID.")}, status=400)
    return word or ""


def _asked(request: ApiRequest) -> str:
    """Compute a fingerprint of all that a request asks for."""
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode(errors="replace"))
    if request.content_type == "multipart/form-data":
        said.update(json.dumps(sorted(request.POST.lists())).encode())
        for name, file in sorted(cast("dict[str, UploadedFile]", request.FILES).items()):
            said.update(f"\n{name} {file.name}\n".encode(errors="replace"))
            for chunk in file.chunks():
                said.update(chunk)
            file.seek(0)
    else:
        said.update(request.body)
    return said.hexdigest()


def refused(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say as a problem what the framework refused before the gate: an unknown address or method, a broken request."""
    allow = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
    return Problem(response.status_code, headers=allow).answer
