"""What will be sold: the mart of the parts, the computation, its page, its file, its scenario and the API."""

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Variant
from guanxi.insight import forecast_report, forecasting, tasks
from guanxi.insight.forecast.series import BELOW, FEW, NOTHING, SHORT, SILENT
from guanxi.insight.forecast_report import BadHorizon
from guanxi.insight.models import ForecastLine, ForecastRun
from guanxi.insight.scenario import factor
from guanxi.orders.models import Store
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.api import keyed
from tests.cast import TODAY, buy

PAGE = "/insight/forecast/"
CSV = "/insight/forecast/days.csv"
QUERIES = 12
DAY = dt.timedelta(days=1)


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def trading(lake: Path, today: dt.date, db: None) -> dict[str, Store]:
    """Two channels that sold every day for twelve weeks, twice as much on weekends; two goods, one without a name."""
    shelve([Good(sku="BC-357", name="寿眉饼", category="白茶"), Good(sku="GW-1", name="盖碗", category="茶器")])
    variants = {each.sku: each for each in Variant.objects.all()}
    told: dict[str, Any] = {"currency": "CNY", "time_zone": "Asia/Shanghai"}
    stores = {channel: Store.open(channel, name=channel, channel=channel, **told) for channel in ("own", "tmall")}
    for nth in range(1, 85):
        day = TODAY - nth * DAY
        for (channel, store), sku in zip(stores.items(), variants, strict=True):
            for _time in range(2 if day.weekday() >= 5 else 1):
                order = buy(None, store, on=day, goods_minor=10_000 if channel == "own" else 5_000)
                order.lines.create(
                    line_number=1, sku=sku, variant=variants[sku], quantity=2, unit_price="50",
                    amount_minor=order.goods_minor, discount_minor=0,
                )  # fmt: skip
    return stores


@pytest.fixture
def foretold(trading: dict[str, Store]) -> ForecastRun:
    """Their forecast."""
    sync()
    return forecasting.compute()


def run(reason: str, **more: Any) -> ForecastRun:
    told = {"since": "2024-11-01", "days": 9, "orders": 1, "gap_days": 0, "silent_days": 40, "reason": reason,
            "is_young": True, "countries": ["CN"], "unpriced": 0, "unseen": [], "currency": "CNY"}  # fmt: skip
    return ForecastRun.objects.create(as_of=TODAY, told=told | more, seconds=1)


@pytest.mark.django_db(transaction=True)
def test_the_parts_of_the_shop_add_up_to_its_days(foretold: ForecastRun) -> None:
    with snapshot() as lake:
        rows = lake.sql(
            "select part, cast(sum(net_minor) as bigint) as net, cast(sum(orders) as bigint) as orders, "
            "sum(units) as units from sales_by_part group by part"
        ).to_pylist()
        by_day = lake.sql("select sum(orders) as orders from sales_by_day").to_pylist()[0]
    found = {row.pop("part"): row for row in rows}
    orders = 2 * (84 + 24)
    assert by_day["orders"] == orders
    assert found["all"] == {"net": 15_000 * 108, "orders": orders, "units": 2.0 * orders}
    assert all(each == found["all"] for each in found.values())
    assert set(found) == {"all", "channel", "category", "product"}


@pytest.mark.django_db(transaction=True)
def test_the_forecast_knows_the_week_and_its_parts_add_up(foretold: ForecastRun) -> None:
    lines = {(each.part, each.entry, each.measure): each for each in ForecastLine.objects.all()}
    whole = lines["all", "", "net"]
    assert foretold.as_of == TODAY - DAY
    assert whole.sums["28"]["expected"] == pytest.approx(15_000 * 36, rel=0.03)
    days = whole.told["days"]["expected"]
    saturday = next(nth for nth in range(7) if (TODAY + nth * DAY).weekday() == 5)
    assert days[saturday] == pytest.approx(30_000, rel=0.05)
    for part in ("channel", "category", "product"):
        parts = [each for (kind, _e, measure), each in lines.items() if kind == part and measure == "net"]
        assert sum(each.sums["28"]["expected"] for each in parts) == pytest.approx(whole.sums["28"]["expected"], abs=3)
    assert lines["channel", "own", "net"].sums["28"]["expected"] == pytest.approx(10_000 * 36, rel=0.05)
    with snapshot() as lake:
        kept = lake.sql("select count(*) as n, min(low95) as low from sales_forecast").to_pylist()[0]
    assert kept["n"] == len(lines) * forecasting.LONGEST
    assert kept["low"] >= 0


@pytest.mark.django_db(transaction=True)
def test_the_task_forecasts_once_and_again_when_a_day_is_over(
    foretold: ForecastRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not forecasting.is_due()
    alone = SimpleNamespace(task_result=SimpleNamespace(id="alone", worker_ids=[]), attempt=1)
    assert tasks.refresh_forecast.func(alone) == ""
    monkeypatch.setattr(forecasting, "last_whole_day", lambda: TODAY)
    assert forecasting.is_due()


@pytest.mark.django_db(transaction=True)
def test_the_work_says_how_far_it_is_and_can_be_stopped(trading: dict[str, Store]) -> None:
    sync()
    told: list[tuple[int, int]] = []
    assert forecasting.compute(seen=lambda done, total: told.append((done, total))).lines.count() == len(told)
    assert told == [(nth, len(told)) for nth in range(1, len(told) + 1)]
    ForecastRun.objects.all().delete()

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forecasting.compute(seen=stop)
    assert not ForecastRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_says_what_will_be_sold_and_how_sure_that_is(
    foretold: ForecastRun, owners_browser: Client, owner: Staff
) -> None:
    page = text(owners_browser)
    for words in ("You will probably sell ¥5,", "in the next 4 weeks</h1>", "8 in 10:", "Which model is nearest?",
                  "a week on average over the last 2 × 4 weeks",
                  reverse("insight:mart-glance", args=["sales_forecast"]),
                  "less than two years"):  # fmt: skip
        assert words in page
    assert "NaN" not in page
    for part in ("channel", "category", "product"):
        for measure in ("net", "orders", "units"):
            shown = text(owners_browser, f"{PAGE}?part={part}&measure={measure}&weeks=13")
            assert "in the next 13 weeks" in shown
            assert len(shown) < 60_000
    assert "寿眉饼" in text(owners_browser, f"{PAGE}?part=product")
    owner.language = "zh-hans"
    owner.save()
    assert "未来 4 周，预计销售 ¥5," in text(owners_browser)


@pytest.mark.django_db(transaction=True)
def test_the_file_holds_the_days_known_and_those_to_come(foretold: ForecastRun, owners_browser: Client) -> None:
    response = owners_browser.get(CSV)
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("Day,Net sales (CNY),Forecast (CNY),80% from (CNY)")
    assert len(lines) == 1 + 84 + 28
    assert lines[84].startswith("2024-11-10,300")
    assert lines[85].startswith("2024-11-11,,")


@pytest.mark.django_db(transaction=True)
def test_a_scenario_is_plain_arithmetic(foretold: ForecastRun, owners_browser: Client) -> None:
    row = ForecastLine.objects.get(part="channel", entry="own", measure="orders")
    page = text(owners_browser, f"{PAGE}?measure=orders&traffic-own=100&price-own=50")
    whole = sum(each.sums["28"]["expected"] for each in ForecastLine.objects.filter(part="channel", measure="orders"))
    assert f"It would come to {whole + row.sums['28']['expected']} instead of {whole}." in page
    assert "Move a slider" in text(owners_browser, f"{PAGE}?traffic-own=NaN&price-own=&traffic-tmall=9e9")


def test_a_scenario_multiplies_and_is_never_below_nothing() -> None:
    assert factor(0, 0, 0, response=20, measure="net") == 1
    assert factor(10, 20, 50, response=20, measure="net") == pytest.approx(1.1 * 1.1 * 1.2)
    assert factor(10, 20, 50, response=20, measure="orders") == pytest.approx(1.1 * 1.1)
    assert factor(-90, -90, -90, response=100, measure="net") >= 0


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (NOTHING, "No paid order is known yet."),
        (SHORT, "9 days of trade are known; a forecast takes 21 at the least."),
        (FEW, "1 orders are known; a forecast takes 20 at the least."),
        (SILENT, "Nothing was ordered for 40 days"),
        (BELOW, "More was given back than sold"),
    ],
)
def test_a_past_that_is_too_short_says_what_is_missing(
    today: dt.date, owners_browser: Client, reason: str, words: str
) -> None:
    run(reason)
    assert words in text(owners_browser)


def test_before_the_first_forecast_the_page_teaches(db: None, owners_browser: Client) -> None:
    assert "It is computed every night, from three weeks of paid orders on." in text(owners_browser)
    assert owners_browser.get(CSV).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_shop_without_orders_and_one_of_refunds_alone_are_told_so(
    lake: Path, today: dt.date, tea_house: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    sync()
    assert forecasting.compute().told["reason"] == NOTHING
    for nth in range(1, 40):
        buy(None, tea_house, on=TODAY - nth * DAY, goods_minor=5_000, refunded_minor=5_000)
    sync()
    assert forecasting.compute().told["reason"] == BELOW
    call_command("insight", "forecast", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {each["measure"] for each in told["forecasts"] if each["part"] == "all"} <= {"orders", "units"}


@pytest.mark.django_db(transaction=True)
def test_the_command_and_the_api_tell_the_same(
    foretold: ForecastRun, owner: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    program = keyed(owner, "insight:read")
    told = program.get("/insight/forecast?horizon=10&part=channel")
    assert {each["part"] for each in told["forecasts"]} == {"channel"}
    assert all(len(each["days"]) == 10 for each in told["forecasts"])
    found = forecast_report.told(foretold, horizon=10)
    assert [each for each in found["forecasts"] if each["part"] == "channel"] == told["forecasts"]
    assert program.call("GET", "/insight/forecast?horizon=92").status_code == 422
    assert "The 28 days after 2024-11-10" in forecast_report.words(forecast_report.told(foretold, horizon=28))
    with pytest.raises(BadHorizon):
        forecast_report.checked(0)


@pytest.mark.django_db(transaction=True)
def test_the_page_asks_as_much_however_many_parts_there_are(
    foretold: ForecastRun, owners_browser: Client, django_assert_max_num_queries: Any
) -> None:
    owners_browser.get(PAGE)
    whole = ForecastLine.objects.get(part="all", measure="net")
    ForecastLine.objects.bulk_create(
        ForecastLine(
            run=foretold, part="product", entry=str(9_000 + nth), measure="net", place=nth + 90, sums=whole.sums,
            told=whole.told,
        )
        for nth in range(20)
    )  # fmt: skip
    with django_assert_max_num_queries(QUERIES):
        owners_browser.get(f"{PAGE}?part=product")
