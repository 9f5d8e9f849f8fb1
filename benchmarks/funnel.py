"""What a funnel costs: four steps over 30 days among fifty million events of two million profiles, and what an event
weighs in the lake.

Run with `python -m benchmarks.funnel [events] [profiles]`. The same SQL runs through the lake, and on bare DuckDB over
one Parquet file of the same rows as they came, sorted by time. Prints `name value unit ratio-to-what ratio` lines.
"""

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ["GUANXI_HOME"] = tempfile.mkdtemp(prefix="guanxi-bench-")

import django

django.setup()

import duckdb
from django.conf import settings
from django.core.management import call_command

from guanxi.customers.facts import EVENTS, PROFILES
from guanxi.insight.funnel import READY, Funnel, Step
from guanxi.insight.funnel_query import counting
from guanxi.warehouse import files, lake, plans
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot

RUNS, MONTHS = 5, 12
DAYS = {
    name: dt.datetime.fromisoformat(day)
    for name, day in (("since", "2024-11-11"), ("until", "2024-12-11"), ("last", "2024-12-18"))
}
PEOPLE = """
    select i + 1 as profile_id, case when i % 2 = 0 then i + 1 end as customer_id, 'web' as source, 'tea' as store,
           timestamp '2024-01-01' as first_seen_at
    from range($profiles) t(i)
"""
SEEN = """
    select i + 1 as event_id,
           case when kind < 46 then 'Page Viewed' when kind < 80 then 'Product Viewed' when kind < 86
                then 'Products Searched' when kind < 94 then 'Product Added' when kind < 97 then 'Checkout Started'
                when kind < 99 then 'Order Completed' else 'Product List Viewed' end as name,
           cast(1 + hash(i + 1) % $profiles as bigint) as profile_id, seen_at as occurred_at,
           seen_at + interval 1 second as received_at, 'web' as source,
           'SKU' || hash(i + 2) % 3000 as sku, 'category-' || hash(i + 2) % 40 as category,
           cast(hash(i + 3) % 90000 as bigint) as value_minor, 'CNY' as currency,
           '{"device": "' || case hash(i + 4) % 3 when 0 then 'phone' when 1 then 'tablet' else 'desktop' end
           || '", "path": "/p/' || hash(i + 2) % 3000 || '", "utm_source": "s' || hash(i + 5) % 12 || '"}' as properties
    from (
        select i, hash(i) % 100 as kind,
               timestamp '2024-01-01' + to_seconds(cast(i * 31536000 / $events as bigint)) as seen_at
        from range($first, $last) t(i)
    )
"""


def fill(events, profiles):
    """Write the rows straight into the lake's files and, as they come, into one Parquet file; gives that file."""
    engine, to = duckdb.connect(), settings.HOME / "one.parquet"
    people = lake.made(PROFILES.name, PROFILES.stored)
    lake.commit(people, added=list(files.base_files(people, PROFILES, _rows(engine, PEOPLE, profiles=profiles))))
    table, added = lake.made(EVENTS.name, EVENTS.stored), []
    for month in range(MONTHS):
        ends = {"first": events * month // MONTHS, "last": events * (month + 1) // MONTHS}
        added += files.base_files(table, EVENTS, _rows(engine, SEEN, profiles=profiles, events=events, **ends))
        print(f"month {month + 1}", file=sys.stderr)
    lake.commit(table, added=added)
    Moment.objects.advance({each: lake.snapshot_id(lake.find(each)) for each in ("profiles", "events")})
    whole = {"profiles": profiles, "events": events, "first": 0, "last": events}
    engine.sql(SEEN, params=whole).write_parquet(str(to), compression="zstd")
    return to


def _rows(engine, sql, **params):
    return engine.sql(sql, params=params).to_arrow_table()


def weigh(events):
    """Say what an event weighs in the lake beside its raw JSON line."""
    paths = [Path(path.removeprefix("file://")) for path in plans.paths(lake.files(lake.find("events")).base)]
    kept = sum(path.stat().st_size for path in paths) / events
    lines = duckdb.sql(f"select avg(strlen(cast(to_json(e) as varchar))) + 1 from "
                       f"(select * from '{settings.HOME}/one.parquet' limit 200000) e").fetchall()[0][0]  # fmt: skip
    print(f"event_in_lake {kept:.1f} bytes raw_json {kept / lines:.3f}")


def timed(work):
    """Give the seconds a piece of work takes, and what it found; the processor's seconds go to standard error."""
    begun, used = time.perf_counter(), time.process_time()
    found = work()
    print(f"processor {time.process_time() - used:.2f}", file=sys.stderr)
    return time.perf_counter() - begun, found


def ours(funnel, by=""):
    """Count through the lake, from opening it."""
    with snapshot() as now:
        return now.sql(counting(funnel, by), **funnel.values, **DAYS).to_pylist()


def bare(funnel, one, by=""):
    """Count on bare DuckDB over the one file."""
    engine = duckdb.connect()
    people = plans.paths(lake.files(lake.find("profiles")).base)
    engine.execute(f"create view profiles as select * from read_parquet({list(people)})")
    engine.execute(
        f"create view events as select e.*, p.customer_id from '{one}' e left join profiles p using (profile_id)"
    )
    return engine.sql(counting(funnel, by), params=funnel.values | DAYS).to_arrow_table().to_pylist()


def main(events=50_000_000, profiles=2_000_000):
    """Measure ours against bare DuckDB, turn by turn; the first turn warms up."""
    call_command("migrate", verbosity=0, skip_checks=True)
    one = fill(events, profiles)
    weigh(events)
    funnel = Funnel(tuple(map(Step, READY["order"][1])))
    for name, by in (("funnel_4_steps_30_days", ""), ("funnel_by_device", "device")):
        mine, theirs = [], []
        for _ in range(RUNS + 1):
            seconds, found = timed(lambda by=by: ours(funnel, by))
            others, wanted = timed(lambda by=by: bare(funnel, one, by))
            assert sorted(map(str, found)) == sorted(map(str, wanted)), (found, wanted)
            mine.append(seconds), theirs.append(others)
            print(f"ours {seconds:.2f} bare {others:.2f}", file=sys.stderr)
        mine_s, theirs_s = statistics.median(mine[1:]), statistics.median(theirs[1:])
        print(f"{name} {mine_s:.3f} s bare_duckdb_one_parquet {mine_s / theirs_s:.2f}")
        if not by:
            print(f"funnel_in_a_second {mine_s:.3f} s limit_1_s {mine_s:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
