"""How long pages take with a million customers and five million orders, for two users who read at once.

Run with `python -m benchmarks.pages [customers] [orders]`; GUANXI_HOME or GUANXI_DATABASE_URL names the book, which is
filled where it is empty and read as it is where this benchmark filled it before. A line a page, and the slowest and the
home page against their promise: `name value unit ratio-to-what ratio`.
"""

import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from benchmarks import _book, _figures, _trade
from benchmarks.imports import free_port, signed_in, until_ready
from django.conf import settings

from guanxi.accounts.models import Staff
from guanxi.core import book
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer
from guanxi.orders.models import FulfilmentState, Order, PaymentState, ReturnState, Store

ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "20"))
USERS = 2
PAGE_MS, HOME_MS = 150, 300
PANEL = re.compile(r'hx-get="(/[^"]+)"[^>]*data-gx-panel|<span hx-get="(/[^"]+)" hx-trigger="load"')

Draw = random.Random
Waits = dict[str, list[float]]


def pages(customers: int, orders: int) -> dict[str, Callable[[Draw], str]]:
    """Name the addresses that are read; each call is given the dice for whom it is about."""

    def some(draw: Draw) -> int:
        return draw.randint(2, customers)

    return {
        "home": lambda draw: "/",
        "customers": lambda draw: "/customers/",
        "customers_by_name": lambda draw: "/customers/?sort=customer",
        "customers_newest": lambda draw: "/customers/?sort=-since",
        "customers_by_net_spend": lambda draw: f"/customers/?sort={draw.choice(['-net', 'net', '-orders', '-last'])}",
        "customers_who_spent": lambda draw: (
            f"/customers/?net={draw.choice(['1000..', '5000..5100', '..10', '20000..'])}"
        ),
        "customers_who_bought_once": lambda draw: f"/customers/?orders=1..1&sort={draw.choice(['-net', 'customer'])}",
        "customers_who_bought_last": lambda draw: (
            f"/customers/?last={draw.choice(['30', '365', '2025-06-01..2025-06-30'])}"
        ),
        "customers_worst_first": lambda draw: "/customers/?sort=class",
        "customers_of_class": lambda draw: f"/customers/?class={draw.choice(['high_value', 'potential', 'lost'])}",
        "customers_reachable_in_class": lambda draw: "/customers/?class=potential&reachable=email&since=365",
        "customers_reachable_by_wechat": lambda draw: "/customers/?reachable=wechat",
        "customers_deep": lambda draw: f"/customers/?after={public_id('cus', some(draw))}&from=7501",
        "customers_called_surname": lambda draw: (
            f"/customers/?q={draw.choice(['%E7%8E%8B', '%E6%9D%8E', '%E6%B2%88'])}"
        ),
        "customers_called_pinyin": lambda draw: f"/customers/?q={draw.choice(['wang', 'lisi', 'zhangxin', 'liuya'])}",
        "customers_called_initials": lambda draw: f"/customers/?q={draw.choice(['wx', 'lyq', 'zxy', 'zzx'])}",
        "customers_called_given_name": lambda draw: f"/customers/?q={draw.choice(['%E5%A9%89', '%E6%AC%A3%E6%80%A1'])}",
        "customers_called_last_word": lambda draw: f"/customers/?q={draw.choice(['taylor', 'Kowalski', 'cruz'])}",
        "customers_called_whole": lambda draw: f"/customers/?q={quote(_book.latin(draw))}",
        "customers_called_nobody": lambda draw: "/customers/?q=Zzyzx",
        "customers_by_phone": lambda draw: "/customers/?q=" + _book.phone(some(draw)).removeprefix("+86"),
        "customers_by_last_four": lambda draw: f"/customers/?q={some(draw) % 10_000:04d}",
        "customers_by_email": lambda draw: f"/customers/?q={_book.email(some(draw))}",
        "customers_by_number": lambda draw: f"/customers/?q=b{some(draw)}",
        "customers_by_order": lambda draw: f"/customers/?q=N{draw.randint(1, orders)}",
        "customers_by_public_id": lambda draw: f"/customers/?q={public_id('cus', some(draw))}",
        "customer": lambda draw: f"/customers/{public_id('cus', some(draw))}/",
        "customer_from_list": lambda draw: f"/customers/{public_id('cus', some(draw))}/?list=q%3Dwang&nth=7",
        "customer_of_50000_orders": lambda draw: f"/customers/{public_id('cus', _trade.WHALE)}/",
        "orders": lambda draw: "/orders/",
        "orders_oldest": lambda draw: "/orders/?sort=placed",
        "orders_deep": lambda draw: f"/orders/?after={public_id('ord', draw.randint(1, orders))}&from=7501",
        "orders_unpaid": lambda draw: "/orders/?payment=unpaid",
        "orders_shipped_oldest": lambda draw: "/orders/?fulfilment=shipped&sort=placed",
        "orders_of_three_states": lambda draw: f"/orders/?{_states(draw)}&return={draw.choice(ReturnState.values)}",
        "orders_of_two_states_lately": lambda draw: f"/orders/?{_states(draw)}&placed={draw.choice([7, 30, 90, 365])}",
        "orders_refunded_oldest": lambda draw: "/orders/?payment=refunded&fulfilment=held&return=returned&sort=placed",
        "orders_of_customer": lambda draw: f"/orders/?customer={public_id('cus', some(draw))}",
        "orders_of_customer_of_50000": lambda draw: (
            f"/orders/?customer={public_id('cus', _trade.WHALE)}&{_states(draw)}"
        ),
        "orders_by_number": lambda draw: f"/orders/?q=N{draw.randint(1, orders)}",
        "order": lambda draw: f"/orders/{public_id('ord', draw.randint(1, orders))}/",
        "product": lambda draw: f"/products/{public_id('prd', draw.randint(1, _trade.GOODS))}/",
    }


def _states(draw: Draw) -> str:
    """Choose two states of an order at random, common ones and ones that hardly meet."""
    return f"payment={draw.choice(PaymentState.values)}&fulfilment={draw.choice(FulfilmentState.values)}"


def addresses(name: str, path: str, body: str) -> Iterator[tuple[str, str]]:
    """Name the panels of a page that was read."""
    for found in PANEL.finditer(body):
        panel = (found[1] or found[2]).replace("&amp;", "&")
        yield f"{name}_{panel.partition('?')[0].strip('/').rpartition('/')[2].replace('-', '_')}", panel


def read(port: int, cookie: str, reads: dict[str, Callable[[Draw], str]], seed: int, waits: Waits) -> None:
    """Read every page and its panels again and again."""
    draw = Draw(seed)
    for nth in range(ROUNDS + 1):
        for name, address in reads.items():
            path = address(draw)
            todo = [(name, path)]
            while todo:
                figure, path = todo.pop()
                begun = time.perf_counter()
                body = fetch(port, path, cookie, panel=figure != name)
                if nth:  # the first round warms up
                    waits[figure].append(time.perf_counter() - begun)
                if figure == name:
                    todo.extend(addresses(name, path, body))


def fetch(port: int, path: str, cookie: str, *, panel: bool) -> str:
    """Get a page, and whatever it leads to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Cookie": f"sessionid={cookie}", **({"HX-Request": "true"} if panel else {})}
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()
    if answer.status in {301, 302}:
        return fetch(port, answer.headers["Location"], cookie, panel=panel)
    assert answer.status == http.HTTPStatus.OK, (path, answer.status)
    return body


def watch(reads: dict[str, Callable[[Draw], str]]) -> Waits:
    """Start the program as a shop would, and have two users read; a page's panels are read with it."""
    Staff.objects.filter(sign_in_name="bench").delete()
    port, cookie = free_port(), signed_in(settings.HOME)
    web = subprocess.Popen([sys.executable, "-m", "guanxi", "web", "--port", str(port)], stdout=subprocess.DEVNULL)
    waits: Waits = defaultdict(list)
    try:
        until_ready(port)
        with ThreadPoolExecutor(USERS) as users:
            list(users.map(lambda seed: read(port, cookie, reads, seed, waits), range(USERS)))
    finally:
        web.terminate()
        web.wait()
    return waits


def slowest_of_twenty(waits: Waits) -> dict[str, float]:
    """Give the 95th percentile of each page, in milliseconds."""
    return {name: statistics.quantiles(some, n=20)[18] * 1000 for name, some in waits.items()}


def main(customers: int = 1_000_000, orders: int = 5_000_000) -> None:
    """Fill the book where it is empty, and read it."""
    book.prepare()
    if not Customer.objects.exists():
        _book.fill(customers, orders)
    if not Store.objects.filter(code="tea", name="Bench tea").exists():
        raise SystemExit("This book has customers of its own: name an empty one by GUANXI_HOME.")
    _figures.compute()
    customers, orders = Customer.objects.latest("pk").pk, Order.objects.latest("pk").pk
    p95 = slowest_of_twenty(watch(pages(customers, orders)))
    for name, waited in p95.items():
        limit = HOME_MS if name.startswith("home") else PAGE_MS
        print(f"p95_{name} {waited:.0f} ms limit_{limit}_ms {waited / limit:.2f}", flush=True)
    home = p95.pop("home")
    slowest = max(p95.values())
    print(f"slowest_page_p95 {slowest:.0f} ms limit_150_ms {slowest / PAGE_MS:.2f}")
    print(f"home_p95 {home:.0f} ms limit_300_ms {home / HOME_MS:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
