"""What scoring costs over bare DuckDB: RFM of ten million orders by a million customers, Iceberg files to mart; and how
long it takes to count who would change class by other rules.

Run with `python -m benchmarks.rfm [orders] [customers]`. The same SQL with the same parameters runs through the lake
into the mart, and on bare DuckDB over the same Parquet files into one Parquet file. Prints `name value unit
ratio-to-what ratio` lines.
"""

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ["GUANXI_HOME"] = tempfile.mkdtemp(prefix="guanxi-bench-")

import django

django.setup()

import duckdb
from django.conf import settings
from django.core.management import call_command

from guanxi.core import bulk
from guanxi.customers.facts import PROFILES
from guanxi.customers.models import Customer, Score
from guanxi.insight import scoring, writeback
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.scheme import DEFAULT
from guanxi.insight.whatif import what_if
from guanxi.orders.facts import ORDERS
from guanxi.warehouse import files, lake, marts, plans, registry
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot

RUNS = 3
SCORES = 200_000
AS_OF = dt.date(2024, 12, 31)
PEOPLE = """
    select i + 1 as profile_id, i + 1 as customer_id, 'own' as source, 'tea' as store,
           timestamp '2022-01-01' as first_seen_at
    from range($first, $last) t(i)
"""
BOUGHT = """
    select i + 1 as order_id, 'N' || i as order_number, 'store-' || i % 5 as store, 'own' as channel,
           cast(1 + hash(i) % $customers as bigint) as profile_id, placed_at, cast(placed_at as date) as placed_on,
           placed_at as paid_at, hash(i + 1) % 20 <> 0 as is_paid, 'paid' as payment_state,
           'delivered' as fulfilment_state, 'completed' as order_state, 'CNY' as currency, amount as goods_minor,
           0 as discount_minor, 0 as shipping_minor, 0 as tax_minor, amount as total_minor, 0 as refunded_minor,
           amount as net_minor, amount as net_base_minor, cast(1 as double) as base_rate,
           'import' as source, '浙江省' as province,
           'city-' || hash(i) % 300 as city, 'CN' as country, 'sale' as kind
    from (
        select i, cast(1000 + hash(i + 2) % 90000 as bigint) as amount,
               timestamp '2022-01-01' + to_seconds(cast(i * 94608000 / $orders as bigint)) as placed_at
        from range($first, $last) t(i)
    )
"""


def fill(declared, sql, rows, **params):
    """Write made rows straight into a table of the lake, and name its files."""
    engine, table, added = duckdb.connect(), lake.made(declared.name, declared.stored), []
    for first in range(0, rows, 1_000_000):
        made = engine.sql(sql, params={"first": first, "last": min(first + 1_000_000, rows), **params})
        added += files.base_files(table, declared, made.to_arrow_table())
    lake.commit(table, added=added)
    Moment.objects.advance({declared.name: lake.snapshot_id(table)})
    return plans.paths(lake.files(table).base)


def bare(orders, profiles, to):
    """Run the mart's SQL on bare DuckDB over the same files."""
    engine = duckdb.connect()
    engine.execute(f"create view profiles as select * from read_parquet({list(profiles)})")
    engine.execute(
        f"create view orders as select o.*, p.customer_id from read_parquet({list(orders)}) o "
        "left join profiles p on p.profile_id = o.profile_id"
    )
    sql = registry.marts()[scoring.MART].sql
    engine.sql(sql, params=DEFAULT.parameters(AS_OF)).write_parquet(str(to), compression="zstd")


def timed(work):
    """Give the seconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure_mart(orders, customers):
    """Measure ours against bare DuckDB, turn by turn; the first turn warms up."""
    profile_files = fill(PROFILES, PEOPLE, customers)
    order_files = fill(ORDERS, BOUGHT, orders, orders=orders, customers=customers)
    to, theirs, ours = settings.HOME / "bare.parquet", [], []
    for _ in range(RUNS + 1):
        theirs.append(timed(lambda: bare(order_files, profile_files, to)))
        ours.append(timed(lambda: marts.run(scoring.MART, **DEFAULT.parameters(AS_OF))))
        print(f"bare {theirs[-1]:.2f} ours {ours[-1]:.2f}", file=sys.stderr)
    ours_s, theirs_s = statistics.median(ours[1:]), statistics.median(theirs[1:])
    print(f"rfm_mart_written {ours_s:.2f} s bare-duckdb-parquet {ours_s / theirs_s:.2f}")
    summed = "select count(*), sum(recency_days), sum(frequency), sum(monetary_minor), sum(score) from "
    with snapshot() as now:
        found = [column[0].as_py() for column in now.sql(summed + scoring.MART).columns]
    assert found == list(duckdb.sql(f"{summed} '{to}'").fetchall()[0]), found


def measure_what_if():
    """Measure how long it takes to count who would change class by other limits, and by another window."""
    RfmRun.objects.create(
        scheme=RfmScheme.current(), as_of=AS_OF, customers=0, basis=scoring.basis_now(), seconds=0,
    )  # fmt: skip
    limits = replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(14, 60, 120, 240)))
    window = replace(DEFAULT, monetary=replace(DEFAULT.monetary, window_days=180))
    for name, other in (("what_if_limits", limits), ("what_if_window", window)):
        seconds = [timed(lambda other=other: what_if(other)) for _ in range(RUNS + 1)]
        found = statistics.median(seconds[1:])
        print(f"{name} {found:.2f} s target-2 {found / 2:.2f}")


def measure_write_back(customers):
    """Measure how fast the scores get into the book, and how long others wait for the writer meanwhile."""
    rows = [(f"Customer {n}", "", "", "", "", "", "2022-01-01 00:00:00", 1) for n in range(min(customers, SCORES))]
    names = ("name", "gender", "province", "city", "country", "first_source", "created_at", "version")
    bulk.insert(Customer, names, rows)
    lasted, original = [], writeback._add
    writeback._add = lambda rows: lasted.append(timed(lambda: original(rows)))
    with snapshot() as now:
        first = timed(lambda: writeback.write_back(now, as_of=AS_OF, scheme_version=1))
        again = timed(lambda: writeback.write_back(now, as_of=AS_OF, scheme_version=1))
    lasted.sort()
    count = Score.objects.count()
    print(f"scores_written {count / first:.0f} rows/s unchanged-scores {first / again:.2f}")
    print(f"score_transaction_p99 {lasted[len(lasted) * 99 // 100] * 1000:.1f} ms target-20 "
          f"{lasted[len(lasted) * 99 // 100] / 0.020:.2f}")  # fmt: skip


def main(orders=10_000_000, customers=1_000_000):
    """Measure all."""
    call_command("migrate", verbosity=0, skip_checks=True)
    measure_mart(orders, customers)
    measure_what_if()
    measure_write_back(customers)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
