"""What all marts cost at 1,000,000 customers, 10,000,000 orders, 50,000,000 events: anew, and after one more day.

Run with `python -m benchmarks.marts [orders] [customers] [events]`. The rows are written straight into the lake; one
more day of orders, lines, refunds and events comes behind them as the sync would append it. The peak of memory is this
process's, DuckDB included. Every mart is measured beside bare DuckDB running its SQL over the same Parquet files into
one Parquet file. Prints `name value unit ratio-to-what ratio` lines.
"""

import datetime as dt
import os
import resource
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

import duckdb
from django.conf import settings
from django.core.management import call_command

from guanxi.catalog.facts import PRODUCTS
from guanxi.customers.facts import CUSTOMERS, EVENTS, PROFILES
from guanxi.insight import given
from guanxi.orders.facts import ORDER_LINES, ORDERS, REFUND_LINES, REFUNDS
from guanxi.orders.models import Company
from guanxi.warehouse import files, lake, reading, registry, runs
from guanxi.warehouse.models import Moment

DAYS = 3 * 365
LAST = dt.date(2024, 12, 31)
AT_ONCE = 1_000_000
GOODS = 20_000
KINDS = 40
TASTE = f"(profile_id * 7 + hash(order_id * 5 + n) % 4) % {KINDS}"  # people keep to four categories
GOOD = f"""cast(floor(power(hash(order_id * 3 + n) % 1000000007 / 1000000007.0, 2) * {GOODS // KINDS}) * {KINDS}
             + {TASTE} as bigint)"""  # few sell much
HERE = "cast(placed_at + interval 8 hour as date)"  # the day in the shop's own time zone, which is the company's
OFF = "case when hash(order_id + n) % 10 = 0 then 9 else 10 end"  # one in ten is sold at 10 % off
PRICE = f"({OFF} * (50 + hash({GOOD}) % 4000))"
SALES = """
    select i as order_id, cast(1 + floor(power(hash(i) % 1000000007 / 1000000007.0, 1.7) * $customers) as bigint)
           as profile_id,
           timestamp '2022-01-02' + to_seconds(cast($day as bigint) * 86400 + hash(i + 9) % 86400) as placed_at,
           cast(1000 + hash(i + 2) % 90000 as bigint) as amount, hash(i + 1) % 20 as lot, 1 + i % 3 as lines
    from range($first, $last) t(i)
"""
ORDERED = f"""
    select order_id, 'N' || order_id as order_number, 'store-' || order_id % 5 as store,
           'channel-' || order_id % 5 as channel,
           profile_id, placed_at, {HERE} as placed_on, placed_at as paid_at, lot <> 0 as is_paid,
           'paid' as payment_state, 'delivered' as fulfilment_state, 'completed' as order_state, 'CNY' as currency,
           amount as goods_minor, 0 as discount_minor, 0 as shipping_minor, 0 as tax_minor, amount as total_minor,
           case when lot = 1 then amount else 0 end as refunded_minor,
           case when lot = 1 then 0 else amount end as net_minor,
           case when lot = 1 then 0 else amount end as net_base_minor, 'import' as source,
           'province-' || hash(profile_id + 5) % 31 as province,
           'city-' || hash(profile_id + 5) % 300 as city, 'CN' as country,
           'sale' as kind, cast(1 as double) as base_rate
    from ({SALES})
"""
LINED = f"""
    select order_id, cast(n as integer) as line_number, 'SKU' || {GOOD} as sku,
           'good ' || {GOOD} as product_name,
           'category-' || {GOOD} % {KINDS} as category,
           cast(1 as decimal(18, 4)) as quantity, cast({PRICE} as decimal(18, 4)) / 100 as unit_price,
           cast({PRICE} as bigint) as amount_minor, 0 as discount_minor, {HERE} as placed_on,
           'store-' || order_id % 5 as store, profile_id
    from ({SALES}), range(1, 4) l(n) where n <= lines
"""
RETURNED = f"""
    select order_id as refund_id, 'R' || order_id as refund_number, order_id, profile_id,
           placed_at + interval 5 day as refunded_at, {HERE} + 5 as refunded_on, 'CNY' as currency,
           amount as amount_minor, 'store-' || order_id % 5 as store, '' as reason
    from ({SALES}) where lot = 1
"""
RETURNED_LINES = f"""
    select order_id as refund_id, cast(1 as integer) as line_number, 'SKU' || {GOOD.replace("+ n)", "+ 1)")} as sku,
           '' as product_name, cast(-1 as decimal(18, 4)) as quantity,
           cast(amount as decimal(18, 4)) / 100 as unit_price, -amount as amount_minor
    from ({SALES}) where lot = 1
"""
SEEN = """
    select i + 1 as event_id,
           case when kind < 46 then 'Page Viewed' when kind < 80 then 'Product Viewed' when kind < 86
                then 'Products Searched' when kind < 94 then 'Product Added' when kind < 97 then 'Checkout Started'
                when kind < 99 then 'Order Completed' else 'Product List Viewed' end as name,
           cast(1 + floor(visit / 4294967296.0 / 4294967296.0 * $profiles) as bigint) as profile_id,
           timestamp '2022-01-02' + to_seconds(cast($day as bigint) * 86400 + (visit // 7) % 86000 + i % 11 * 40)
           as occurred_at,
           timestamp '2022-01-02' + to_seconds(cast($day as bigint) * 86400 + 86399) as received_at, 'web' as source,
           'SKU' || hash(i + 2) % 3000 as sku, 'category-' || hash(i + 2) % 40 as category,
           cast(hash(i + 3) % 90000 as bigint) as value_minor, 'CNY' as currency,
           '{"device": "' || case hash(i + 4) % 3 when 0 then 'phone' when 1 then 'tablet' else 'desktop' end
           || '", "path": "/p/' || hash(i + 2) % 3000 || '", "query": "q' || hash(i + 6) % 2000 || '", "utm_source": "s'
           || hash(visit) % 12 || '"}' as properties
    from (select i, hash(i) % 100 as kind, hash(i // 11) as visit from range($first, $last) t(i))
"""
PEOPLE = """
    select i + 1 as profile_id, case when i < $customers then i + 1 end as customer_id, 'web' as source, 'tea' as store,
           timestamp '2022-01-01' as first_seen_at
    from range($first, $last) t(i)
"""
KNOWN = """
    select i + 1 as customer_id, 'cus_' || i as public_id, timestamp '2022-01-01' as created_at, 'web' as first_source,
           'province-' || i % 31 as province, 'city-' || i % 300 as city, 'CN' as country, '' as gender,
           cast(null as date) as birthday, false as is_erased
    from range($first, $last) t(i)
"""
SOLD = f"""
    select 'SKU' || i as sku, 'good ' || i as name, 'category-' || i % {KINDS} as category, 'brand' as brand,
           cast(1000 + hash(i) % 90000 as bigint) as price_minor, cast(500 + hash(i) % 40000 as bigint) as cost_minor,
           i as variant_id, 'CNY' as currency, i // 2 as product_id
    from range(0, {GOODS}) t(i)
"""


def fill(declared, sql, rows, **params):
    """Write made rows straight into a table of the lake, in the order of the days they lie in."""
    engine, table, added = duckdb.connect(), lake.made(declared.name, declared.stored), []
    engine.execute("set threads = 2")
    for first in range(0, rows, AT_ONCE):
        span = {"first": first, "last": min(first + AT_ONCE, rows)}
        day = f"(i * {DAYS} // {max(rows, 1)})"
        added += _written(engine, table, declared, sql.replace("$day", day), span | params)
    _committed(table, declared, added)


def append(declared, sql, first, last, **params):
    """Put one more day behind what there is."""
    engine, table = duckdb.connect(), lake.made(declared.name, declared.stored)
    told = {"first": first, "last": last, **params}
    _committed(table, declared, list(_written(engine, table, declared, sql.replace("$day", str(DAYS)), told)))


def _written(engine, table, declared, sql, params):
    used = {name: value for name, value in params.items() if "$" + name in sql}
    made = engine.sql(sql, params=used).to_arrow_table()
    have = set(made.column_names)
    return list(files.base_files(table, declared, files.fitted(made, declared.stored) if have else made))


def _committed(table, declared, added):
    lake.commit(table, added=added)
    Moment.objects.advance({declared.name: lake.snapshot_id(table)})
    print(f"{declared.name}: {sum(file.record_count for file in added)} rows", file=sys.stderr)


def made(orders, customers, events):
    """Write the shop of three years."""
    sizes = {"customers": customers, "profiles": 2 * customers}
    fill(PROFILES, PEOPLE, 2 * customers, **sizes)
    fill(CUSTOMERS, KNOWN, customers, **sizes)
    fill(PRODUCTS, SOLD, 1)
    for declared, sql in TRADE:
        fill(declared, sql, orders, **sizes)
    fill(EVENTS, SEEN, events, **sizes)


TRADE = ((ORDERS, ORDERED), (ORDER_LINES, LINED), (REFUNDS, RETURNED), (REFUND_LINES, RETURNED_LINES))


def one_more_day(orders, customers, events):
    """Write what a day brings behind them."""
    sizes = {"customers": customers, "profiles": 2 * customers}
    for declared, sql in TRADE:
        append(declared, sql, orders, orders + orders // DAYS, **sizes)
    append(EVENTS, SEEN, events, events + events // DAYS, **sizes)


def bare(name):
    """Give the seconds bare DuckDB needs for the same SQL over the same files, into one file."""
    mart, to = registry.marts()[name], settings.HOME / "bare.parquet"
    engine, begun = duckdb.connect(), time.perf_counter()
    for statement in reading.views(mart.sql, reading.latest().of(mart.sql), {}):
        engine.execute(statement)
    engine.sql(mart.sql, params=mart.values() | mart.unbounded).write_parquet(str(to), compression="zstd")
    return time.perf_counter() - begun


def measured(*, anew):
    """Compute all marts, telling each to standard error, and give the seconds that all took."""
    begun = time.perf_counter()
    found = runs.run(anew=anew)
    seconds = time.perf_counter() - begun
    for each in found:
        print(f"  {each.mart} {each.state} {each.seconds:.2f} s {each.rows} rows {each.problem}", file=sys.stderr)
    assert all(each.is_sound for each in found)
    return seconds


def main(orders=10_000_000, customers=1_000_000, events=50_000_000):
    """Measure all."""
    call_command("migrate", verbosity=0, skip_checks=True)
    Company.found("Bench", base_currency="CNY", time_zone="Asia/Shanghai")
    given.present_day = lambda: LAST
    if not lake.find("events"):
        made(orders, customers, events)
    whole = measured(anew=True)
    print(f"marts_anew {whole:.1f} s limit-90 {whole / 90:.2f}")
    one_more_day(orders, customers, events)
    given.present_day = lambda: LAST + dt.timedelta(days=1)
    after = measured(anew=False)
    print(f"marts_after_a_day {after:.1f} s limit-8 {after / 8:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"marts_memory {peak:.0f} MB limit-4096 {peak / 4096:.2f}")
    theirs = sum(bare(name) for name in runs.ordered())
    print(f"marts_by_sql_alone {whole:.1f} s bare-duckdb {whole / theirs:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
