"""A running server of the collection API with pages of a shop beside it, and a source whose key libraries send with."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.db import connection

from guanxi.accounts.models import Staff
from guanxi.customers.models import Event
from guanxi.ingest.collection import inbox, keys
from guanxi.ingest.collection.door import Door
from guanxi.ingest.collection.keys import KEYS
from guanxi.ingest.collection.working import drained
from guanxi.ingest.models import EventSource, Quarantined
from tests.web.process import until

MODULES = Path(__file__).parents[3] / "node_modules"
BUNDLES = {
    "/next.js": MODULES / "@segment/analytics-next/dist/umd/index.js",
    "/rudder.js": MODULES / "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass
class Shop:
    """The server, and what its pages hold: html by path, headers of all pages; `down` has the API answer 503."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Where events go."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def site(self) -> str:
        """Where the pages are: to a browser another origin."""
        return f"http://localhost:{self.port}"

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        self.asked.append((environ["REQUEST_METHOD"], path))
        if self.down and environ["REQUEST_METHOD"] == "POST":
            start("503 Service Unavailable", [("Access-Control-Allow-Origin", self.site)])
            return [b""]
        try:
            return Door(self.page)(environ, start)
        finally:
            connection.close()  # each request has a thread of its own

    def page(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        body = held(path) if path in BUNDLES else self.pages.get(path, "").encode()
        kind = "text/javascript" if path.endswith(".js") else "text/html; charset=utf-8"
        start("200 OK", [("Content-Type", kind), *self.headers])
        return [body]


@cache
def held(path: str) -> bytes:
    return BUNDLES[path].read_bytes()


def empty_the_inbox() -> None:
    """Forget what the server kept, where it kept it in the book: no test's transaction takes that back."""

    def emptied() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"delete from {inbox.TABLE}")
        connection.close()

    if connection.vendor == "postgresql":
        thread = threading.Thread(target=emptied)
        thread.start()
        thread.join()


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    shop = Shop()
    with make_server("127.0.0.1", 0, shop, Server, Quiet) as listening:
        shop.port = listening.server_port
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield shop
        listening.shutdown()
        thread.join()
    with django_db_blocker.unblock():
        empty_the_inbox()


@pytest.fixture(scope="module")
def browser(chromium: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """The browser; beside its loop this thread has a connection of its own, which nobody else would close."""
    yield chromium
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def shop(server: Shop) -> Shop:
    server.pages, server.headers, server.down, server.asked = {}, [], False, []
    return server


@pytest.fixture
def key(owner: Staff, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A write key, known to the server's threads, which see nothing of the test's transaction."""
    settings.HOME = tmp_path
    monkeypatch.setattr(keys, "close_old_connections", lambda: None)
    monkeypatch.setattr(keys, "FRESH", 3_600.0)
    empty_the_inbox()
    secret = EventSource.make("Own shop", namespace="web", by=owner)[0]
    KEYS.read_at = -3_600.0
    assert KEYS.writer_of(secret)
    yield secret
    KEYS.read_at = -3_600.0


def calls() -> list[dict[str, Any]]:
    """Every call that waits in the inbox, as it was sent; one that two windows sent stands here once."""
    found = [json.loads(each.body) for each in inbox.oldest(500)]
    told = [call for each in found for call in each.get("batch", [each])]
    return list({call["messageId"]: call for call in told}.values())


def worked(expected: int) -> Counter[str]:
    """Wait for so many calls, work them off, and count the events by name."""
    until(lambda: len(calls()) >= expected, 30)
    for _done in drained():
        pass
    assert list(Quarantined.objects.values_list("reason", "event")) == []
    return Counter(Event.objects.filter(source="web").values_list("name", flat=True))
