"""A program of somebody else that listens on this machine, and what a shop tells it."""

import base64
import datetime as dt
import hmac
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.customers import dispatch
from guanxi.customers.models import Customer, Event
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import rounds


class Receiver:
    """A server that answers what it is told to and remembers what it got; `held` keeps it from answering."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.usual: tuple[int, dict[str, str], bytes] = (200, {}, b"thanks")
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.busy = threading.Event()
        self.free = threading.Event()
        self.free.set()
        self.server = ThreadingHTTPServer((host, 0), self._handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://{host}:{self.server.server_port}/hook"

    def stop(self) -> None:
        self.free.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.got]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.busy.set()
                receiver.free.wait(20)
                status, headers, answer = receiver.answers.pop(0) if receiver.answers else receiver.usual
                if not status:  # garbage
                    self.wfile.write(answer)
                    return
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: object) -> None:
                pass

        return Handler


@pytest.fixture
def receivers(settings: Any) -> Iterator[Callable[..., Receiver]]:
    """Start receivers on addresses of this machine, which the settings allow here."""
    settings.HTTP_OUT_ALLOWED, settings.WEBHOOKS_OVER_HTTP = ["127.0.0.0/8"], True
    made: list[Receiver] = []

    def started(host: str = "127.0.0.1") -> Receiver:
        made.append(Receiver(host))
        return made[-1]

    yield started
    for each in made:
        each.stop()


@pytest.fixture
def receiver(receivers: Callable[..., Receiver]) -> Receiver:
    return receivers()


@pytest.fixture
def webhook(receiver: Receiver, owner: Staff) -> Webhook:
    """The ERP wants to hear of every order."""
    return Webhook.make(receiver.url, names=["Order Completed"], description="ERP", by=owner)


def ordered(count: int = 1, *, customer: Customer | None = None, ago: dt.timedelta = dt.timedelta()) -> list[Event]:
    """Have orders be completed, and told of."""
    at = timezone.now() - ago
    made = [
        Event.objects.create(
            name="Order Completed", occurred_at=at, source="own", customer=customer,
            profile=customer.house_profile if customer else None,
            properties={"order": nth + 1, "number": f"T-{nth}", "store": "tea", "total_minor": 26_800},
        )
        for nth in range(count)
    ]  # fmt: skip
    dispatch.tell_all()
    return made


def sent(webhook: Webhook) -> list[WebhookDelivery]:
    """Send what is due of a webhook, and give its deliveries."""
    rounds.send_all(webhook.pk, seconds=60)
    return list(webhook.deliveries.order_by("pk"))


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check a message as the standard says it, written apart from the code that signs."""
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = base64.b64encode(hmac.new(base64.b64decode(secret[len("whsec_") :]), content, "sha256").digest()).decode()
    pairs = [each.split(",", 1) for each in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(given, wanted) for version, given in pairs)
