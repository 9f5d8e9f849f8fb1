"""Marts that fall into months: computed apart they are what they are together, and only what changed is computed."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from guanxi.warehouse import lake as tables
from guanxi.warehouse import marts, registry, runs
from guanxi.warehouse.headers import Reach
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.reading import snapshot
from tests.insight import small_shop

SEEDS = [11, *(range(12, 40) if "GUANXI_TORTURE" in os.environ else ())]
Rows = list[tuple[Any, ...]]


def sliced() -> list[str]:
    return [name for name in runs.ordered() if registry.marts()[name].header.slices]


def kept(mart: str) -> Rows:
    with snapshot() as now:
        return sorted((tuple(row.values()) for row in now.sql(f"select * from {mart}").to_pylist()), key=repr)


def together(mart: str) -> Rows:
    declared = registry.marts()[mart]
    with snapshot() as now:
        found = now.sql(declared.sql, **declared.values(), **declared.unbounded).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=repr)


def files(mart: str) -> dict[int, str]:
    table = tables.find(mart)
    assert table is not None
    return {file.partition[0]: file.file_path for file in tables.files(table).base}


def states() -> dict[str, str]:
    return {each.mart: str(each.state) for each in runs.run()}


@pytest.mark.parametrize("seed", SEEDS)
def test_months_computed_apart_are_those_computed_together(lake: Path, today: dt.date, seed: int) -> None:
    small_shop.open_shop(seed=seed)
    assert set(states().values()) == {"done"}
    assert len(sliced()) >= 4
    for mart in sliced():
        assert len(files(mart)) > 10
        assert kept(mart) == together(mart)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_news_the_months_that_stand_are_kept_and_all_is_as_computed_anew(
    lake: Path, today: dt.date, seed: int
) -> None:
    small_shop.open_shop(seed=seed)
    states()
    for nth in range(2):
        before = {mart: files(mart) for mart in sliced()}
        small_shop.bring_news(seed=seed + nth, nth=nth)
        told = runs.run()
        assert not [each for each in told if not each.is_sound]
        for mart in sliced():
            assert kept(mart) == together(mart), mart
        stands = {mart: len(set(before[mart].values()) & set(files(mart).values())) for mart in sliced()}
        assert stands["product_days"] >= 5
        assert all(len(before[mart]) > many for mart, many in stands.items())


def test_one_more_day_touches_the_last_months_alone(
    lake: Path, today: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_shop.open_shop()
    states()
    before = files("customer_months")
    monkeypatch.setattr("guanxi.insight.given.present_day", lambda: today + dt.timedelta(days=1))
    assert states()["customer_months"] == "done"
    after = files("customer_months")
    this_month = today.year * 100 + today.month
    assert {month for month in after if after[month] != before.get(month)} <= {this_month, this_month + 1}


def test_who_changes_the_text_or_asks_for_all_gets_every_month_anew(lake: Path, today: dt.date) -> None:
    small_shop.open_shop()
    mart = registry.marts()["product_days"]
    marts.run(mart, **mart.values())
    before = files("product_days")
    marts.run(mart, **mart.values())
    assert files("product_days") == before
    assert MartRun.objects.of("product_days")[0].rows == len(kept("product_days"))
    marts.run(mart, anew=True, **mart.values())
    assert not set(files("product_days").values()) & set(before.values())


@pytest.mark.parametrize("name", ["sold_orders", "sold_lines", "customer_months"])
def test_a_month_that_comes_out_as_it_lies_keeps_its_file(lake: Path, today: dt.date, name: str) -> None:
    small_shop.open_shop()
    states()
    before, rows = files(name), kept(name)
    MartRun.objects.of(name).update(slices={})
    mart = registry.marts()[name]
    marts.run(mart, **mart.values())
    assert files(name) == before
    assert kept(name) == rows
    assert MartRun.objects.of(name)[0].slices


def test_visits_older_than_they_are_kept_leave_the_lake(lake: Path, today: dt.date) -> None:
    small_shop.open_shop()
    mart = registry.marts()["visits"]
    marts.run(mart, **mart.values())
    assert len(files("visits")) > 10
    marts.run(mart, **mart.values() | {"keep_days": 60})
    first = today - dt.timedelta(days=60)
    assert min(files("visits")) == first.year * 100 + first.month
    assert len(files("visits")) <= 4


def test_a_header_says_what_months_hang_on() -> None:
    found = registry.marts()["product_days"].header.slices
    assert found is not None
    assert found.column == "placed_on"
    assert found.reaches == (
        Reach("sold_lines", 0, 0),
        Reach("orders", None, 0),
        Reach("refunds", 0, 0, ("refund_lines",)),
    )
    assert found.whole == (("products", ("sku", "product_id", "category")),)
