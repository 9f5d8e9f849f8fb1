"""The forecast of two shops: one that sells in two currencies, and a real one of 2011 held against what came."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.test import Client

from guanxi.insight import forecasting
from guanxi.insight.forecast.ahead import forecast
from guanxi.insight.forecast.series import DAY, Series
from guanxi.insight.models import ForecastLine, ForecastRun
from guanxi.orders.models import ExchangeRate, Order, Store
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy
from tests.conftest import DATA

PAGE = "/insight/forecast/"
RETAIL = DATA / "online_retail" / "online_retail_2010_2011.csv.gz"
QUERIES = {"": 9, "?part=product&measure=units": 10, "?part=channel&weeks=13": 10}


@pytest.fixture
def two_moneys(lake: Path, today: dt.date, db: None) -> ForecastRun:
    """Every day for ten weeks 100 yuan at home and 10 dollars abroad, once a franc that nobody has a rate for."""
    ExchangeRate.objects.quote("USD", "CNY", TODAY - 90 * DAY, Decimal("7.1"))
    told: dict[str, Any] = {"time_zone": "Asia/Shanghai"}
    home = Store.open("own", name="own", channel="own", currency="CNY", **told)
    abroad = Store.open("abroad", name="abroad", channel="shopify", currency="USD", **told)
    franc = Store.open("franc", name="franc", channel="counter", currency="CHF", **told)
    for nth in range(1, 71):
        buy(None, home, on=TODAY - nth * DAY, goods_minor=10_000)
        buy(None, abroad, on=TODAY - nth * DAY, goods_minor=1_000)
    buy(None, franc, on=TODAY - 9 * DAY, goods_minor=900_000)
    Order.objects.filter(store=abroad).update(net_base_minor=7_100)
    Order.objects.filter(store=franc).update(net_base_minor=None)
    sync()
    return forecasting.compute()


@pytest.mark.django_db(transaction=True)
def test_two_currencies_are_forecast_in_the_companys_and_what_has_no_rate_is_told(
    two_moneys: ForecastRun, owners_browser: Client
) -> None:
    lines = {(each.part, each.entry): each.sums["28"] for each in ForecastLine.objects.filter(measure="net")}
    assert lines["all", ""]["expected"] == pytest.approx(28 * (10_000 + 7_100), rel=0.02)
    assert lines["channel", "shopify"]["expected"] == pytest.approx(28 * 7_100, rel=0.05)
    assert lines["all", ""]["high95"] < 900_000
    page = " ".join(owners_browser.get(PAGE).content.decode().split())
    assert "1 orders and refunds have no exchange rate and are in no sum." in page
    assert "You will probably sell ¥4," in page
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b", page)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", QUERIES)
def test_the_page_asks_exactly_so_much(
    two_moneys: ForecastRun, owners_browser: Client, query: str, django_assert_num_queries: Any
) -> None:
    owners_browser.get(PAGE + query)
    with django_assert_num_queries(QUERIES[query]):
        owners_browser.get(PAGE + query)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["", "?weeks=13"])
def test_the_table_of_the_chart_has_both_spans_the_wider_around_the_other(
    two_moneys: ForecastRun, owners_browser: Client, query: str
) -> None:
    page = owners_browser.get(PAGE + query).content.decode()
    for words in ("80% from", "80% to", "95% from", "95% to"):
        assert words in page
    for each in ForecastLine.objects.all():
        days = each.told["days"]
        ends = (np.array(days[name]) for name in ("low95", "low80", "expected", "high80", "high95"))
        assert (np.diff(np.array(list(ends)), axis=0) >= 0).all()


@pytest.mark.realdata
def test_the_autumn_of_a_real_shop_lies_within_its_span() -> None:
    if not RETAIL.exists():
        pytest.skip(f"{RETAIL} is not there; GUANXI_DATA names the folder of public data sets")
    day = pl.col("InvoiceDate").str.slice(0, 10).str.to_date()
    sold = (pl.col("Quantity").cast(pl.Float64) * pl.col("UnitPrice").cast(pl.Float64)).clip(lower_bound=0)
    rows = pl.read_csv(RETAIL, infer_schema=False).group_by(day=day).agg(sold=sold.sum()).sort("day")
    told = dict(rows.iter_rows())
    whole = Series.of(told, rows["day"][0], rows["day"][-1])
    held: list[bool] = []
    for known in (210, 240, 270, 300, 330):
        found = forecast(whole.upto(known), {}, 28)
        came = whole.values[known : known + 28]
        sums = found.sums(28)
        held.append(bool(sums.low95[0] <= came.sum() <= sums.high95[0]))
        assert np.isfinite([getattr(found.days, name) for name in ("expected", "low95", "high95")]).all()
        assert (
            found.days.expected[[nth for nth in range(28) if (whole.first + (known + nth) * DAY).weekday() == 5]].max()
            < 0.2 * found.mean
        )
        naive = next(each for each in found.trial.tried if each.name == "same-weekday")
        assert found.trial.best is not None
        assert found.trial.best.error <= naive.error
    assert sum(held) >= 4
