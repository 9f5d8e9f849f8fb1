"""A small lake with every edge there is: guests, refunds, two currencies, negative amounts, ties, NULLs, newer versions
of rows and deleted ones. Made for whatever tables are declared, by the names and types of their columns.
"""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from guanxi.warehouse import lake
from guanxi.warehouse.files import base_files, change_files
from guanxi.warehouse.models import Moment
from guanxi.warehouse.registry import Table, tables
from tests.cast import TODAY

ROWS = 160
LINES = 3
Maker = Callable[[random.Random], Any]


def moment(dice: random.Random) -> dt.datetime:
    """Somewhen in fourteen months, often at a midnight of the shop or of UTC."""
    day = dt.datetime.combine(TODAY, dt.time()) - dt.timedelta(
        days=dice.choice([dice.randint(-2, 60), dice.randint(0, 420)])
    )
    return day + dt.timedelta(hours=dice.choice([0, 4, 15, 16, 23]), microseconds=dice.choice([0, 1, 999_999]))


def one_of(*values: Any) -> Maker:
    return lambda dice: dice.choice(values)


def minor(dice: random.Random) -> int:
    return dice.choice([0, 500, 500, 999, dice.randint(-700, 3_000)])


BY_NAME: dict[str, Maker] = {
    "customer_id": one_of(None, *range(1, 13)),
    "profile_id": one_of(None, *range(1, 30)),
    "other_profile_id": one_of(*range(1, 30)),
    "order_id": one_of(None, *range(1, ROWS)),
    "refund_id": one_of(*range(1, ROWS)),
    "product_id": one_of(None, 1, 2, 3, 4),
    "sku": one_of("", *(f"S{nth}" for nth in range(1, 9))),
    "currency": one_of("CNY", "CNY", "CNY", "USD"),
    "store": one_of("tea", "mall"),
    "channel": one_of("own", "taobao"),
    "kind": one_of("sale", "sale", "sale", "adjustment"),
    "is_paid": one_of(True, True, True, False),
    "base_rate": one_of(None, 1.0, 7.123456789),
    "net_base_minor": one_of(None, 0, 500, 700, -300, 12_345),
    "refunded_minor": one_of(0, 0, 0, 300, 9_000),
    "refunded_at": moment,
    "quantity": one_of(Decimal("1.0000"), Decimal("2.5000"), Decimal("-1.0000")),
    "name": one_of("Product Viewed", "Product Added", "Order Completed", "Products Searched"),
    "country": one_of(None, "", "中国", "China", "Germany", "HK"),
    "province": one_of(None, "", "广东", "广东省", "Shanghai", "Bavaria"),
    "city": one_of(None, "广州市", "广州", " "),
    "properties": one_of(None, "{}", '{"query": "龙井", "utm_source": "douyin"}'),
    "category": one_of(None, "", "茶", "Cups"),
}
BY_TYPE: Sequence[tuple[Callable[[pa.DataType], bool], Maker]] = (
    (pa.types.is_boolean, one_of(True, False)),
    (pa.types.is_integer, one_of(None, 0, 1, 2, 5)),
    (pa.types.is_floating, one_of(None, 0.1, -2.5, 1e6)),
    (pa.types.is_decimal, one_of(None, Decimal("0.0001"), Decimal("12.3400"), Decimal("-3.0000"))),
    (pa.types.is_string, one_of(None, "", "a", "b", "茶")),
    (pa.types.is_date, lambda dice: moment(dice).date()),
    (pa.types.is_timestamp, moment),
)


def open_shop(*, seed: int = 11) -> None:
    """Fill the lake, and let readers see it."""
    dice, heads = random.Random(seed), {}
    for name, declared in tables().items():
        table = lake.made(name, declared.stored)
        rows = _rows(declared, dice)
        newer = rows.filter(pc.equal(pc.bit_wise_and(rows[declared.version], 7), 3))
        gone = pa.table({declared.version: pa.array(range(9, ROWS, 16), pa.int64())})
        added = [
            *base_files(table, declared, rows),
            *change_files(table, _again(declared, newer, dice), pa.repeat(pa.scalar(2, pa.int32()), newer.num_rows)),
            *change_files(table, gone, pa.repeat(pa.scalar(0, pa.int32()), gone.num_rows), deleted=True),
        ]
        lake.commit(table, added=added)
        heads[name] = lake.snapshot_id(table) or 0
    Moment.objects.advance(heads, seconds=0)


def bring_news(*, seed: int = 12, nth: int = 0) -> None:
    """Let another day bring orders, refunds and events; old orders go back, and two profiles turn out to be others'."""
    dice, heads, first = random.Random(seed), {}, ROWS + 20 * nth
    for name, declared in tables().items():
        table, added = lake.made(name, declared.stored), []
        if declared.month_of or name == "refund_lines":
            fresh = _rows(declared, dice, range(first, first + 6)).to_pylist()
            added += base_files(table, declared, pa.Table.from_pylist(_late(fresh, dice), declared.stored))
        known = random.Random(f"{declared.version} {seed}").sample(range(1, ROWS), 2)  # lines change with their order
        if name not in {"events", "products", "refunds", "refund_lines"}:
            newer = _again(declared, _rows(declared, dice, known), dice)
            versions = pa.repeat(pa.scalar(3 + nth, pa.int32()), newer.num_rows)
            added += change_files(table, newer, versions)
        lake.commit(table, added=added)
        heads[name] = lake.snapshot_id(table) or 0
    Moment.objects.advance(heads, seconds=0)


def _late(rows: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    """Move rows into the last three weeks; their refunds are of no known order."""
    for row in rows:
        at = dt.datetime.combine(TODAY, dt.time(dice.randint(0, 23))) - dt.timedelta(days=dice.randint(0, 20))
        row.update({name: at for name in ("refunded_at", "occurred_at") if name in row})
        if "refunded_on" in row:
            row.update(order_id=None, refunded_on=(at + dt.timedelta(hours=8)).date())
    return rows


def placed(order: int) -> dt.datetime:
    """When an order was placed, in whichever table and version it stands."""
    if order >= ROWS:
        return dt.datetime.combine(TODAY, dt.time(order % 24)) - dt.timedelta(days=order % 20)
    return moment(random.Random(order))


def _rows(declared: Table, dice: random.Random, firsts: Sequence[int] = range(1, ROWS)) -> pa.Table:
    """One row for every key; where the key has two columns, some rows for every value of the first."""
    keys = [(nth, place) for nth in firsts for place in range(1, 1 + (LINES if len(declared.key) > 1 else 1))]
    made = [_row(declared, dice) | _key(declared, nth, place) for nth, place in keys]
    return pa.Table.from_pylist(made, declared.stored)


def _key(declared: Table, nth: int, place: int) -> dict[str, Any]:
    if declared.name == "products":
        return {"variant_id": nth, "sku": f"S{nth}", "product_id": nth % 9 or None}
    first, *others = declared.key
    key = {first: nth, declared.version: nth} | dict.fromkeys(others, place)
    if "placed_on" in declared.stored.names:
        at = placed(nth)
        days = {"placed_at": at, "placed_on": (at + dt.timedelta(hours=8)).date()}
        key |= {name: value for name, value in days.items() if name in declared.stored.names}
    if "sku" in declared.stored.names and place < LINES:  # two goods that go together, and one by chance
        key["sku"] = f"S{1 + (nth % 8 ^ (place - 1))}"
    return key


def _row(declared: Table, dice: random.Random) -> dict[str, Any]:
    row = {field.name: _maker(field)(dice) for field in declared.stored}
    if "refunded_at" in row and row["order_id"]:
        row["refunded_at"] = max(row["refunded_at"], placed(row["order_id"]))
    for instant, day in (("placed_at", "placed_on"), ("refunded_at", "refunded_on")):
        if {instant, day} <= row.keys():
            row[day] = (row[instant] + dt.timedelta(hours=8)).date()
    return row


def _maker(field: pa.Field) -> Maker:
    if field.name in BY_NAME:
        return BY_NAME[field.name]
    if field.name.endswith("_minor"):
        return minor
    return next(maker for fits, maker in BY_TYPE if fits(field.type))


def _again(declared: Table, rows: pa.Table, dice: random.Random) -> pa.Table:
    """Give other values to rows of the same keys."""
    kept = {*declared.key, declared.version, *({"placed_at", "placed_on"} & {*declared.stored.names})}
    made = [_row(declared, dice) | {name: row[name] for name in kept} for row in rows.to_pylist()]
    return pa.Table.from_pylist(made, declared.stored)
