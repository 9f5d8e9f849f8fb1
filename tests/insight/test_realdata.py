"""A year of a real shop's invoices: the mart against an independent reading of the file."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db.models import F

from guanxi.customers.models import Score
from guanxi.ingest.begin import begin
from guanxi.ingest.run import run
from guanxi.insight import daily
from guanxi.insight.models import TradingDay
from guanxi.insight.scoring import score_customers
from guanxi.orders.models import Refund
from guanxi.warehouse import marts
from guanxi.warehouse.sync import sync

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILE = DATA / "online_retail" / "online_retail_2010_2011.csv.gz"


def invoices() -> pl.DataFrame:
    """Read one row per invoice of a known customer from the file: who, on which day, for how many pence."""
    lines = pl.read_csv(
        FILE, schema_overrides={"InvoiceNo": pl.String, "StockCode": pl.String, "CustomerID": pl.String}
    )
    amount = (pl.col("Quantity") * pl.col("UnitPrice") * 100).round(0, mode="half_away_from_zero").cast(pl.Int64)
    return (
        lines.filter(pl.col("InvoiceNo").str.contains(r"^\d") & pl.col("CustomerID").is_not_null())
        .group_by(number="InvoiceNo", customer="CustomerID")
        .agg(goods=amount.sum(), on=pl.col("InvoiceDate").first().str.slice(0, 10).str.to_date())
    )


def expected(as_of: dt.date, refunded: pl.DataFrame) -> pl.DataFrame:
    """Compute recency, frequency and monetary value anew; only which refund belongs to which order is the book's."""
    net = pl.col("goods") - pl.min_horizontal(pl.col("refund").fill_null(0), pl.col("goods").clip(0))
    window = pl.col("on") > as_of - dt.timedelta(days=365)
    orders = invoices().join(refunded, on="number", how="left").filter(pl.col("on") <= as_of).with_columns(net=net)
    return orders.group_by("customer").agg(
        recency_days=(as_of - pl.col("on").max()).dt.total_days(),
        frequency=window.sum().cast(pl.Int64),
        monetary_minor=pl.col("net").filter(window).sum(),
    ).sort("customer")  # fmt: skip


def days_as_read() -> pl.DataFrame:
    """Add the file up by day: invoices, customers who come for the first time, goods less what was given back."""
    lines = pl.read_csv(
        FILE, schema_overrides={"InvoiceNo": pl.String, "StockCode": pl.String, "CustomerID": pl.String}
    )
    amount = (pl.col("Quantity") * pl.col("UnitPrice") * 100).round(0, mode="half_away_from_zero").cast(pl.Int64)
    documents = lines.group_by(number="InvoiceNo").agg(
        net=amount.sum(),
        customer=pl.col("CustomerID").first(),
        on=pl.col("InvoiceDate").first().str.slice(0, 10).str.to_date(),
    )
    sales = documents.filter(pl.col("number").str.contains(r"^\d"))
    first = sales.filter(pl.col("customer").is_not_null()).group_by("customer").agg(pl.col("on").min())
    days = documents.filter(~pl.col("number").str.contains(r"^[Aa]")).group_by("on").agg(net=pl.col("net").sum())
    counted = sales.group_by("on").agg(orders=pl.len().cast(pl.Int64))
    new = first.group_by("on").agg(new=pl.len().cast(pl.Int64))
    joined = days.join(counted, on="on", how="left").join(new, on="on", how="left").sort("on")
    return joined.select("on", pl.col("orders", "new").fill_null(0), "net")


def days_as_kept() -> pl.DataFrame:
    kept = TradingDay.objects.order_by("day").values_list(
        "day", "orders", "new_customers", F("new_net_minor") + F("returning_net_minor") + F("guest_net_minor")
    )
    return pl.DataFrame(list(kept), schema=days_as_read().schema, orient="row")


def computed(names: pl.DataFrame) -> pl.DataFrame:
    rows = pl.concat([pl.DataFrame(pl.from_arrow(batch)) for batch in marts.rows("customer_rfm")])
    joined = rows.join(names, on="customer_id")
    return joined.select(
        "customer", *(pl.col(name).cast(pl.Int64) for name in ("recency_days", "frequency", "monetary_minor"))
    ).sort("customer")


@pytest.mark.realdata
@pytest.mark.usefixtures("checked_again", "emptied_fast")
def test_a_year_of_invoices_is_scored_as_an_independent_reading_says(settings: Any, tmp_path: Path) -> None:
    if not FILE.exists():
        pytest.skip(f"{FILE} is not there; GUANXI_DATA names the folder of public data sets")
    settings.LAKE = str(tmp_path / "lake")
    run(begin([FILE], preset="online-retail"))
    sync()
    keys = Score._meta.get_field("customer").related_model.objects.values_list("profiles__key", "pk")
    names = pl.DataFrame(list(keys), schema={"customer": pl.String, "customer_id": pl.Int64}, orient="row")
    refunds = Refund.objects.filter(order__isnull=False).values_list("order__number", "amount_minor")
    refunded = pl.DataFrame(list(refunds), schema={"number": pl.String, "refund": pl.Int64}, orient="row")
    for day, customers in ((dt.date(2011, 3, 31), None), (dt.date(2011, 9, 30), None), (dt.date(2011, 12, 10), 4_339)):
        done = score_customers(day)
        wanted = expected(day, refunded.group_by("number").agg(pl.col("refund").sum()))
        assert computed(names).equals(wanted)
        assert done.customers == wanted.height == Score.objects.count() == (customers or wanted.height)
    top = Score.objects.order_by("-parts__monetary_minor").first()
    assert top is not None
    assert (top.label, top.customer.profiles.get().key) == ("high_value", "14646")  # type: ignore[union-attr]
    run_of_shop = daily.compute(dt.date(2011, 12, 9))
    kept, read = days_as_kept(), days_as_read()
    assert kept.drop("net").equals(read.drop("net"))
    assert (kept.get_column("net") != read.get_column("net")).sum() == 1  # one order was given back £102 more than
    assert kept.get_column("net").sum() - read.get_column("net").sum() == 10_200  # its goods had brought
    assert sum(run_of_shop.moves.values()) == 4_339
