"""A lake whose files vanished, or were written over, says so in a sentence of ours."""

import datetime as dt
from pathlib import Path

import pytest

from guanxi.warehouse import rebuild, sync
from guanxi.warehouse.reading import Lake, LakeBroken, snapshot
from tests.warehouse.toy import sell

ALL = "select * from sales"
SENTENCE = r"files of “sales” in the lake .* `guanxi lake rebuild`"


@pytest.fixture
def files(shop: Path) -> list[Path]:
    """The files of four months of sales."""
    for month in range(1, 5):
        sell(f"N{month}", day=dt.date(2024, month, 5))
        sync.sync()
    return sorted((shop / "sales").rglob("*.parquet"))


@pytest.mark.parametrize("nth", [0, -1])
@pytest.mark.parametrize("vanished", [True, False])
def test_a_file_that_is_missing_or_damaged_is_told_by_its_table(files: list[Path], nth: int, vanished: bool) -> None:
    files[nth].unlink() if vanished else files[nth].write_bytes(b"nothing of the kind")
    for read in (whole, in_pieces):
        with pytest.raises(LakeBroken, match=SENTENCE), snapshot() as now:
            read(now)


def test_a_rebuild_brings_the_figures_back(files: list[Path]) -> None:
    files[1].unlink()
    rebuild.begin()
    sync.sync()
    with snapshot() as now:
        assert whole(now) == in_pieces(now) == 4


def whole(now: Lake) -> int:
    return now.sql(ALL).num_rows


def in_pieces(now: Lake) -> int:
    return sum(batch.num_rows for batch in now.batches(ALL))
