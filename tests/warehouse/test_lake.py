"""Files that leave a table are found, however many threads look for them."""

import datetime as dt
from types import SimpleNamespace

import pytest

from guanxi.warehouse import lake, sync
from tests.warehouse.toy import sell


def test_every_manifest_has_a_judge_of_its_own() -> None:
    judges: list[object] = []

    def evaluator(spec: int) -> object:
        judges.append(spec)
        return {"first": len(judges) == 1, "second": len(judges) == 2}.__getitem__

    snapshot = SimpleNamespace(_build_manifest_evaluator=evaluator)
    lake._judge_apart(snapshot)
    shared = snapshot._build_manifest_evaluator(7)
    assert [shared("first"), shared("second")] == [True, True]
    assert judges == [7, 7]


@pytest.mark.usefixtures("shop")
def test_a_file_of_one_month_leaves_a_table_of_many() -> None:
    for month in range(1, 7):
        sell(f"N{month}", day=dt.date(2024, month, 5))
        sync.sync()
    table = lake.find("sales")
    assert table is not None
    gone = lake.files(table).base[2]
    lake.commit(table, removed=[gone])
    left = [file.file_path for file in lake.files(lake.find("sales")).base]  # type: ignore[arg-type]
    assert len(left) == 5
    assert gone.file_path not in left
