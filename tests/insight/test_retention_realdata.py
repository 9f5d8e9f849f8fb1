"""A year of a real shop's invoices: the published cohorts, through the import, the marts and the page."""

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.ingest.begin import begin
from guanxi.ingest.run import run
from guanxi.insight import daily, scoring
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.cast import hired

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILE = DATA / "online_retail" / "online_retail_2010_2011.csv.gz"
LAST = dt.date(2011, 12, 9)
ANY_DOCUMENT = [948, 362, 317, 367, 341, 376, 360, 336, 336, 374, 354, 474, 260]
PURCHASES = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
FIRST = """
    select customers from cohort_months
    where basis = $basis and dimension = 'all' and cohort_month = date '2010-12-01' order by months_since
"""
SUMS = """
    select sum(case when months_since = 0 then members end) as customers, sum(orders) as orders, sum(sold_minor) as sold
    from cohort_months where basis = 'purchases' and dimension = 'all'
"""
EVER = "select sum(customers), sum(returned) from repurchase_rates where dimension = 'all' and within_days = 0"


def asked(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    with snapshot() as lake:
        return [tuple(row.values()) for row in lake.sql(sql, **params).to_pylist()]


def cleaned() -> pl.DataFrame:
    """Read one row per invoice with a row of a known customer that is no cancellation and cost something."""
    lines = pl.read_csv(
        FILE, schema_overrides={"InvoiceNo": pl.String, "StockCode": pl.String, "CustomerID": pl.String}
    )
    bought = lines.filter(
        ~pl.col("InvoiceNo").str.starts_with("C")
        & pl.col("CustomerID").is_not_null()
        & (pl.col("Quantity") > 0)
        & (pl.col("UnitPrice") > 0)
    )
    return bought.group_by("InvoiceNo", who="CustomerID").agg(
        on=pl.col("InvoiceDate").first().str.slice(0, 10).str.to_date()
    )


def repurchase_as_read(within: int) -> tuple[int, int]:
    """Count in the file who could be watched for so many days, and who of them has a second invoice by then."""
    dates = cleaned().sort("on").group_by("who", maintain_order=True).agg("on")["on"].to_list()
    watched = [days for days in dates if (LAST - days[0]).days >= within]
    return len(watched), sum(len(days) > 1 and (days[1] - days[0]).days <= within for days in watched)


def median_gap_as_read() -> float:
    """Find the middle of the days between buying days in the file."""
    days = cleaned().select("who", "on").unique().sort("who", "on")
    gaps = days.with_columns(gap=pl.col("on").diff().over("who").dt.total_days())["gap"].drop_nulls().sort()
    return float(gaps[-(-len(gaps) // 2) - 1])


@pytest.mark.realdata
@pytest.mark.usefixtures("checked_again", "emptied_fast")
def test_a_year_of_invoices_gives_both_published_cohorts_and_the_figures_of_repurchase(
    settings: Any, tmp_path: Path, client: Client
) -> None:
    if not FILE.exists():
        pytest.skip(f"{FILE} is not there; GUANXI_DATA names the folder of public data sets")
    settings.LAKE = str(tmp_path / "lake")
    run(begin([FILE], preset="online-retail"))
    sync()
    scoring.score_customers(LAST)
    daily.compute(LAST)
    assert [row[0] for row in asked(FIRST, basis="documents")] == ANY_DOCUMENT
    assert [row[0] for row in asked(FIRST, basis="purchases")] == PURCHASES
    assert asked(SUMS)[0][:2] == (4_338, 18_532)
    assert abs(asked(SUMS)[0][2] - 891_140_790) <= 5  # minor units are rounded per line, prices may have three places
    assert f"{asked(SUMS)[0][2] / asked(SUMS)[0][1] / 100:.2f}" == "480.87"
    customers, again = asked(EVER)[0]
    assert f"{again / customers:.2%}" == "65.58%"
    rates = "select sum(customers), sum(returned) from repurchase_rates where dimension = 'all' and within_days = $days"
    for days in (30, 90, 365):
        assert asked(rates, days=days) == [repurchase_as_read(days)]
    assert asked("select median_days from repurchase_gaps where dimension = 'all'") == [(median_gap_as_read(),)]
    the_page_shows_both(client, hired("mei", "Mei", Role.OWNER))


def the_page_shows_both(client: Client, owner: Staff) -> None:
    """Read the line of the first cohort off the page, counted both ways, and the figures above it."""
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    for basis, figures in (("documents", ANY_DOCUMENT), ("purchases", PURCHASES)):
        shown = client.get(f"/insight/retention/?basis={basis}&shows=customers").content.decode()
        line = shown.partition("<b>Dec 2010</b>")[2].partition("</tr>")[0]
        assert [int(each) for each in re.findall(r">(\d+)\*?</a>", line)] == figures
    for figure in ("65.6%", "£480.87", "4,338", "2,845 of 4,338"):
        assert figure in shown
    for language in ("zh-hans", "en"):
        owner.language = language
        owner.save()
        assert len(client.get("/insight/retention/?basis=documents&shows=each").content) <= 60_000
        for panel in ("repurchase", "beginnings", "intervals"):
            assert len(client.get(f"/insight/retention/{panel}/").content) <= 15_000
    assert "Soonest after “REGENCY CAKESTAND 3 TIER”" in client.get("/insight/retention/intervals/").content.decode()
