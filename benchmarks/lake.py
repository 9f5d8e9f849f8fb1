"""What reading through the lake costs over bare DuckDB: a GROUP BY over ten million orders of a million profiles.

Run with `python -m benchmarks.lake [orders] [profiles]`. The same SQL runs through our views into a mart, and on bare
DuckDB over the same Parquet files into one Parquet file by COPY. Prints `name value unit ratio-to-what ratio` lines.
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
import pyarrow as pa
from django.conf import settings
from django.core.management import call_command

from guanxi.warehouse import files, lake, marts, plans, registry
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot

RUNS = 3
PROFILES = registry.Table(
    name="profiles",
    grain="one row per profile",
    key=("profile_id",),
    version_key=("profile_id",),
    schema=pa.schema([("profile_id", pa.int64()), ("customer_id", pa.int64())]),
)
ORDERS = registry.Table(
    name="orders",
    grain="one row per order",
    key=("order_id",),
    version_key=("order_id",),
    month_of="placed_on",
    schema=pa.schema(
        [
            ("order_id", pa.int64()),
            ("order_number", pa.string()),
            ("store", pa.string()),
            ("profile_id", pa.int64()),
            ("customer_id", pa.int64()),
            ("placed_at", pa.timestamp("us")),
            ("placed_on", pa.date32()),
            ("is_paid", pa.bool_()),
            ("currency", pa.string()),
            ("goods_minor", pa.int64()),
            ("total_minor", pa.int64()),
            ("net_base_minor", pa.int64()),
            ("city", pa.string()),
        ]
    ),
    through=(registry.Through(column="customer_id", table="profiles", on="profile_id"),),
)
MADE = """
    select i as order_id, 'N' || i as order_number, 'store-' || i % 5 as store,
           cast(hash(i) % $profiles as bigint) as profile_id,
           timestamp '2022-01-01' + to_seconds(cast(i * 94608000 / $orders as bigint)) as placed_at,
           cast(timestamp '2022-01-01' + to_seconds(cast(i * 94608000 / $orders as bigint)) as date) as placed_on,
           hash(i + 1) % 20 <> 0 as is_paid, 'CNY' as currency,
           cast(1000 + hash(i) % 90000 as bigint) as goods_minor, cast(1000 + hash(i) % 90000 as bigint) as total_minor,
           cast(1000 + hash(i) % 90000 as bigint) as net_base_minor, 'city-' || hash(i) % 300 as city
    from range($first, $last) t(i)
"""
MART = """-- spend: recency, frequency and monetary value of every customer.
-- grain      one row per customer_id
-- parameters as_of date
-- columns    customer_id bigint | recency_days integer | frequency integer | monetary_minor bigint
-- source     a benchmark
with paid as (
    select customer_id, placed_on, net_base_minor, placed_on > $as_of - 365 as in_window
    from orders
    where is_paid and customer_id is not null and placed_on <= $as_of
)
select
    customer_id,
    cast(date_diff('day', max(placed_on), $as_of) as integer) as recency_days,
    cast(count(*) filter (where in_window) as integer) as frequency,
    cast(coalesce(sum(net_base_minor) filter (where in_window), 0) as bigint) as monetary_minor
from paid
group by customer_id
"""
AS_OF = dt.date(2024, 12, 31)


def fill(orders, profiles):
    """Write the synthetic lake straight into Iceberg."""
    engine = duckdb.connect()
    table = lake.made("profiles", PROFILES.stored)
    rows = engine.sql(f"select i as profile_id, i + 5 as customer_id from range({profiles}) t(i)").to_arrow_table()
    lake.commit(table, added=list(files.base_files(table, PROFILES, rows)))
    table, added = lake.made("orders", ORDERS.stored), []
    for first in range(0, orders, 1_000_000):
        params = {"orders": orders, "profiles": profiles, "first": first, "last": min(first + 1_000_000, orders)}
        added += files.base_files(table, ORDERS, engine.sql(MADE, params=params).to_arrow_table())
    lake.commit(table, added=added)
    heads = {name: lake.snapshot_id(lake.find(name)) for name in ("profiles", "orders")}
    Moment.objects.advance(heads)
    return {name: plans.paths(lake.files(lake.find(name)).base) for name in heads}


def bare(paths, to):
    """Run the mart's SQL on bare DuckDB over the same files."""
    engine = duckdb.connect()
    listed = {name: ", ".join(f"'{path}'" for path in found) for name, found in paths.items()}
    engine.execute(f"create view profiles as select * from read_parquet([{listed['profiles']}])")
    engine.execute(
        "create view orders as select o.*, p.customer_id "
        f"from read_parquet([{listed['orders']}]) o left join profiles p on p.profile_id = o.profile_id"
    )
    sql = MART.replace("$as_of", f"date '{AS_OF}'")
    engine.execute(f"copy ({sql}) to '{to}' (format parquet, compression zstd)")


def timed(work):
    """Give the seconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main(orders=10_000_000, profiles=1_000_000):
    """Measure ours against bare DuckDB, turn by turn."""
    call_command("migrate", verbosity=0, skip_checks=True)
    registry.feeds().clear(), registry.tables().clear(), registry.marts().clear()
    file = Path(settings.HOME) / "spend.sql"
    file.write_text(MART)
    mart = marts.Mart("spend", file)
    registry.register(PROFILES, ORDERS, mart)
    marts.check(mart)
    paths = fill(orders, profiles)
    theirs, ours = [], []
    for _ in range(RUNS + 1):
        theirs.append(timed(lambda: bare(paths, settings.HOME / "bare.parquet")))
        ours.append(timed(lambda: marts.run(mart, as_of=AS_OF)))
    ours_s, theirs_s = statistics.median(ours[1:]), statistics.median(theirs[1:])
    print(f"mart_written {ours_s:.2f} s bare-duckdb-copy {ours_s / theirs_s:.2f}")
    with snapshot() as now:
        found = now.sql("select count(*) as n, sum(monetary_minor) as net from spend").to_pylist()
    direct = duckdb.sql(f"select count(*) n, sum(monetary_minor) net from '{settings.HOME}/bare.parquet'").fetchall()[0]
    assert tuple(found[0].values()) == direct, (found, direct)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
