"""The door of the collection API: it answers for `/v1/` before Django does, since a page waits for no session here.

A request is answered when its delivery is on disk. What is wrong with single calls is not told here: they go to
quarantine, where people see them, for a library would only drop them unseen.
"""

import base64
import binascii
import json
import logging
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.calls import MOST_BYTES, Kind
from guanxi.ingest.collection.deliveries import (
    MOST_BATCH_BYTES,
    Delivery,
    NotReadable,
    TooLarge,
    of_batch,
    of_one,
    unpacked,
)
from guanxi.ingest.collection.keys import KEYS, Writer
from guanxi.ingest.collection.rate import rate
from guanxi.ingest.collection.script import script

log = logging.getLogger("guanxi.ingest")
Environ = Mapping[str, Any]
PREFIX = "/v1/"
ELSEWHERE = {"/beacon/v1/batch": "batch", "/sourceConfig": "sourceConfig"}  # where RudderStack's library asks
SINGLE = {name: kind.value for kind in Kind for name in (kind.value, kind.value[0])}
BATCH = ("batch", "b", "import")
METRICS = "m"
SCRIPT = "guanxi.js"
ALLOWED = "authorization, content-type, content-encoding, x-retry-count"
HEADERS = re.compile(r"[\w, -]{1,1000}")
SHOWN = "Retry-After, X-RateLimit-Reset"
STATUSES = {
    200: "200 OK", 204: "204 No Content", 304: "304 Not Modified", 400: "400 Bad Request", 401: "401 Unauthorized",
    403: "403 Forbidden", 404: "404 Not Found", 405: "405 Method Not Allowed", 429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}  # fmt: skip
SORRY = {
    "not_json": (400, "The body is no JSON object that can be read."),
    "too_large": (400, "The body is too large: 32 KB for one call, 500 KB for a batch."),
    "unknown_key": (401, "This write key is none of this shop. Copy it again from the page of the source."),
    "other_origin": (403, "Pages of this address may not write with this key. Add it on the page of the source."),
    "not_here": (404, "There is nothing at this address."),
    "other_method": (405, "Send it by POST."),
    "too_many": (429, "More requests than this source may send. Send this one again later."),
    "closed": (503, "It cannot be kept now. Send it again later."),
}


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


class Sorry(Exception):
    """A request that is not taken; its arguments are a word of `SORRY` and headers."""


class Door:
    """A WSGI application in front of another one."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer what is collected here, and leave everything else to the application behind."""
        name = _name(environ)
        if name is None:
            return self.inner(environ, start)
        if name == SCRIPT and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            return _script(environ, start)
        answer = _answer(environ, name)
        body = b"" if answer.status == 204 else json.dumps(answer.body).encode()
        headers = [("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *_shared(environ)]
        start(STATUSES[answer.status], [("Content-Type", "application/json"), *headers, *answer.headers])
        return [body]


def _name(environ: Environ) -> str | None:
    """Tell what of ours an address names; None where it is another's."""
    path = environ.get("PATH_INFO", "").rstrip("/")
    return path.removeprefix(PREFIX) if path.startswith(PREFIX) else ELSEWHERE.get(path)


def _script(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
    told = script(accepts=environ.get("HTTP_ACCEPT_ENCODING", ""), has=environ.get("HTTP_IF_NONE_MATCH", ""))
    start(STATUSES[told.status], [*told.headers, ("Content-Length", str(len(told.body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else told.body]


def _answer(environ: Environ, name: str) -> Answer:
    try:
        return _handled(environ, name)
    except Sorry as sorry:
        word, *headers = sorry.args
        status, message = SORRY[word]
        return Answer(status, {"code": word, "message": message}, tuple(headers))
    except TooLarge:
        return Answer(400, {"code": "too_large", "message": SORRY["too_large"][1]})
    except NotReadable:
        return Answer(400, {"code": "not_json", "message": SORRY["not_json"][1]})
    except Exception:  # a library drops for good what is answered by 4xx, and tries 5xx again
        log.exception("A delivery could not be taken.")
        return Answer(503, {"code": "closed", "message": SORRY["closed"][1]}, (("Retry-After", "5"),))


def _handled(environ: Environ, name: str) -> Answer:
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return Answer(204)
    if name.startswith("projects/") and name.endswith("/settings"):
        return _settings(environ, name.split("/")[1])
    if name == "sourceConfig":
        return _source_config(environ)
    if name not in SINGLE and name not in BATCH and name != METRICS:
        raise Sorry("not_here")
    if method != "POST":
        raise Sorry("other_method", ("Allow", "POST, OPTIONS"))
    if name == METRICS:
        return Answer(200, {"success": True})
    return _collected(environ, kind=SINGLE.get(name, ""))


def _collected(environ: Environ, *, kind: str) -> Answer:
    body = _body(environ, most=MOST_BYTES if kind else MOST_BATCH_BYTES)
    delivery = of_one(body) if kind else of_batch(body)
    writer = _writer(environ, delivery)
    if seconds := rate().wait(writer.source, writer.per_second):
        later = str(math.ceil(seconds))
        raise Sorry("too_many", ("Retry-After", later), ("X-RateLimit-Reset", later))
    try:
        inbox.put(writer.source, body, kind=kind)
    except inbox.InboxClosed as error:
        log.warning("The inbox takes nothing: %s", error)
        raise Sorry("closed", ("Retry-After", "5")) from error
    return Answer(200, {"success": True})


def _body(environ: Environ, *, most: int) -> bytes:
    """Read the body, and no more of it than may be."""
    told = environ.get("CONTENT_LENGTH")
    length = int(told) if told else most + 1  # some servers wait for what a caller never sends
    if told and length > most:
        raise TooLarge
    packed = environ["wsgi.input"].read(length)
    return unpacked(packed, environ.get("HTTP_CONTENT_ENCODING", ""), most=most)


def _writer(environ: Environ, delivery: Delivery) -> Writer:
    keys = (_user_of(environ.get("HTTP_AUTHORIZATION", "")), delivery.write_key, _asked_key(environ))
    writer = next((found for key in keys if key and (found := KEYS.writer_of(key))), None)
    if writer is None:
        raise Sorry("unknown_key")
    if not writer.may_write_from(environ.get("HTTP_ORIGIN", "")):
        raise Sorry("other_origin")
    return writer


def _user_of(authorization: str) -> str:
    """Read the user of HTTP's Basic authentication, also where the colon after it is missing.

    >>> _user_of("Basic a2V5Og=="), _user_of("Basic a2V5"), _user_of("Bearer x"), _user_of("Basic ä")
    ('key', 'key', '', '')
    """
    scheme, _, word = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(word, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def _settings(environ: Environ, key: str) -> Answer:
    """Tell a page's library where to send to, as it asks at its start."""
    if KEYS.writer_of(key) is None:
        raise Sorry("unknown_key")
    told = {"apiKey": key, "apiHost": f"{_host(environ)}/v1", "protocol": _scheme(environ)}
    return Answer(200, {"integrations": {"Segment.io": told}, "plan": {}, "edgeFunction": {}})


def _source_config(environ: Environ) -> Answer:
    """Tell RudderStack's library that its source is there and that it sends nowhere else."""
    writer = KEYS.writer_of(_user_of(environ.get("HTTP_AUTHORIZATION", "")) or _asked_key(environ))
    if writer is None:
        raise Sorry("unknown_key")
    own = {"id": str(writer.source), "name": "Guanxi", "enabled": True, "config": {}, "destinations": []}
    return Answer(200, {"source": own})


def _asked_key(environ: Environ) -> str:
    """Read the key from behind the question mark, where a page that is left can put nothing else."""
    try:
        asked: dict[str, list[str]] = parse_qs(environ.get("QUERY_STRING", ""), max_num_fields=20)
        return asked.get("writeKey", [""])[0]
    except ValueError:  # too many fields
        return ""


def _scheme(environ: Environ) -> str:
    """Tell how the page came, also where a proxy of ours ends TLS: its pages may send by https alone."""
    header, value = settings.SECURE_PROXY_SSL_HEADER or ("", "")
    return "https" if header and environ.get(header) == value else str(environ.get("wsgi.url_scheme", "https"))


def _host(environ: Environ) -> str:
    return str(environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}")


def _shared(environ: Environ) -> list[tuple[str, str]]:
    """Let pages of other addresses read the answer: whether they may write is told by the key and by its source.

    Whatever headers a library wants to send it may: they differ by library and version, and no cookie comes along.
    """
    origin = environ.get("HTTP_ORIGIN", "")
    if not origin:
        return []
    wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    return [
        ("Access-Control-Allow-Origin", origin), ("Vary", "Origin"), ("Access-Control-Max-Age", "86400"),
        ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
        ("Access-Control-Allow-Headers", wanted if HEADERS.fullmatch(wanted) else ALLOWED),
        ("Access-Control-Expose-Headers", SHOWN),
    ]  # fmt: skip
