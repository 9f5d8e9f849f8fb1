"""From arrival to the lake: events come at a steady rate, and web, workers and lake keep up on two cores, or not.

`guanxi up` serves a shop that people of 50,000 devices visit; the calls are made beforehand, so that the sender does
little but send. Every two seconds it is seen how many events are waiting at each station, while somebody opens pages.

Run with `python -m benchmarks.stream [events a second] [seconds]`; GUANXI_HOME or GUANXI_DATABASE_URL names the book.
Prints `name value unit ratio-to-what ratio` lines: what arrived and what was told of, beside what was asked for; the
backlog at the end beside half way, each with the lake's in the next lines; the pages' p99; the largest memory.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from benchmarks.collect import call, show
from benchmarks.imports import fetch, free_port, signed_in, until_ready
from django.db.models import F, Sum

from guanxi.customers.models import Event, Untold
from guanxi.ingest.collection import inbox
from guanxi.ingest.models import EventSource
from guanxi.warehouse.models import SyncBatch

DEVICES, BODIES, AT_ONCE = 50_000, 500, 100
PAGES = ("/", "/customers/", "/events/")
PAGE_MS, MEMORY_MB, LOOK = 300, 500, 2.0
MARK, MOMENT = b"@@@@@@@@", b"2000-01-01T00:00:00Z"


@dataclass
class Seen:
    """What was waiting at one moment: deliveries' calls, events nobody was told of, and events not in the lake."""

    sent: int
    told: int
    laid: int

    @property
    def untold(self) -> int:
        """How many events nobody was told of yet."""
        return self.sent - self.told

    @property
    def outside(self) -> int:
        """How many events are not in the lake yet."""
        return self.sent - self.laid


@dataclass
class Sender:
    """Sends at a steady rate, and counts what was taken; what comes too late is sent at once."""

    port: int
    told: list[bytes]
    pause: float
    sent: int = 0
    waits: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self) -> None:
        """Send until it is over; each body with names of its own, and the time of now."""
        client, due, nth = HTTPConnection("127.0.0.1", self.port), time.perf_counter(), 0
        while not self.over.is_set():
            due += self.pause
            time.sleep(max(0.0, due - time.perf_counter()))
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()).encode()
            body = self.told[nth % len(self.told)].replace(MARK, b"%08d" % nth).replace(MOMENT, now)
            begun = time.perf_counter()
            client.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})
            answer = client.getresponse()
            answer.read()
            self.waits.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise SystemExit(f"/v1/batch answered {answer.status}")
            self.sent, nth = self.sent + AT_ONCE, nth + 1


def bodies(key: str) -> list[bytes]:
    """Write requests beforehand, with marks where the names of their calls and the time belong."""
    draw = random.Random(11)

    def one(place: int) -> dict[str, object]:
        who = f"{draw.randrange(DEVICES):08x}-device"
        return call(draw) | {"messageId": f"{MARK.decode()}-{place}", "anonymousId": who, "timestamp": MOMENT.decode()}

    return [
        json.dumps({"writeKey": key, "batch": [one(nth * AT_ONCE + each) for each in range(AT_ONCE)]}).encode()
        for nth in range(BODIES)
    ]


@contextmanager
def running(port: int) -> Iterator[int]:
    """Have the whole product run; gives the id of its process."""
    command = [sys.executable, "-m", "guanxi", "up", "--port", str(port)]
    with Path(os.environ["GUANXI_HOME"], "up.log").open("wb") as log:
        product = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            until_ready(port, tries=1_200)
            yield product.pid
        finally:
            product.terminate()
            product.wait(60)


def look(sender: Sender) -> Seen:
    """See how far everything is."""
    untold = Untold.objects.aggregate(n=Sum(F("last_id") - F("first_id") + 1))["n"] or 0
    there = Event.objects.count()
    laid = SyncBatch.objects.filter(feed="events", state=SyncBatch.State.APPENDED).aggregate(n=Sum("rows"))["n"] or 0
    return Seen(sender.sent, there - untold, laid)


def open_pages(port: int, cookie: str, waits: list[float], over: threading.Event) -> None:
    """Open one page after the other, five a second."""
    nth = 0
    while not over.wait(0.2):
        begun = time.perf_counter()
        if fetch(port, PAGES[nth % len(PAGES)], cookie) == 200:
            waits.append(time.perf_counter() - begun)
        nth += 1


def peaks(pid: int) -> list[int]:
    """Give the largest memory so far of a process and of those it started, in MB."""
    found = [pid]
    for each in found:
        found += [int(child) for child in Path(f"/proc/{each}/task/{each}/children").read_text().split()]
    lines = [Path(f"/proc/{each}/status").read_text().splitlines() for each in found]
    return [int(line.split()[1]) // 1024 for some in lines for line in some if line.startswith("VmHWM")]


def main(rate: float = 10_000, seconds: float = 180) -> None:
    """Send for a while, look, and print."""
    cookie = signed_in(Path(os.environ["GUANXI_HOME"]))
    key, _source = EventSource.make("Benchmark", namespace="bench", by=None, per_second=1_000_000)
    port, told, pages = free_port(), bodies(key), list[float]()
    with running(port) as pid:
        sender = Sender(port, told, AT_ONCE / rate)
        threads = [
            threading.Thread(target=sender.send),
            threading.Thread(target=open_pages, args=(port, cookie, pages, sender.over)),
        ]
        for thread in threads:
            thread.start()
        seen, begun = [look(sender)], time.perf_counter()
        while (passed := time.perf_counter() - begun) < seconds:
            time.sleep(LOOK)
            seen.append(look(sender))
            print(f"{passed:.0f} s {seen[-1]} inbox {inbox.waiting()}", file=sys.stderr)
        sender.over.set()
        for thread in threads:
            thread.join()
        memory = peaks(pid)
    tell(seen, seconds, rate)
    page = statistics.quantiles(pages, n=100)[98] * 1_000
    show("stream_page_p99", page, "ms", f"limit_of_{PAGE_MS}_ms", page / PAGE_MS)
    show("stream_memory", max(memory), "MB", f"limit_of_{MEMORY_MB}_MB", max(memory) / MEMORY_MB)


def tell(seen: list[Seen], seconds: float, rate: float) -> None:
    """Print how fast each station was, and how much its backlog grew over the second half."""
    half, last = seen[len(seen) // 2], seen[-1]
    for name, done in (("arrived", last.sent), ("told", last.told), ("laid", last.laid)):
        show(f"stream_{name}", done / seconds, "events/s", f"{rate:.0f}_asked_for", done / seconds / rate)
    more = seconds / 2 * rate
    show("stream_untold_grew", last.untold - half.untold, "events", "all_that_came", (last.untold - half.untold) / more)
    grew = last.outside - half.outside
    show("stream_outside_grew", grew, "events", "all_that_came", grew / more)


if __name__ == "__main__":
    main(*(float(each) for each in sys.argv[1:]))
