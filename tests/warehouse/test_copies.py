"""A lake that was copied and put back elsewhere reads the same, and the next sync goes on as if nothing had been."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from guanxi.warehouse import copies, lake, sync, upkeep
from guanxi.warehouse.models import CHANGED, Moment, SyncBatch
from guanxi.warehouse.reading import snapshot
from tests.warehouse import toy

DAY = dt.date(2024, 3, 5)


def sales() -> list[dict[str, Any]]:
    with snapshot() as now:
        return now.sql("select sale_id, net_minor from sales order by 1").to_pylist()


def moved(settings: Any, tmp_path: Path) -> None:
    """Copy the lake, lose it, and put it back in another place."""
    told = copies.take(tmp_path / "copy")
    shutil.rmtree(tmp_path / "lake")
    settings.LAKE = str(tmp_path / "elsewhere")
    copies.show(copies.put_back(told, tmp_path / "copy"))


@pytest.fixture
def traded(shop: Path) -> list[dict[str, Any]]:
    """A lake with base rows of two months, changed and deleted ones."""
    first = toy.sell("N1", day=DAY, net=100)
    toy.sell("N2", day=DAY + dt.timedelta(days=40), net=200)
    gone = toy.sell("N3", day=DAY, net=300)
    sync.sync()
    toy.Sale.objects.filter(pk=first.pk).update(net_minor=150, **CHANGED)
    toy.remove(gone)
    sync.sync()
    return sales()


def test_a_lake_put_back_elsewhere_reads_the_same(traded: list[dict[str, Any]], settings: Any, tmp_path: Path) -> None:
    assert [row["net_minor"] for row in traded] == [150, 200]
    taken_at = Moment.objects.latest_one().taken_at  # type: ignore[union-attr]
    moved(settings, tmp_path)
    assert sales() == traded
    assert Moment.objects.latest_one().taken_at == taken_at  # type: ignore[union-attr]


def test_the_next_syncs_and_folds_go_on(
    traded: list[dict[str, Any]], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(settings, tmp_path)
    monkeypatch.setattr(upkeep, "COMMITS", 1)
    toy.sell("N4", day=DAY, net=400)
    sync.fold()
    assert [row["net_minor"] for row in sales()] == [*(row["net_minor"] for row in traded), 400]


class Crash(Exception):
    """The process ends here."""


def test_a_batch_that_a_crash_left_half_done_is_not_appended_again(
    shop: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise Crash

    toy.sell("N1", day=DAY, net=100)
    with monkeypatch.context() as patch:
        patch.setattr(SyncBatch, "append", crash)
        with pytest.raises(Crash):
            sync.sync()
    assert SyncBatch.objects.get().state == SyncBatch.State.CLAIMED
    moved(settings, tmp_path)
    sync.sync()
    assert [row["net_minor"] for row in sales()] == [100]


def test_a_lake_that_misses_a_file_is_not_copied(traded: list[dict[str, Any]], tmp_path: Path) -> None:
    next((tmp_path / "lake").rglob("*.parquet")).unlink()
    with pytest.raises(lake.LakeBroken, match="rebuild"):
        copies.take(tmp_path / "copy")
