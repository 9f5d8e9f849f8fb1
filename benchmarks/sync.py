"""How fast the book gets into the lake: a million new orders at once, and hundreds of small syncs in a row.

Run with `python -m benchmarks.sync [rows] [small]`. Prints `name value unit ratio-to-what ratio` lines.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ["GUANXI_HOME"] = tempfile.mkdtemp(prefix="guanxi-bench-")

import django

django.setup()

import pyarrow as pa
from django.core.management import call_command
from django.db import connection, models, transaction

from guanxi.core import bulk
from guanxi.warehouse import registry, sync
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.models import ARRIVED, LakeSource, announce
from guanxi.warehouse.reading import snapshot

TEXTS = (
    "number",
    "payment_state",
    "fulfilment_state",
    "order_state",
    "currency",
    "source",
    "province",
    "city",
    "country",
)
MINORS = ("goods", "discount", "shipping", "tax", "total", "refunded", "net", "net_base")


class BenchOrder(LakeSource):
    """One order, as wide as the contract's."""

    store_id = models.IntegerField()
    profile_id = models.BigIntegerField()
    placed_at = models.DateTimeField()
    placed_on = models.DateField()
    paid_at = models.DateTimeField(null=True)
    is_paid = models.BooleanField()

    class Meta(LakeSource.Meta):
        app_label = "bench"


for _name in TEXTS:
    BenchOrder.add_to_class(_name, models.CharField(max_length=40))
for _name in MINORS:
    BenchOrder.add_to_class(f"{_name}_minor", models.BigIntegerField())

OWN = ("store_id", "profile_id", "placed_at", "placed_on", "paid_at", "is_paid")
NAMES = (*OWN, *TEXTS, *(f"{name}_minor" for name in MINORS))
STORED = ("id", *NAMES, "lake_batch")
CHUNK = 1_000
TYPES = {
    "placed_at": pa.timestamp("us"),
    "paid_at": pa.timestamp("us"),
    "placed_on": pa.date32(),
    "is_paid": pa.bool_(),
}
SCHEMA = pa.schema(
    [("order_id", pa.int64()), *((n, TYPES.get(n, pa.string() if n in TEXTS else pa.int64())) for n in NAMES)]
)


def load(ids):
    """Read orders from the book."""
    wanted, params = among("id", ids)
    return columns(f"select id as order_id, {', '.join(NAMES)} from bench_benchorder where {wanted}", params, SCHEMA)


def rows(count, first=0):
    """Make orders of three years, a few a minute."""
    begin = datetime(2022, 1, 1, tzinfo=UTC)
    for n in range(first, first + count):
        at = begin + timedelta(seconds=n * 90)
        text, day = at.strftime("%Y-%m-%d %H:%M:%S"), at.strftime("%Y-%m-%d")
        minor = 1000 + n * 7 % 90_000
        yield (n + 1, n % 5, n * 31 % 200_000 + 1, text, day, text, True, f"N{n}", "paid", "fulfilled", "open", "CNY",
               "import", "浙江省", "杭州市", "CN", minor, 0, 500, 0, minor + 500, 0, minor, minor, ARRIVED)  # fmt: skip


def book(count, first=0):
    """Put orders into the book, as an import does."""
    made = list(rows(count, first))
    with transaction.atomic():
        bulk.insert(BenchOrder, STORED, made)
        announce(BenchOrder, (row[0] for row in made))


def prepare():
    """Make an empty book that knows of nothing but these orders."""
    call_command("migrate", verbosity=0, skip_checks=True)
    registry.feeds().clear(), registry.tables().clear(), registry.marts().clear()
    orders = registry.Table(
        name="orders",
        grain="one row per order",
        key=("order_id",),
        version_key=("order_id",),
        month_of="placed_on",
        schema=SCHEMA,
    )
    registry.register(orders, registry.Feed(name="orders", model=BenchOrder, loaders={"orders": load}))
    with connection.schema_editor() as editor:
        editor.create_model(BenchOrder)


def main(count=1_000_000, small=600):
    """Measure both."""
    prepare()
    begun = time.perf_counter()
    for first in range(0, count, CHUNK):
        book(min(CHUNK, count - first), first)
    inserting = time.perf_counter() - begun
    begun, cpu = time.perf_counter(), time.process_time()
    done = sync.sync()
    seconds = time.perf_counter() - begun
    assert done.rows == count
    print(f"cpu {time.process_time() - cpu:.2f}", file=sys.stderr)
    print(f"sync_new_orders {count / seconds:.0f} rows/s target-200000 {count / seconds / 200_000:.2f}")
    print(f"sync_new_orders {count / seconds:.0f} rows/s inserting-the-same-rows {inserting / seconds:.2f}")
    times = []
    for n in range(small):
        book(50, count + n * 50)
        begun = time.perf_counter()
        sync.sync()
        times.append(time.perf_counter() - begun)
        if n % 50 == 0:
            print(n, f"{times[-1]:.3f}", file=sys.stderr)
    if not small:
        return
    first, last = statistics.median(times[:20]), statistics.median(times[-20:])
    print(f"small_sync {last * 1000:.1f} ms first-20 {last / first:.2f}")
    print(f"slowest_small_sync {max(times) * 1000:.1f} ms first-20 {max(times) / first:.2f}")
    with snapshot() as lake:
        assert lake.sql("select count(*) as n from orders").to_pylist() == [{"n": count + small * 50}]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
