"""A shop in a process of its own, to be killed: `python -m tests.warehouse.shopkeeper live|compare`.

`live` opens the shop, says so, and sells, changes, deletes and syncs until it is killed. `compare` syncs once more and
prints whether lake and book are the same.
"""

import datetime as dt
import json
import random
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django is set up first
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from guanxi.warehouse import claims, registry, sync, upkeep  # noqa: E402
from guanxi.warehouse.models import CHANGED, SyncBatch, Tombstone  # noqa: E402
from guanxi.warehouse.reading import snapshot  # noqa: E402
from tests.warehouse import toy  # noqa: E402

START = 2_000


def open_shop() -> None:
    call_command("migrate", verbosity=0, skip_checks=True)
    toy.make_tables()
    for known in (registry._tables, registry._feeds, registry._marts):
        known.clear()
    registry.register(*toy.ITEMS)
    sync.TERM = dt.timedelta(seconds=1)  # a killed process's lease is over soon
    claims.AT_ONCE, claims.AT_MOST, claims.SLICE = 100, 100, 300  # many steps to be killed at
    upkeep.COMMITS, upkeep.FOLD_ROWS = 6, 150
    settings.LAKE_GRACE_SECONDS = 0


def trade(chance: random.Random) -> None:
    with transaction.atomic():
        for n in range(20):
            toy.sell(f"N{n}", day=dt.date(2024, chance.randint(1, 6), 5), net=chance.randint(1, 999))
        toy.sell_many(30, day=dt.date(2024, chance.randint(1, 6), 7))
        ids = list(toy.Sale.objects.values_list("pk", flat=True))
        changed = chance.sample(ids, 40)
        toy.Sale.objects.filter(pk__in=changed).update(net_minor=chance.randint(1, 999), **CHANGED)
        toy.remove(*toy.Sale.objects.filter(pk__in=chance.sample(ids, 10)))


def live() -> None:
    chance = random.Random(sys.argv[2])
    if not toy.Sale.objects.exists():
        with transaction.atomic():
            for n in range(START // 10):
                toy.sell(f"N{n}", day=dt.date(2024, 1 + n % 6, 5))
    print("open", flush=True)
    while True:
        trade(chance)
        sync.sync()


def compare() -> None:
    sync.fold()
    with snapshot() as lake:
        sales = lake.sql("select sale_id, net_minor from sales order by 1").to_pylist()
        lines = lake.sql("select sale_id, position from sale_lines order by 1, 2").to_pylist()
    same = [tuple(row.values()) for row in sales] == list(
        toy.Sale.objects.order_by("pk").values_list("pk", "net_minor")
    )
    book = list(toy.Line.objects.order_by("sale_id", "position").values_list("sale_id", "position"))
    left = SyncBatch.objects.filter(state=SyncBatch.State.CLAIMED).count() + Tombstone.objects.count()
    both = {"sales": same, "lines": [tuple(row.values()) for row in lines] == book, "left": left, "count": len(sales)}
    print(json.dumps(both))


if __name__ == "__main__":
    open_shop()
    {"live": live, "compare": compare}[sys.argv[1]]()
