"""The axes of an order's state, from a platform's one word and the times beside it."""

from collections.abc import Mapping

import polars as pl

from guanxi.ingest.presets import Rules

CLOSED = "closed"


def with_states(orders: pl.DataFrame, rules: Rules, states: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """Add payment, fulfilment and order state, the time of payment, and the refund a closed order implies."""
    said = orders.with_columns(
        *(_said(axis, states).alias(f"said_{axis}") for axis in ("payment", "fulfilment", "order")),
        platform_state=pl.col("status").fill_null(""),
    )
    said = said.with_columns(paid_at=_paid_at(rules)).with_columns(refund_minor=_refund())
    return said.with_columns(
        payment_state=_payment_state(),
        fulfilment_state=_fulfilment_state(rules),
        order_state=_order_state(),
        net_minor=_net(),
    ).drop("said_payment", "said_fulfilment", "said_order", "status")


def _net() -> pl.Expr:
    """Net sales of the orders on their own: see `orders.intake.net_of`."""
    brought = pl.col("goods_minor") - pl.col("discount_minor")
    kept = brought - pl.min_horizontal("refund_minor", pl.max_horizontal(brought, 0))
    return pl.when(pl.col("paid_at").is_not_null()).then(kept).otherwise(0)


def normalise_state(word: str) -> str:
    """Fold blanks and the two commas, so that 买家已付款，等待卖家发货 is one word in every export."""
    return word.replace("，", ",").replace(" ", "").strip().lower()


def _said(axis: str, states: Mapping[str, Mapping[str, str]]) -> pl.Expr:
    words = {normalise_state(word): meaning[axis] for word, meaning in states.items() if axis in meaning}
    if not words:
        return pl.lit(None, pl.String)
    folded = pl.col("status").str.replace_all("，", ",").str.replace_all(" ", "").str.to_lowercase()
    return folded.replace_strict(words, default=None, return_dtype=pl.String)


def _paid_at(rules: Rules) -> pl.Expr:
    """The time given; else the order's own where the file or the state says it is paid. Adjustments never are."""
    assumed = pl.lit(value=True) if rules.paid == "always" else pl.col("said_payment") == "paid"
    paid_at = pl.coalesce("paid_at", pl.when(assumed).then("placed_at"))
    return pl.when(pl.col("kind") == "sale").then(paid_at)


def _refund() -> pl.Expr:
    """The amount given; an order closed after payment went back whole. Nothing unpaid can go back."""
    closed = (pl.col("said_order") == CLOSED) & (pl.col("refund_minor") == 0)
    amount = pl.when(closed).then("total_minor").otherwise("refund_minor")
    return pl.when(pl.col("paid_at").is_not_null()).then(amount).otherwise(0)


def _payment_state() -> pl.Expr:
    refund = pl.col("refund_minor")
    return (
        pl.when(pl.col("paid_at").is_null()).then(pl.lit("unpaid"))
        .when(refund == 0).then(pl.lit("paid"))
        .when(refund >= pl.col("total_minor")).then(pl.lit("refunded"))
        .otherwise(pl.lit("part_refunded"))
    )  # fmt: skip


def _fulfilment_state(rules: Rules) -> pl.Expr:
    unsaid = "delivered" if rules.paid == "always" else "unfulfilled"
    return (
        pl.when(pl.col("said_fulfilment").is_not_null()).then("said_fulfilment")
        .when(pl.col("delivered_at").is_not_null()).then(pl.lit("delivered"))
        .when(pl.col("shipped_at").is_not_null()).then(pl.lit("shipped"))
        .otherwise(pl.lit(unsaid))
    )  # fmt: skip


def _order_state() -> pl.Expr:
    return (
        pl.when(pl.col("said_order") == CLOSED).then(pl.lit("cancelled"))
        .when(pl.col("said_order").is_not_null()).then("said_order")
        .when(pl.col("paid_at").is_not_null() | (pl.col("kind") != "sale")).then(pl.lit("completed"))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
