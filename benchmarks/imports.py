"""Importing a year of invoices, beside Django's bulk_create of the same lines in the same run.

Then the file again and ten times the file (ids shifted), both with two users reading pages meanwhile. Run with
`python -m benchmarks.imports`; the file is found by GUANXI_DATA. Prints `name value unit ratio-to-what ratio` lines.
"""

import csv
import gzip
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

FILE = Path(os.environ.get("GUANXI_DATA", "../shared/data")) / "online_retail" / "online_retail_2010_2011.csv.gz"
LINES = 541_909
TIMES = 10
MEMORY_MB = 600
PAGE_MS = 300
ORDERS_AT_ONCE = 1_000
LINES_AT_ONCE = 5_000


def main() -> None:
    """Measure each in a process and a home of its own."""
    home = Path(tempfile.mkdtemp(prefix="guanxi-bench-"))
    reference = child(home / "reference", "reference", FILE)
    once = child(home / "once", "ours", FILE)
    rate, beside = LINES / once["seconds"], LINES / reference["seconds"]
    print(f"import_rows {rate:.0f} rows/s bulk_create {rate / beside:.2f}", flush=True)
    print(f"import_memory {once['peak_mb']:.0f} MB limit_600_MB {once['peak_mb'] / MEMORY_MB:.2f}", flush=True)
    large = repeated(home / "large.csv.gz")
    with reading_pages(home / "watched"):
        watched = child(home / "watched", "ours", FILE)
    with reading_pages(home / "large") as waits:
        much = child(home / "large", "ours", large)
    print(f"import_ten_times {much['seconds']:.1f} s one_time {much['seconds'] / watched['seconds']:.2f}", flush=True)
    p99 = statistics.quantiles(waits, n=100)[98] * 1000
    print(f"page_p99_during_import {p99:.0f} ms limit_300_ms {p99 / PAGE_MS:.2f}", flush=True)


def child(home: Path, act: str, file: Path) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.imports", act, str(file)],
        env={**os.environ, "GUANXI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "guanxi.settings"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def ours(file: Path) -> float:
    """Import the file, everything included: reading, people, goods, orders, refunds, events, undo log."""
    from guanxi.ingest.begin import begin
    from guanxi.ingest.run import run

    start = time.perf_counter()
    batch = run(begin([file], preset="online-retail"))
    assert batch.counts["lines"] + batch.counts["refund_lines"] == batch.counts["rows"]
    return time.perf_counter() - start


def reference(file: Path) -> float:
    """Create the same lines by Django's bulk_create; their orders are there already and cost nothing here."""
    from django.utils import timezone

    from guanxi.orders.models import Order, OrderLine, Store

    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    store = Store.open("shop", name="shop", channel="own", currency="GBP", time_zone="Europe/London")
    now = timezone.now()
    orders = [
        Order(store=store, number=number, placed_at=now, placed_on=now.date(), currency="GBP", source="bench")
        for number in dict.fromkeys(row["InvoiceNo"] for row in rows)
    ]
    Order.objects.bulk_create(orders, batch_size=ORDERS_AT_ONCE)
    keys = dict(Order.objects.values_list("number", "pk"))
    numbers: dict[str, int] = {}

    def lines() -> Iterator[OrderLine]:
        for row in rows:
            number = numbers[row["InvoiceNo"]] = numbers.get(row["InvoiceNo"], 0) + 1
            quantity, price = Decimal(row["Quantity"]), Decimal(row["UnitPrice"])
            yield OrderLine(
                order_id=keys[row["InvoiceNo"]],
                line_number=number,
                sku=row["StockCode"],
                product_name=row["Description"],
                quantity=quantity,
                unit_price=price,
                amount_minor=int(quantity * price * 100),
            )

    start, made = time.perf_counter(), lines()
    while some := list(islice(made, LINES_AT_ONCE)):
        OrderLine.objects.bulk_create(some)
    return time.perf_counter() - start


def repeated(path: Path) -> Path:
    """Write the file ten times over, every document, customer and good's numbers shifted."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as text:
        head, *rows = list(csv.reader(text))
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as out:
        writer = csv.writer(out)
        writer.writerow(head)
        for nth in range(TIMES):
            for number, *middle, customer, country in rows:
                prefix = number[: -len(number.lstrip("AC"))] if number[0] in "AC" else ""
                shifted = f"{prefix}{int(number.lstrip('AC')) + nth * 1_000_000}"
                who = str(int(customer) + nth * 100_000) if customer else ""
                writer.writerow([shifted, *middle, who, country])
    return path


@contextmanager
def reading_pages(home: Path) -> Iterator[list[float]]:
    """Have two users read the customers list while the block runs; gives the seconds each page took."""
    port, cookie = free_port(), signed_in(home)
    web = subprocess.Popen(
        [sys.executable, "-m", "guanxi", "web", "--port", str(port)],
        env={**os.environ, "GUANXI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    waits: list[float] = []
    over = threading.Event()
    users = [threading.Thread(target=read_pages, args=(port, cookie, waits, over)) for _ in range(2)]
    try:
        until_ready(port)
        for user in users:
            user.start()
        yield waits
    finally:
        over.set()
        for user in users:
            user.join()
        web.terminate()
        web.wait()


def signed_in(home: Path) -> str:
    """Make an owner in that home and give the cookie of a session."""
    code = (
        "import django; django.setup()\n"
        "from guanxi.core import book; book.prepare()\n"
        "from django.test import Client\n"
        "from guanxi.accounts.models import Staff\n"
        "Staff.objects.filter(sign_in_name='bench').delete()\n"
        "owner = Staff(sign_in_name='bench', display_name='Bench', role='owner')\n"
        "owner.set_password('x'); owner.save()\n"
        "client = Client(); client.force_login(owner); print(client.cookies['sessionid'].value)\n"
    )
    names = {**os.environ, "GUANXI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "guanxi.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=names, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[-1]


def read_pages(port: int, cookie: str, waits: list[float], over: threading.Event) -> None:
    """Open the customers list again and again, a tenth of a second apart."""
    while not over.wait(0.1):
        start = time.perf_counter()
        assert fetch(port, "/customers/", cookie) == http.HTTPStatus.OK
        waits.append(time.perf_counter() - start)


def fetch(port: int, path: str, cookie: str = "") -> int:
    """Get a page and give its status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def until_ready(port: int, *, tries: int = 300) -> None:
    """Wait for the server."""
    for _ in range(tries):
        try:
            if fetch(port, "/health") == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("guanxi web did not become ready")


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def measure(act: str, file: str) -> dict[str, Any]:
    """Do one measurement in this process."""
    import resource

    import django

    django.setup()
    from guanxi.core import book

    book.prepare()
    seconds = {"ours": ours, "reference": reference}[act](Path(file))
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(*sys.argv[1:])))
    else:
        main()
