"""Every mart gives the same on DuckDB and through Spark Connect, whatever the lake holds."""

import datetime as dt
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guanxi.warehouse import engines, runs
from guanxi.warehouse.reading import snapshot
from tests.insight import small_shop

Rows = dict[str, list[tuple[Any, ...]]]
pytestmark = pytest.mark.spark


def computed(engine: str) -> Rows:
    """Compute all marts anew on an engine, and read them back, each in one order."""
    outcomes = runs.run(engine=engine, anew=True)
    assert {outcome.mart: outcome.problem for outcome in outcomes if not outcome.is_sound} == {}
    assert {outcome.engine for outcome in outcomes} == {engine}
    with snapshot() as now:
        read = {name: now.sql(f"select * from {name}").to_pylist() for name in runs.computed()}
    return {name: sorted((tuple(row.values()) for row in rows), key=_place) for name, rows in read.items()}


def _place(row: tuple[Any, ...]) -> str:
    """Put rows in order by all that is exact in them."""
    return repr([value for value in row if not isinstance(value, float)])


def differences(ours: Rows, theirs: Rows) -> Iterator[str]:
    for name in ours:
        if len(ours[name]) != len(theirs[name]):
            yield f"{name}: {len(ours[name])} rows on DuckDB, {len(theirs[name])} on Spark"
            continue
        for one, other in zip(ours[name], theirs[name], strict=True):
            if not all(map(_is_same, one, other)):
                yield f"{name}: {one} on DuckDB, {other} on Spark"
                break


def _is_same(one: Any, other: Any) -> bool:
    """Integers, decimals, days and texts exactly; doubles to 1e-9 of their size."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize("seed", [11, *(range(12, 32) if "GUANXI_TORTURE" in os.environ else ())])
def test_every_mart_gives_the_same_on_both_engines(lake: Path, today: dt.date, spark: str, seed: int) -> None:
    small_shop.open_shop(seed=seed)
    ours = computed(engines.DUCKDB)
    assert [name for name, rows in ours.items() if not rows] == [], "say in small_shop.py what these marts look for"
    assert list(differences(ours, computed(spark))) == []


def test_on_an_empty_lake_too(lake: Path, today: dt.date, spark: str) -> None:
    assert list(differences(computed(engines.DUCKDB), computed(spark))) == []


def test_a_difference_is_found() -> None:
    ours: Rows = {"mart": [(1, 2.0, None)]}
    assert list(differences(ours, {"mart": [(1, 2.0 + 1e-12, None)]})) == []
    for other in ((2, 2.0, None), (1, 2.0 + 1e-6, None), (1, 2.0, 0), (1.0, 2.0, None)):
        assert len(list(differences(ours, {"mart": [other]}))) == 1
    assert list(differences(ours, {"mart": []})) == ["mart: 1 rows on DuckDB, 0 on Spark"]
