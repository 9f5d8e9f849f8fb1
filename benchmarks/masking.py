"""What masks and permissions cost: the same pages with them and without, turn by turn in one process.

Run with `python -m benchmarks.masking [customers] [orders]`. Without them every name, phone, e-mail and address stands
as it is, and every question for a permission is answered from memory, so that the same is shown. The processor's time
counts: each page is read both ways, one after the other, and the median of what the one takes of the other is told.
That of the worst page has to keep the promise. Prints `name value unit ratio-to-what ratio` lines.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from benchmarks import _book, _figures
from benchmarks.pages import pages
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core import book
from guanxi.customers.models import Customer
from guanxi.guard import masking
from guanxi.orders.models import Order

ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "60"))
READ = ("home", "customers", "customers_by_net_spend", "customers_called_surname", "customer", "orders", "order")
MASKS = ("mask_name", "mask_phone", "mask_email", "mask_address")

Look = Callable[[Staff, str], bool]


@contextmanager
def in_the_clear() -> Iterator[None]:
    """Let every value through as it is, and remember who may do what instead of looking."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("guanxi.") and module is not masking:
                for mask in set(MASKS) & set(vars(module)):
                    stack.enter_context(patch.object(module, mask, lambda value: value or ""))
        stack.enter_context(patch.object(Staff, "may", remembered))
        yield


def remembered(staff: Staff, permission: str, known: dict[str, bool] = {}, look: Look = Staff.may) -> bool:  # noqa: B006
    """Answer as the first time."""
    if permission not in known:
        known[permission] = look(staff, permission)
    return known[permission]


def signed_in() -> Client:
    """Sign an agent in, whose permissions are looked up; an owner's are not."""
    Staff.objects.filter(sign_in_name="bench").delete()
    staff = Staff(sign_in_name="bench", display_name="Bench", role=Role.AGENT)
    staff.set_unusable_password()
    staff.save()
    client = Client(HTTP_HOST="localhost")
    client.force_login(staff)
    return client


def read(client: Client, path: str) -> float:
    """Read a page, and give the processor's time."""
    begun = time.process_time()
    answer = client.get(path, follow=True)
    took = time.process_time() - begun
    assert answer.status_code == 200, (path, answer.status_code)
    return took


def compare(client: Client, customers: int, orders: int) -> dict[str, tuple[float, float]]:
    """Give for each page the median seconds with masks and permissions, and the median of their ratio to without."""
    addresses, draw = pages(customers, orders), random.Random(1)
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for nth in range(ROUNDS + 2):
        for name in READ:
            guarded, clear = both(client, addresses[name](draw), clear_first=bool(nth % 2))
            if nth > 1:  # the first two rounds warm up
                took[name].append((guarded, guarded / clear))
    return {name: tuple(map(statistics.median, zip(*pairs, strict=True))) for name, pairs in took.items()}


def both(client: Client, path: str, *, clear_first: bool) -> tuple[float, float]:
    """Read a page with masks and in the clear, in one order or the other."""
    times = {}
    for state in (True, False) if clear_first else (False, True):
        with in_the_clear() if state else ExitStack():
            times[state] = read(client, path)
    return times[False], times[True]


def main(customers: int = 5_000, orders: int = 25_000) -> None:
    """Fill a small book, and read it."""
    book.prepare()
    if not Customer.objects.exists():
        _book.fill(customers, orders)
    _figures.compute()
    found = compare(signed_in(), Customer.objects.latest("pk").pk, Order.objects.latest("pk").pk)
    for name, (seconds, share) in found.items():
        print(f"masked_{name} {seconds * 1000:.1f} ms in_the_clear {share:.3f}", flush=True)
    seconds, share = max(found.values(), key=lambda each: each[1])
    print(f"masking_on_worst_page {seconds * 1000:.1f} ms in_the_clear {share:.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
