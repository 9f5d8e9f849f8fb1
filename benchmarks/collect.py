"""How fast events are taken over loopback, on disk before they are answered: batches of 100 by a few clients, and
single ones at 400 a second. The reference is a Django view with pydantic and `bulk_create`, served in the same way by
as many processes, in the same run.

Run with `python -m benchmarks.collect [seconds]`; GUANXI_HOME or GUANXI_DATABASE_URL names the book. The clients share
the machine with the server. Prints `name value unit ratio-to-what ratio` lines.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from benchmarks.imports import free_port, until_ready
from django.core.management import call_command
from django.db import connections

from guanxi.ingest.collection import inbox
from guanxi.ingest.models import EventSource

CLIENTS, AT_ONCE, SINGLE_RATE, BODIES = 4, 100, 400, 200
P99_BATCH_MS, P99_SINGLE_MS = 60, 100
NAMES = ("Product Viewed", "Product Added", "Products Searched", "Checkout Started", "Page Viewed")


def call(draw: random.Random) -> dict[str, object]:
    """Make up a call as a browser's library sends it, 600 bytes or so."""
    sku = f"SKU-{draw.randrange(5_000)}"
    return {
        "type": "track", "event": draw.choice(NAMES), "messageId": f"ajs-{draw.getrandbits(96):x}",
        "anonymousId": f"{draw.randrange(100_000):08x}-device",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "properties": {"sku": sku, "name": f"Oolong tea {sku}", "category": "Tea", "price": 38.5, "currency": "CNY"},
        "context": {
            "page": {"url": f"https://shop.example/p/{sku}?utm_source=wx", "path": f"/p/{sku}", "title": "Oolong"},
            "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15",
            "locale": "zh-CN", "library": {"name": "analytics.js", "version": "2.1"},
        },
    }  # fmt: skip


def bodies(key: str, seed: int, *, size: int) -> list[bytes]:
    """Write requests beforehand, so that the clients do little but send."""
    draw = random.Random(seed)
    return [json.dumps({"writeKey": key, "batch": [call(draw) for _ in range(size)]}).encode() for _ in range(BODIES)]


def send(port: int, path: str, told: list[bytes], until: float, waits: list[float], *, pause: float = 0.0) -> None:
    """Send one after the other until the time is over; what is not answered by 200 ends the run."""
    client = HTTPConnection("127.0.0.1", port)
    due, nth = time.perf_counter(), 0
    while time.perf_counter() < until:
        if pause:
            due += pause
            time.sleep(max(0.0, due - time.perf_counter()))
        begun = time.perf_counter()
        client.request("POST", path, told[nth % len(told)], {"Content-Type": "application/json"})
        answer = client.getresponse()
        answer.read()
        waits.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        nth += 1
    client.close()


def load(
    port: int, path: str, seconds: float, each: Callable[[int], list[bytes]], *, pause: float = 0.0
) -> list[float]:
    """Have clients send for a while; gives how long each request took."""
    told, waits, until = [each(nth) for nth in range(CLIENTS)], list[float](), time.perf_counter() + seconds
    threads = [
        threading.Thread(target=send, args=(port, path, mine, until, waits), kwargs={"pause": pause}) for mine in told
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def show(name: str, value: float, unit: str, beside: str, ratio: float) -> None:
    """Print a line."""
    print(f"{name} {value:.1f} {unit} {beside} {ratio:.2f}", flush=True)


def p99(waits: list[float]) -> float:
    """Give the 99th percentile in milliseconds."""
    return statistics.quantiles(waits, n=100)[98] * 1_000


def measured(arguments: list[str], key: str, seconds: float) -> tuple[float, float, float]:
    """Start a server, and give events a second, the p99 of batches and that of single ones at their rate, in ms."""
    port = free_port()
    server = subprocess.Popen([sys.executable, *(each.replace("PORT", str(port)) for each in arguments)])
    try:
        until_ready(port)
        load(port, "/v1/batch", 1.0, lambda nth: bodies(key, nth, size=AT_ONCE))
        waits = load(port, "/v1/batch", seconds, lambda nth: bodies(key, 10 + nth, size=AT_ONCE))
        single = load(
            port, "/v1/batch", seconds, lambda nth: bodies(key, 20 + nth, size=1), pause=CLIENTS / SINGLE_RATE
        )
    finally:
        server.terminate()
        server.wait(20)
    return len(waits) * AT_ONCE / seconds, p99(waits), p99(single)


def main(seconds: float = 10.0) -> None:
    """Measure both, and print."""
    from benchmarks._collected import make

    call_command("migrate", verbosity=0)
    key, _source = EventSource.make("Benchmark", namespace="bench", by=None, per_second=1_000_000)
    make()
    connections.close_all()
    theirs, their_p99, their_single = measured(
        ["-c", "from benchmarks._collected import serve; serve(PORT)"], key, seconds
    )
    ours, our_p99, our_single = measured(["-m", "guanxi", "web", "--port", "PORT"], key, seconds)
    show("collect_batches", ours, "events/s", "django_with_pydantic", ours / theirs)
    show("collect_batch_p99", our_p99, "ms", f"limit_of_{P99_BATCH_MS}_ms", our_p99 / P99_BATCH_MS)
    show("collect_single_p99", our_single, "ms", f"limit_of_{P99_SINGLE_MS}_ms", our_single / P99_SINGLE_MS)
    show("collect_usual_p99", their_p99, "ms", "ours", their_p99 / our_p99)
    show("collect_usual_single_p99", their_single, "ms", "ours", their_single / our_single)
    print(f"waiting {inbox.waiting()} deliveries", file=sys.stderr)


if __name__ == "__main__":
    main(*(float(each) for each in sys.argv[1:]))
