"""How long a page of a timeline takes while the lake has fifty million events, all of them gone from the book.

Run with `python -m benchmarks.timeline [events] [months] [profiles]`. Some people did little, a few did a lot, every
third has four profiles; each story is read page by page, as a browser does, newly begun and once more. Bare DuckDB asks
the same files for the newest page of the same people. Prints `name value unit ratio-to-what ratio` lines.
"""

import datetime as dt
import os
import random
import re
import statistics
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

import duckdb
from benchmarks._rows import say
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers.facts import TIMELINE
from guanxi.customers.models import Customer, Departure, SourceProfile
from guanxi.warehouse import files, lake, plans
from guanxi.warehouse.models import Moment

LIMIT_MS = 150
PEOPLE, PAGES = 60, 4
BEGAN = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
NAMES = ("Page Viewed", "Product Viewed", "Product List Viewed", "Product Added", "Products Searched", "Cart Viewed")
MADE = """
    select $month as _part, cast(1 as integer) as _version, false as _deleted, cast(i as bigint) as event_id,
           cast(floor($profiles * pow((hash(i * 7 + 2) % 10000000) / 1e7, 3)) as bigint) + 1 as profile_id,
           $names[1 + cast(hash(i + 1) % 6 as integer)] as name,
           $begin + to_seconds(cast(hash(i + 3) % 2419200 as bigint)) as occurred_at, 'web' as source,
           '{"sku": "SKU-' || hash(i + 4) % 20000 || '", "name": "Good number ' || hash(i + 4) % 20000 || '", "price": '
           || hash(i + 6) % 900 || ', "currency": "CNY", "path": "/p/' || hash(i + 4) % 20000 || '", "device": "phone"}'
           as properties
    from range($first, $last) t(i) order by profile_id, occurred_at
"""


def fill(events, months, profiles):
    """Write the synthetic history straight into the lake, a file a month, as compaction leaves it."""
    table, added = lake.made("timeline", TIMELINE.stored), []
    engine = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(settings.HOME / "scratch")})
    for nth in range(months):
        begin = (BEGAN.replace(tzinfo=None) + dt.timedelta(days=31 * nth)).replace(day=1)
        made = engine.sql(
            MADE,
            params={
                "month": begin.year * 100 + begin.month, "begin": begin, "names": list(NAMES), "profiles": profiles,
                "first": events * nth // months, "last": events * (nth + 1) // months,
            },
        )  # fmt: skip
        added.append(files.write(table, begin.year * 100 + begin.month, made.to_arrow_reader(100_000)))
        say(f"month {nth + 1} of {months}")
    lake.commit(table, added=added)
    Moment.objects.advance({"timeline": lake.snapshot_id(table)})
    Departure.objects.record(BEGAN + dt.timedelta(days=31 * months))
    return plans.paths(lake.files(table).base), sum(file.file_size_in_bytes for file in added)


def people(profiles):
    """Put the people into the book whose stories are read: the busiest, and some by lot."""
    lot = random.Random(6)
    found = {}
    for nth in range(PEOPLE):
        customer = Customer.objects.create(name=f"Nora {nth}")
        keys = [nth + 1] if nth < PEOPLE // 6 else [lot.randint(100, profiles) for _ in range(4 if nth % 3 == 0 else 1)]
        keys = [key for key in keys if not SourceProfile.objects.filter(pk=key).exists()]
        SourceProfile.objects.bulk_create(
            SourceProfile(pk=key, customer=customer, source="web", key=str(key), first_seen_at=BEGAN) for key in keys
        )
        found[customer] = keys
    return found


def timed(work):
    """Give the milliseconds a piece of work takes, those of the processor among them, and what it gives."""
    begun, busy = time.perf_counter(), time.process_time()
    given = work()
    return (time.perf_counter() - begun) * 1_000, (time.process_time() - busy) * 1_000, given


def read(browser, customer):
    """Read a story a few pages deep; gives the milliseconds of each."""
    address = reverse("customers:timeline", args=[customer.pk])
    for _page in range(PAGES):
        *took, answer = timed(lambda address=address: browser.get(address))
        assert answer.status_code == 200, answer.status_code
        yield took
        place = re.search(rb"before=([0-9-]+)", answer.content)
        if place is None:
            return
        address = f"{address.partition('?')[0]}?before={place[1].decode()}"


def bare(paths, keys):
    """Ask the same files for the newest events of somebody with bare DuckDB."""
    listed, among = ", ".join(f"'{path}'" for path in paths), ", ".join(map(str, keys))
    sql = f"select * from read_parquet([{listed}]) where profile_id in ({among}) order by occurred_at desc limit 21"
    return duckdb.connect().sql(sql).fetchall()


def main(events=50_000_000, months=24, profiles=1_000_000):
    """Measure the pages of some stories."""
    call_command("migrate", verbosity=0, skip_checks=True)
    paths, size = fill(events, months, profiles)
    owner = Staff.objects.create(sign_in_name="bench", display_name="Owner", role="owner")
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(owner)
    found = people(profiles)
    list(read(browser, next(iter(found))))  # what is imported once is not the page's
    first = [took for customer in found for took in read(browser, customer)]
    again = [took for customer in found for took in read(browser, customer)]
    beside = [timed(lambda keys=keys: bare(paths, keys))[0] for keys in found.values()]
    wall, busy = zip(*again, strict=True)
    named = {
        "timeline_page_first_p95": [each[0] for each in first],
        "timeline_page_p95": wall,
        "timeline_page_processor_p95": busy,
    }
    for name, times in named.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name} {p95:.0f} ms limit-of-{LIMIT_MS}-ms {p95 / LIMIT_MS:.2f}")
    ours, theirs = statistics.median(wall), statistics.median(beside)
    print(f"timeline_page_median {ours:.0f} ms bare-duckdb {ours / theirs:.2f}")
    raw = f"select avg(length(to_json(r))) from (select * from '{paths[0]}' limit 10000) as r"
    as_json = duckdb.sql(raw).fetchall()[0][0]
    print(f"timeline_bytes_per_event {size / events:.1f} bytes raw-json {size / events / as_json:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
