"""From cleaned rows to documents: the pure second half of an import.

In: the cleaned rows of one bucket (whole documents), `_role` saying what each row tells. Out: one frame of documents
and three of what hangs on them. Times are UTC, amounts minor units, quantities and prices ten-thousandths.

Source of the rules: the lake's contract (a document's time is its first line's; a line's key is its content plus its
occurrence inside the document).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from guanxi.ingest.amounts import line_amount, minor
from guanxi.ingest.own import PREFIX
from guanxi.ingest.presets import Rules
from guanxi.ingest.states import with_states

NUMBERS = ("total", "discount", "shipping", "tax", "refund")
SUMMED = ("discount", "shipping", "tax")
TIMES = ("placed_at", "paid_at", "shipped_at", "delivered_at", "refunded_at")
TEXTS = (
    "status", "currency", "channel", "province", "city", "country", "address", "recipient_name", "recipient_phone",
    "reason", "customer_external_id", "customer_name", "phone", "email",
)  # fmt: skip
LINE_TEXTS = ("line_id", "sku", "product_name", "category")
LINE_NUMBERS = ("quantity", "unit_price")
CONTENT = ("number", "line_key", "sku", "product_name", "quantity", "unit_price")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the preset and the store say about every document of a file."""

    rules: Rules
    currency: str
    time_zone: str
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Documents:
    """The documents of a bucket.

    `orders` has one row a document (`kind` sale, adjustment or refund), `lines` and `payments` hang on it by `number`;
    `stray` holds `_row` and `number` of rows whose document is nowhere in the files.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    payments: pl.DataFrame
    stray: pl.DataFrame

    @property
    def order_numbers(self) -> list[str]:
        """The numbers of what is no refund, in their order."""
        return self.orders.filter(pl.col("kind") != "refund").get_column("number").to_list()


def assemble(rows: pl.DataFrame, reading: Reading) -> Documents:
    """Put the rows of whole documents together."""
    rows = _complete(rows)
    heads = rows.filter(pl.col("_role").is_in(["flat", "orders"]))
    documents = _heads(heads, reading)
    currencies = documents.get_column("currency").unique().sort().to_list() or [reading.currency]
    lines = _lines(rows, documents, currencies)
    orders = _with_amounts(documents, rows, lines, currencies)
    orders = with_states(orders, reading.rules, reading.states)
    return Documents(
        orders=orders,
        lines=lines,
        payments=_payments(rows, orders, currencies, reading),
        stray=rows.join(documents, left_on="order_number", right_on="number", how="anti").select(
            "_row", number="order_number"
        ),
    )


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns no file had, empty."""
    absent = [pl.lit(None, pl.String).alias(name) for name in (*TEXTS, *LINE_TEXTS, "payment_method")]
    absent += [pl.lit(None, pl.Int64).alias(name) for name in (*NUMBERS, *LINE_NUMBERS, "payment_amount")]
    absent += [pl.lit(None, pl.Datetime("us")).alias(name) for name in TIMES]
    return rows.with_columns(column for column in absent if column.meta.output_name() not in rows.columns)


def _heads(rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Take one row a document: of each field the first value given, of the time the first line's."""
    own = [name for name in rows.columns if name.startswith(PREFIX)]
    known = [name for name in (*TEXTS, *own, "total", "refund") if rows.get_column(name).null_count() < rows.height]
    unknown = [name for name in (*TEXTS, *own, "total", "refund") if name not in known]
    heads = rows.group_by("order_number", maintain_order=True).agg(
        pl.col("_row").first().alias("row"),
        pl.len().cast(pl.Int64).alias("rows"),
        pl.col(TIMES).first(),
        *(pl.col(name).first() for name in known),
        *(
            pl.col(name).drop_nulls().first().alias(f"{name}\0any")
            for name in known
            if rows.get_column(name).null_count()
        ),
    )
    heads = heads.with_columns(
        pl.coalesce(name, f"{name}\0any") for name in known if f"{name}\0any" in heads.columns
    ).with_columns(_absent(name) for name in unknown)
    number = pl.col("order_number")
    return heads.select(
        "row",
        "rows",
        *(utc(pl.col(name), reading.time_zone).alias(name) for name in TIMES),
        *(pl.col(name) for name in (*TEXTS, *own, "total", "refund") if name != "currency"),
        number=number,
        kind=_kind(number, reading.rules),
        currency=pl.col("currency").str.to_uppercase().fill_null(reading.currency),
        placed_on=pl.col("placed_at").dt.date(),
        refunded_on=pl.coalesce("refunded_at", "placed_at").dt.date(),
    )


def _absent(name: str) -> pl.Expr:
    return pl.lit(None, pl.Int64 if name in NUMBERS else pl.String).alias(name)


def _kind(number: pl.Expr, rules: Rules) -> pl.Expr:
    kind = pl.lit("sale")
    if rules.adjustment_number:
        kind = pl.when(number.str.contains(rules.adjustment_number)).then(pl.lit("adjustment")).otherwise(kind)
    if rules.refund_number:
        kind = pl.when(number.str.contains(rules.refund_number)).then(pl.lit("refund")).otherwise(kind)
    return kind


def utc(local: pl.Expr, zone: str) -> pl.Expr:
    """Turn the store's clock into UTC: a doubled hour is the earlier one, a skipped one moves on by an hour."""

    def read(moment: pl.Expr) -> pl.Expr:
        placed = moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return placed.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

    return pl.coalesce(read(local), read(local.dt.offset_by("1h")))


def _lines(rows: pl.DataFrame, documents: pl.DataFrame, currencies: list[str]) -> pl.DataFrame:
    """Number the lines of each document and round their amounts."""
    lines = rows.filter(pl.col("_role").is_in(["flat", "lines"]))
    lines = lines.join(
        documents.select("number", "currency", doc=pl.int_range(pl.len())),
        left_on="order_number", right_on="number", how="inner", maintain_order="left", suffix="\0doc",
    ).sort("doc", maintain_order=True)  # fmt: skip
    quantity = pl.col("quantity").fill_null(10_000)
    price = pl.coalesce("unit_price", (pl.col("total").cast(pl.Float64) * 10_000 / quantity).round().cast(pl.Int64), 0)
    currency = pl.col("currency\0doc" if "currency\0doc" in lines.columns else "currency")
    lines = lines.select(
        "doc",
        row="_row",
        role="_role",
        number="order_number",
        line_key=pl.col("line_id").fill_null(""),
        sku=pl.col("sku").fill_null(""),
        product_name=pl.col("product_name").fill_null(""),
        category=pl.col("category").fill_null(""),
        quantity=quantity,
        unit_price=price,
        discount=pl.col("discount"),
        currency=currency,
    )
    lines = lines.select(
        "doc", "row", "number", "line_key", "sku", "product_name", "category", "quantity", "unit_price", "role",
        line_number=(pl.int_range(pl.len()).over("doc") + 1).cast(pl.Int64),
        amount_minor=line_amount(pl.col("quantity"), pl.col("unit_price"), pl.col("currency"), currencies),
        discount_minor=minor(pl.col("discount").fill_null(0), pl.col("currency"), currencies),
    )  # fmt: skip
    return lines.with_columns(discount_minor=_shared()).drop("role")


def _of_order(discount: pl.Expr) -> pl.Expr:
    """Read the discount of an order from its rows: one number that rows repeat is the order's, else they add up."""
    said = discount.filter(discount.fill_null(0) != 0)
    return pl.when(said.n_unique() > 1).then(said.sum()).otherwise(said.first())


def _shared() -> pl.Expr:
    """Share the order's discount among its lines by their amounts, to the minor unit; lines with their own keep it."""
    own, amount = pl.col("discount_minor"), pl.col("amount_minor")
    whole, sums = _of_order(own).over("doc").fill_null(0), amount.sum().over("doc")
    upto = amount.cum_sum().over("doc")
    parts = [(whole.cast(pl.Int128) * each // sums).cast(pl.Int64) for each in (upto, upto - amount)]
    is_orders = (pl.col("role") == "flat") & (own.filter(own != 0).n_unique().over("doc") == 1) & (sums > 0)
    return pl.when(is_orders).then(parts[0] - parts[1]).otherwise(own)


def _with_amounts(
    documents: pl.DataFrame, rows: pl.DataFrame, lines: pl.DataFrame, currencies: list[str]
) -> pl.DataFrame:
    """Sum goods, discount, shipping and tax; what the file does not say follows from the rest."""
    flat = rows.filter(pl.col("_role") != "flat").group_by("order_number").agg(pl.col(SUMMED).sum())
    first = (
        rows.filter(pl.col("_role") == "flat")
        .group_by("order_number")
        .agg(_of_order(pl.col("discount")), pl.col(SUMMED[1:]).first())
    )
    sums = pl.concat([flat, first]).rename({"order_number": "number"})
    goods = lines.group_by("number").agg(goods_minor=pl.col("amount_minor").sum(), lines=pl.len().cast(pl.Int64))
    joined = documents.join(sums, on="number", how="left", maintain_order="left")
    joined = joined.join(goods, on="number", how="left", maintain_order="left")
    code = pl.col("currency")
    joined = joined.with_columns(
        *(minor(pl.col(name).fill_null(0), code, currencies).alias(f"{name}_minor") for name in SUMMED),
        total_given=minor(pl.col("total"), code, currencies),
        refund_minor=minor(pl.col("refund").fill_null(0), code, currencies),
        lines=pl.col("lines").fill_null(0),
    )
    extra = pl.col("shipping_minor") + pl.col("tax_minor")
    joined = joined.with_columns(
        goods_minor=pl.coalesce("goods_minor", pl.col("total_given") - extra + pl.col("discount_minor"), 0)
    )
    gap = pl.col("goods_minor") + extra - pl.col("total_given")
    joined = joined.with_columns(
        discount_minor=pl.when((pl.col("discount_minor") == 0) & (gap > 0)).then(gap).otherwise("discount_minor")
    )
    whole = pl.col("goods_minor") - pl.col("discount_minor") + extra
    return joined.with_columns(
        total_minor=pl.coalesce("total_given", whole), total_is_given=pl.col("total_given").is_not_null()
    ).drop("total", "refund", "total_given", *SUMMED)


def _payments(rows: pl.DataFrame, orders: pl.DataFrame, currencies: list[str], reading: Reading) -> pl.DataFrame:
    """Take the payments a file lists; a paid order without any has one of its total."""
    paid = orders.filter(pl.col("paid_at").is_not_null() & (pl.col("kind") == "sale"))
    listed = rows.filter(pl.col("_role") == "payments").join(
        paid.select("number", "paid_at", order_currency="currency"),
        left_on="order_number", right_on="number", how="inner", suffix="\0order",
    )  # fmt: skip
    listed = listed.sort("order_number", "_row").select(
        number="order_number",
        sequence=(pl.int_range(pl.len()).over("order_number") + 1).cast(pl.Int64),
        method=pl.col("payment_method").fill_null(""),
        amount_minor=minor(pl.col("payment_amount"), pl.col("order_currency"), currencies),
        paid_at=pl.col("paid_at\0order"),
    )
    rest = paid.join(listed, on="number", how="anti").select(
        "number",
        sequence=pl.lit(1, pl.Int64),
        method=pl.lit(""),
        amount_minor="total_minor",
        paid_at="paid_at",
    )
    return pl.concat([listed, rest])
