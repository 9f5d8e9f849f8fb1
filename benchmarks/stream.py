"""From arrival to the lake: events come at a steady rate, and web, workers and lake keep up on two cores, or not.

`guanxi up` serves a shop whose visitors do ten things each, on devices never seen before, and are there while 200,000
events come; the requests are made beforehand, so that the sender does little but send. Every two seconds it is seen
how many events are waiting at each station, while somebody opens pages.

Run with `python -m benchmarks.stream [events a second [seconds]]`; without a rate, from 10,000 events a second down to
the highest at which no backlog grows in three minutes. GUANXI_HOME or GUANXI_DATABASE_URL names the book of one rate.
Prints `name value unit ratio-to-what ratio` lines: the pages' p99; the largest memory; what arrived, was told of and
laid in the lake, beside what was asked for; by how much the backlogs of the two grew in the second half.
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

BODIES, AT_ONCE = 500, 100
VISITORS, VISITS = 1_000, 20  # who come anew with every 100 requests, and how many such hundreds are there at once
PAGES = ("/", "/customers/", "/events/")
RATES = (10_000, 9_000, 8_000, 7_000, 6_000)
PAGE_MS, MEMORY_MB, LOOK = 300, 500, 2.0
MARK, MOMENT = b"@@@@@@@@", b"2000-01-01T00:00:00Z"
ARRIVED = [b"@since-%02d@" % ago for ago in range(VISITS)]


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
    requests: list[bytes]
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
            body = self.body(nth)
            begun = time.perf_counter()
            client.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})
            answer = client.getresponse()
            answer.read()
            self.waits.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise SystemExit(f"/v1/batch answered {answer.status}")
            self.sent, nth = self.sent + AT_ONCE, nth + 1

    def body(self, nth: int) -> bytes:
        """Fill in what a request says at its time: its calls' names, when it is, and who is there."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()).encode()
        body = self.requests[nth % len(self.requests)].replace(MARK, b"%08d" % nth).replace(MOMENT, now)
        for ago, mark in enumerate(ARRIVED):
            body = body.replace(mark, b"%06x" % (VISITS + nth // 100 - ago))
        return body


def bodies(key: str) -> list[bytes]:
    """Write requests beforehand, with marks where the names of their calls, the time and the visitors belong."""
    draw = random.Random(11)

    def one(place: int) -> dict[str, object]:
        who = f"{draw.choice(ARRIVED).decode()}-{draw.randrange(VISITORS):03x}-device"
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


def main(*told: float) -> int:
    """Try one rate, or the highest of some at which no backlog grows, each on a book of its own."""
    if told:
        return 0 if trial(*told) else 1
    for rate in RATES:
        with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as home:
            command = [sys.executable, "-m", "benchmarks.stream", str(rate)]
            if not subprocess.run(command, env={**os.environ, "GUANXI_HOME": home}, check=False).returncode:
                show("stream_highest", rate, "events/s", f"{RATES[0]}_asked_for", rate / RATES[0])
                return 0
    return 1


def trial(rate: float, seconds: float = 180) -> bool:
    """Send at a rate, and print how that went; tells whether no backlog grew."""
    cookie = signed_in(Path(os.environ["GUANXI_HOME"]))
    key, _source = EventSource.make("Benchmark", namespace="bench", by=None, per_second=1_000_000)
    port, pages = free_port(), list[float]()
    with running(port) as pid:
        sender = Sender(port, bodies(key), AT_ONCE / rate)
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
            print(f"{rate:.0f}/s after {passed:.0f} s: {seen[-1]} inbox {inbox.waiting()}", file=sys.stderr)
        sender.over.set()
        for thread in threads:
            thread.join()
        memory = peaks(pid)
    page = statistics.quantiles(pages, n=100)[98] * 1_000
    show("stream_page_p99", page, "ms", f"limit_of_{PAGE_MS}_ms", page / PAGE_MS)
    show("stream_memory", max(memory), "MB", f"limit_of_{MEMORY_MB}_MB", max(memory) / MEMORY_MB)
    return kept_up(seen, seconds, rate)


def kept_up(seen: list[Seen], seconds: float, rate: float) -> bool:
    """Print how fast each station was, and how much its backlog grew over the second half; the lake's goes up and down.

    None grew where it is less than what came within two seconds, or for the lake within a minute more than before.
    """
    half, last = len(seen) // 2, seen[-1]
    for name, done in (("arrived", last.sent), ("told", last.told), ("laid", last.laid)):
        show(f"stream_{name}", done / seconds, "events/s", f"{rate:.0f}_asked_for", done / seconds / rate)
    untold = last.untold - seen[half].untold
    outside = max(each.outside for each in seen[half:]) - max(each.outside for each in seen[:half])
    show("stream_untold_grew", untold, "events", "all_that_came", untold / (seconds / 2 * rate))
    show("stream_outside_grew", outside, "events", "all_that_came", outside / (seconds / 2 * rate))
    return untold < 2 * rate and outside < 60 * rate and last.sent > 0.98 * rate * seconds


if __name__ == "__main__":
    sys.exit(main(*(float(each) for each in sys.argv[1:])))
