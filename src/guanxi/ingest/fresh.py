"""New orders of a bucket, arranged by columns into the very rows the database takes.

Ids are reserved for the whole bucket beforehand, so that lines know their order's and nothing is arranged a row at a
time: of half a million lines Python touches none before they are bound to the insert.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.customers.models import Event
from guanxi.guard.sealing import context, seal
from guanxi.ingest.own import PREFIX, Own, declared, told_by
from guanxi.ingest.rates import Rates
from guanxi.orders.intake import EVENT_COLUMNS, LINE_COLUMNS, ORDER_COLUMNS, PAYMENT_COLUMNS, REFUND_COLUMNS
from guanxi.orders.models import Order, Refund, Store
from guanxi.warehouse.models import ARRIVED

CHUNK_LINES = 2_000
CHUNK_DOCUMENTS = 250
SECONDS = "%Y-%m-%d %H:%M:%S"
DEFAULTS = {"key": "", "category": "", "discount_minor": 0}
VARIANTS = {"sku": pl.String, "variant_id": pl.Int64}


@dataclass(frozen=True)
class Stamp:
    """What stands on every row of an import: whose it is, where it came from, when it was written."""

    import_id: int
    store: Store
    source: str
    rates: Rates


@dataclass(frozen=True)
class Rows:
    """Rows of one table, and where each document's begin."""

    rows: list[tuple[Any, ...]]
    starts: list[int]

    def of(self, start: int, end: int) -> list[tuple[Any, ...]]:
        """The rows of documents `start` to `end`."""
        return self.rows[self.starts[start] : self.starts[end]]


@dataclass(frozen=True)
class Fresh:
    """New documents: their rows per table, and the sums the tally needs."""

    count: int
    orders: list[tuple[Any, ...]]
    lines: Rows
    line_columns: tuple[str, ...]
    payments: Rows
    refunds: Rows
    events: Rows
    own: Mapping[int, Own]
    rows_before: list[int]
    guests_before: list[int]

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Cut the documents into transactions of bounded size."""
        start, starts = 0, self.lines.starts
        while start < self.count:
            end = start + 1
            while end < self.count and end - start < CHUNK_DOCUMENTS and starts[end + 1] - starts[start] <= CHUNK_LINES:
                end += 1
            yield start, end
            start = end


def arrange(
    heads: pl.DataFrame, lines: pl.DataFrame, payments: pl.DataFrame, *, stamp: Stamp, variants: dict[str, int]
) -> Fresh:
    """Arrange new documents; `heads` carry `profile_id` and `customer_id`."""
    ids = pl.Series("id", list(reserve(Order, heads.height)), dtype=pl.Int64)
    heads = heads.with_columns(ids, place=pl.int_range(pl.len()), at=pl.lit(now().strftime(SECONDS)))
    heads = heads.with_columns(pl.col(pl.Datetime("us")).dt.strftime(SECONDS), pl.col(pl.Date).cast(pl.String))
    owner = heads.select("number", "place", order_id="id")
    lines = lines.join(owner, on="number", how="inner", maintain_order="left").sort("place", maintain_order=True)
    payments = payments.with_columns(pl.col("paid_at").dt.strftime(SECONDS)).join(owner, on="number").sort("place")
    first = lines.group_by("place", maintain_order=True).agg(first=pl.col("product_name").first())
    told = heads.filter(pl.col("refund_minor") > 0)
    told = told.with_columns(pl.Series("refund_id", list(reserve(Refund, told.height)), dtype=pl.Int64))
    stored_lines = _lines(lines, variants)
    events = _events(heads.join(first, on="place", how="left"), told, stamp)
    return Fresh(
        count=heads.height,
        orders=_orders(heads, stamp).rows(),
        lines=_rows(stored_lines, lines, heads.height),
        line_columns=tuple(stored_lines.columns),
        payments=_rows(payments.select(PAYMENT_COLUMNS), payments, heads.height),
        refunds=_rows(_refunds(told, stamp), told, heads.height),
        events=_rows(events.select(EVENT_COLUMNS), events, heads.height),
        own=_own(heads),
        rows_before=[0, *heads.get_column("rows").cum_sum().to_list()],
        guests_before=[0, *heads.get_column("profile_id").is_null().cum_sum().to_list()],
    )


def _own(heads: pl.DataFrame) -> Mapping[int, Own]:
    """Read what orders say in the shop's own fields, by their keys; those that say nothing are left out."""
    columns = [name for name in heads.columns if name.startswith(PREFIX)]
    if not columns:
        return {}
    known = declared("orders")
    told = heads.filter(pl.any_horizontal(pl.col(columns).is_not_null())).select("id", *columns)
    return {row["id"]: own for row in told.iter_rows(named=True) if (own := told_by(row, known))}


def _rows(stored: pl.DataFrame, placed: pl.DataFrame, count: int) -> Rows:
    sizes = placed.get_column("place").value_counts() if placed.height else None
    if sizes is None:
        return Rows([], [0] * (count + 1))
    every = pl.DataFrame({"place": range(count)}, schema={"place": pl.Int64})
    ends = every.join(sizes, on="place", how="left", maintain_order="left").get_column("count").fill_null(0).cum_sum()
    return Rows(stored.rows(), [0, *ends.to_list()])


def _orders(heads: pl.DataFrame, stamp: Stamp) -> pl.DataFrame:
    return heads.with_columns(
        pl.col("province", "city", "country").fill_null(""),
        store_id=pl.lit(stamp.store.pk),
        refunded_minor=pl.col("refund_minor"),
        net_base_minor=_base(heads, stamp.rates),
        source=pl.lit(stamp.source),
        recipient=_recipients(heads, stamp.store),
        import_id=pl.lit(stamp.import_id),
        created_at=pl.col("at"),
        lake_batch=pl.lit(ARRIVED),
    ).select(ORDER_COLUMNS)


def _base(heads: pl.DataFrame, rates: Rates) -> pl.Series:
    """Value net sales in the base currency; None where no rate is known."""
    net = heads.get_column("net_minor")
    if (heads.get_column("currency") == rates.base_currency).all():
        return net
    told = heads.select("net_minor", "currency", "placed_on").iter_rows()
    return pl.Series([rates.base(*row) for row in told], dtype=pl.Int64)


def _recipients(heads: pl.DataFrame, store: Store) -> pl.Series:
    """Seal who each parcel goes to: an edge of the graph, never an identifier."""
    told = heads.select("recipient_name", "recipient_phone", "address")
    if all(column.null_count() == heads.height for column in told):
        return pl.repeat(None, heads.height, dtype=pl.Binary, eager=True)
    people = ({name: value for name, value in row.items() if value} for row in told.iter_rows(named=True))
    numbers = heads.get_column("number")
    return pl.Series(
        [
            seal(json.dumps(person, ensure_ascii=False), recipient_place(store, number)) if person else None
            for person, number in zip(people, numbers, strict=True)
        ],
        dtype=pl.Binary,
    )


def recipient_place(store: Store, number: str) -> str:
    """Name the place an order's sealed recipient stands in."""
    return context("orders_order", f"{store.code}/{number}", "recipient")


def _lines(lines: pl.DataFrame, variants: dict[str, int]) -> pl.DataFrame:
    skus = pl.DataFrame({"sku": list(variants), "variant_id": list(variants.values())}, schema=VARIANTS)
    joined = lines.join(skus, on="sku", how="left", maintain_order="left").with_columns(key=pl.col("line_key"))
    told = [name for name in LINE_COLUMNS if name not in DEFAULTS or (joined.get_column(name) != DEFAULTS[name]).any()]
    return joined.select(told)  # what the file does not say is left to the table's defaults


def _refunds(told: pl.DataFrame, stamp: Stamp) -> pl.DataFrame:
    return told.select(
        id="refund_id",
        customer_id="customer_id",
        profile_id="profile_id",
        store_id=pl.lit(stamp.store.pk),
        number=refund_number(pl.col("number")),
        order_id="id",
        refunded_at=pl.coalesce("refunded_at", "paid_at"),
        refunded_on="refunded_on",
        currency="currency",
        amount_minor="refund_minor",
        reason=pl.col("reason").fill_null(""),
        source=pl.lit(stamp.source),
        import_id=pl.lit(stamp.import_id),
        lake_batch=pl.lit(ARRIVED),
    ).select(REFUND_COLUMNS)


def refund_number(number: pl.Expr) -> pl.Expr:
    """Number the refund that a platform tells as an amount on its order."""
    return number + "/refund"


def _events(heads: pl.DataFrame, told: pl.DataFrame, stamp: Stamp) -> pl.DataFrame:
    """Tell of each sale, and of each refund told with it."""
    store = pl.lit(stamp.store.code).alias("store")
    order = pl.col("id").alias("order")
    first = pl.col("first").fill_null("")
    sale = pl.struct(order, "number", store, "total_minor", "currency", "lines", first)
    refund = pl.struct(
        pl.col("refund_id").alias("refund"),
        order,
        "number",
        store,
        pl.col("refund_minor").alias("amount_minor"),
        "currency",
    )
    whose = ("place", "customer_id", "profile_id")
    name = pl.when(pl.col("paid_at").is_null()).then(pl.lit("Order Placed")).otherwise(pl.lit("Order Completed"))
    sales = heads.filter(pl.col("kind") == "sale").select(
        *whose, name.alias("name"), occurred_at="placed_at", received_at="at", source=pl.lit(stamp.source),
        properties=sale.struct.json_encode(),
    )  # fmt: skip
    refunds = told.select(
        *whose, pl.lit("Order Refunded").alias("name"), occurred_at=pl.coalesce("refunded_at", "paid_at"),
        received_at="at", source=pl.lit(stamp.source), properties=refund.struct.json_encode(),
    )  # fmt: skip
    events = pl.concat([sales, refunds]).sort("place", maintain_order=True)
    return events.with_columns(pl.Series("id", list(reserve(Event, events.height)), dtype=pl.Int64))
