"""How long the API takes with a million customers: lists, one by an identifier, and customers added one by one and by
the hundred. The reference is the bare SQL of a list of 100, by one connection, in the same run.

Run with `python -m benchmarks.api [customers] [orders]`; GUANXI_HOME or GUANXI_DATABASE_URL names the book, which is
filled where it is empty and read as it is where the benchmark of the pages filled it. Customers that are added stay
in it. Prints `name value unit ratio-to-what ratio` lines.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from benchmarks import _book, _figures
from benchmarks.imports import free_port, until_ready
from django.db import connection

from guanxi.accounts.models import ApiKey, Staff
from guanxi.accounts.roles import Role
from guanxi.accounts.scopes import SCOPES
from guanxi.client import Client
from guanxi.core import book
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer, Tag
from guanxi.orders.models import Order, Store

ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "30"))
SECONDS = float(os.environ.get("GUANXI_BENCH_SECONDS", "10"))
PROGRAMS, WRITERS = int(os.environ.get("GUANXI_BENCH_PROGRAMS", "2")), 8
LIST_MS, ONE_MS, ADDED = 80, 30, 300

BARE = """
    select c.id, c.name, c.gender, c.city, i.kind, i.sealed
    from (select * from customers_customer where survivor_id is null and id > %s order by id limit 100) as c
    join customers_sourceprofile as p on p.customer_id = c.id
    join customers_identifier as i on i.profile_id = p.id
"""

Waits = dict[str, list[float]]
Call = Callable[[Client, random.Random], Any]


def calls(customers: int, orders: int) -> dict[str, Call]:
    """Name what is read; each call is given the dice for whom it is about."""

    def some(draw: random.Random) -> str:
        return public_id("cus", draw.randint(2, customers))

    tag = Tag.objects.order_by("pk").first()
    tagged = tag.public_id if tag else None
    return {
        "list_first": lambda client, _draw: client.get("/customers", limit=100),
        "list_deep": lambda client, draw: client.get("/customers", limit=100, after=some(draw)),
        "list_tag": lambda client, _draw: client.get("/customers", limit=100, tag=tagged),
        "list_class": lambda client, draw: client.get(
            "/customers", limit=100, rfm_class=draw.choice(["high_value", "lost"])
        ),
        "list_reachable": lambda client, _draw: client.get("/customers", limit=100, reachable_by="email"),
        "list_days": lambda client, _draw: client.get("/customers", limit=100, created_from="2024-06-01"),
        "list_several": lambda client, _draw: client.get(
            "/customers", limit=100, tag=tagged, reachable_by="email", net_from=10_000
        ),
        "list_several_rare": lambda client, _draw: client.get(
            "/customers", limit=100, rfm_class="high_value", city="Nowhere", created_from="2024-06-01"
        ),
        "list_orders_several": lambda client, _draw: client.get(
            "/orders", limit=100, payment_state="refunded", whose="known", total_from=10_000
        ),
        "list_orders_rare": lambda client, _draw: client.get("/orders", limit=100, city="Nowhere"),
        "list_orders": lambda client, _draw: client.get("/orders", limit=100),
        "list_orders_refunded": lambda client, _draw: client.get("/orders", limit=100, payment_state="refunded"),
        "list_orders_deep": lambda client, draw: client.get(
            "/orders", limit=100, after=public_id("ord", draw.randint(1, orders))
        ),
        "one_by_id": lambda client, draw: client.get(f"/customers/{some(draw)}"),
        "one_by_phone": lambda client, draw: client.post(
            "/customers/lookup", {"kind": "phone", "value": _book.phone(draw.randint(2, customers))}
        ),
        "one_order": lambda client, draw: client.get(f"/orders/{public_id('ord', draw.randint(1, orders))}"),
    }


def read(client: Client, reads: dict[str, Call], seed: int, waits: Waits) -> None:
    """Call everything again and again."""
    draw = random.Random(seed)
    for nth in range(ROUNDS + 1):
        for name, call in reads.items():
            begun = time.perf_counter()
            call(client, draw)
            if nth:  # the first round warms up
                waits[name].append(time.perf_counter() - begun)


def add(client: Client, seed: int, *, at_once: int) -> int:
    """Add customers for a while, one or many a call; gives how many."""
    until, added, mark = time.perf_counter() + SECONDS, 0, f"{os.getpid()}.{seed}.{at_once}"
    while time.perf_counter() < until:
        people = [{"name": f"Bench {n}", "email": f"b{mark}.{n}@example.com"} for n in range(added, added + at_once)]
        if at_once == 1:
            client.post("/customers", people[0])
        else:
            client.post("/customers/batch", {"customers": people})
        added += at_once
    return added


def bare(customers: int) -> float:
    """Read a hundred customers with their identifiers by nothing but SQL; gives the p95 in milliseconds."""
    draw, waits = random.Random(7), list[float]()
    with connection.cursor() as cursor:
        for _nth in range(max(ROUNDS, 20)):
            begun = time.perf_counter()
            cursor.execute(BARE, [draw.randint(2, customers)])
            cursor.fetchall()
            waits.append(time.perf_counter() - begun)
    return statistics.quantiles(waits, n=20)[18] * 1000


def watch(customers: int, orders: int) -> tuple[Waits, dict[int, float]]:
    """Start the program as a shop would, have two programs read, then more of them add."""
    waits: Waits = defaultdict(list)
    port = free_port()
    owner = Staff.hire("bench-api", display_name="Bench", role=Role.OWNER, password=os.urandom(16).hex())
    secret, key = ApiKey.make("Bench", list(SCOPES)[:-1], days=1, by=owner, per_minute=10**9)
    web = subprocess.Popen([sys.executable, "-m", "guanxi", "web", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        until_ready(port)
        client, reads = Client(f"http://127.0.0.1:{port}", secret), calls(customers, orders)
        with ThreadPoolExecutor(WRITERS) as programs:
            list(programs.map(lambda seed: read(client, reads, seed, waits), range(PROGRAMS)))
            added = {
                at_once: sum(programs.map(lambda seed, n=at_once: add(client, seed, at_once=n), range(WRITERS)))
                for at_once in (1, 100)
            }
    finally:
        web.terminate()
        web.wait()
        key.revoke(by=owner)
    return waits, {at_once: many / SECONDS for at_once, many in added.items()}


def main(customers: int = 1_000_000, orders: int = 5_000_000) -> None:
    """Fill the book where it is empty, and call."""
    book.prepare()
    if not Customer.objects.exists():
        _book.fill(customers, orders)
    if not Store.objects.filter(code="tea", name="Bench tea").exists():
        raise SystemExit("This book has customers of its own: name an empty one by GUANXI_HOME.")
    _figures.compute()
    waits, rates = watch(Customer.objects.latest("pk").pk, Order.objects.latest("pk").pk)
    p95 = {name: statistics.quantiles(some, n=20)[18] * 1000 for name, some in waits.items()}
    for name, waited in p95.items():
        limit = LIST_MS if name.startswith("list") else ONE_MS
        print(f"api_p95_{name} {waited:.0f} ms limit_{limit}_ms {waited / limit:.2f}", flush=True)
    slowest = max(waited for name, waited in p95.items() if name.startswith("list"))
    print(f"api_list_p95 {slowest:.0f} ms limit_{LIST_MS}_ms {slowest / LIST_MS:.2f}")
    print(f"api_one_p95 {p95['one_by_phone']:.0f} ms limit_{ONE_MS}_ms {p95['one_by_phone'] / ONE_MS:.2f}")
    sql = bare(Customer.objects.latest("pk").pk)
    print(f"api_list_p95_of_bare_sql {slowest:.0f} ms bare_sql_{sql:.1f}_ms {slowest / sql:.1f}")
    for name, at_once in (("api_customers_added", 100), ("api_customers_added_one_a_call", 1)):
        print(f"{name} {rates[at_once]:.0f} per_second limit_{ADDED} {rates[at_once] / ADDED:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
