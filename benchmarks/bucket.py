"""What a lake in an object store costs over one on a disk: the same orders written, computed and asked for in both.

Run with `python -m benchmarks.bucket [orders]`. The store is moto's S3 server in a process of its own on this machine:
it needs a processor that a store elsewhere would not, and no network. The places take turns, and the best of each
counts. Prints `name value unit ratio-to-what ratio` lines.
"""

import statistics
import sys
import time
from pathlib import Path

from benchmarks.sync import CHUNK, book, prepare
from django.conf import settings
from tests import objects

from guanxi.warehouse import analyst, marts, near, plans, rebuild, registry, sync
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot

SMALL, RUNS, TURNS = 10, 3, 2
MART = """-- spend: what every profile spent, and when last.
-- grain      one row per profile_id
-- columns    profile_id bigint | orders bigint | net_minor bigint | last_on date
-- source     a benchmark
select profile_id, count(*) as orders, cast(sum(net_minor) as bigint) as net_minor, max(placed_on) as last_on
from orders
group by profile_id
"""
ASKED = "select city, count(*) as n, sum(net_minor) as net from orders group by city"
PAGE = "select count(*) as n, sum(net_minor) as net from spend where orders > 1"


def timed(work):
    """Give the seconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def often(work):
    """Give the median of some runs."""
    return statistics.median(timed(work) for _ in range(RUNS))


def page():
    """Read as a page does."""
    with snapshot() as now:
        now.sql(PAGE)


def cold(work):
    """Time a piece of work that finds no copies, and knows no plan."""

    def anew():
        for copy in near.home().glob("*"):
            copy.unlink()
        plans.plan.cache_clear()
        work()

    return anew


def measured(place, count):
    """Export every order into an empty lake at a place, and use it."""
    settings.LAKE = place
    Moment.objects.all().delete()
    rebuild.begin()
    found = {"orders_written": timed(sync.sync)}
    small = []
    for nth in range(SMALL):
        book(50, count + nth * 50)
        small.append(timed(sync.sync))
    spend = registry.marts()["spend"]
    return found | {
        "small_sync": statistics.median(small),
        "mart": often(lambda: marts.run(spend, anew=True)),
        "page_first": often(cold(page)),
        "page": often(page),
        "question_first": often(cold(lambda: analyst.ask(ASKED))),
        "question": often(lambda: analyst.ask(ASKED)),
    }


def main(count=200_000):
    """Measure both places."""
    prepare()
    file = Path(settings.HOME) / "spend.sql"
    file.write_text(MART)
    registry.register(marts.Mart("spend", file))
    for first in range(0, count, CHUNK):
        book(min(CHUNK, count - first), first)
    disk, bucket = [], []
    with objects.serving() as store:
        store.make("bench")
        objects.use(store, settings, "s3://bench/lake")
        for turn in range(TURNS):
            disk.append(measured(str(settings.HOME / "lake"), count + 2 * turn * 50 * SMALL))
            bucket.append(measured("s3://bench/lake", count + (2 * turn + 1) * 50 * SMALL))
    for name in disk[0]:
        theirs, ours = (min(found[name] for found in place) for place in (disk, bucket))
        print(f"bucket_{name} {ours * 1000:.0f} ms disk {ours / theirs:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
