"""The door of the collection API: it answers for `/v1/` before Django does, since a page waits for no session here.

A request is answered when its delivery is on disk. What is wrong with single calls is not told here: they go to
quarantine, where people see them, for a library would only drop them unseen.
"""

import base64
import binascii
import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

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

log = logging.getLogger("guanxi.ingest")
Environ = Mapping[str, Any]
PREFIX = "/v1/"
SINGLE = {name: kind.value for kind in Kind for name in (kind.value, kind.value[0])}
BATCH = ("batch", "b", "import")
METRICS = "m"
ALLOWED = "authorization, content-type, content-encoding, x-retry-count"
STATUSES = {
    200: "200 OK", 204: "204 No Content", 400: "400 Bad Request", 401: "401 Unauthorized", 403: "403 Forbidden",
    404: "404 Not Found", 405: "405 Method Not Allowed", 429: "429 Too Many Requests", 503: "503 Service Unavailable",
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
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self.inner(environ, start)
        answer = _answer(environ)
        body = b"" if answer.status == 204 else json.dumps(answer.body).encode()
        headers = [("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *_shared(environ)]
        start(STATUSES[answer.status], [("Content-Type", "application/json"), *headers, *answer.headers])
        return [body]


def _answer(environ: Environ) -> Answer:
    try:
        return _handled(environ)
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


def _handled(environ: Environ) -> Answer:
    name = environ["PATH_INFO"].removeprefix(PREFIX).rstrip("/")
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return Answer(204)
    if name.startswith("projects/") and name.endswith("/settings"):
        return _settings(environ, name.split("/")[1])
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
    if int(environ.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge
    packed = environ["wsgi.input"].read(most + 1)
    return unpacked(packed, environ.get("HTTP_CONTENT_ENCODING", ""), most=most)


def _writer(environ: Environ, delivery: Delivery) -> Writer:
    told = _user_of(environ.get("HTTP_AUTHORIZATION", ""))
    writer = next((found for key in (told, delivery.write_key) if key and (found := KEYS.writer_of(key))), None)
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
    told = {"apiKey": key, "apiHost": f"{_host(environ)}/v1", "protocol": environ.get("wsgi.url_scheme", "https")}
    return Answer(200, {"integrations": {"Segment.io": told}, "plan": {}, "edgeFunction": {}})


def _host(environ: Environ) -> str:
    return str(environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}")


def _shared(environ: Environ) -> list[tuple[str, str]]:
    """Let pages of other addresses read the answer: whether they may write is told by the key and by its source."""
    origin = environ.get("HTTP_ORIGIN", "")
    if not origin:
        return []
    allowed = [("Access-Control-Allow-Methods", "GET, POST, OPTIONS"), ("Access-Control-Allow-Headers", ALLOWED)]
    return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin"), ("Access-Control-Max-Age", "86400"), *allowed]
