"""A workbook is read cell by cell as its author saw it, and a hostile one harms nobody."""

import zipfile
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from guanxi.guard import sheet, workbook
from guanxi.guard.filein import BadFile, open_table
from guanxi.guard.uploads import incoming

AT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "订单"
    page.append(["订单编号", "时间", "生日", "数量", "单价", "长号", "钟点", None])
    page.append([536365, AT, date(1990, 1, 2), 6, 2.55, 1234567890123, time(9, 30), None])
    page.append([])
    page.append(["C536379", AT, date(1991, 3, 4), -1, 1e-4, "00123", time(0, 0, 1), None])
    book.create_sheet("退款").append(["退款编号"])
    book["退款"].append(["R1"])
    path = tmp_path / "orders.xlsx"
    book.save(path)
    return path


def _rows(path: Path, **layout: str) -> list[tuple[object, ...]]:
    with open_table(path, **layout) as table:  # type: ignore[arg-type]
        return [row for frame in table.batches() for row in frame.rows()]


def test_cells_become_text_without_losing_what_they_say(orders: Path) -> None:
    assert _rows(orders) == [
        ("536365", "2010-12-01 08:26:00", "1990-01-02", "6", "2.55", "1234567890123", "09:30:00", 2),
        ("C536379", "2010-12-01 08:26:00", "1991-03-04", "-1", "0.0001", "00123", "00:00:01", 4),
    ]


def test_columns_and_sheets_are_told(orders: Path) -> None:
    with open_table(orders) as table:
        assert table.columns == ("订单编号", "时间", "生日", "数量", "单价", "长号", "钟点")
        assert (table.kind, table.sheets, table.encoding, table.header_likely) == ("xlsx", ("订单", "退款"), None, True)


def test_another_sheet_is_read_by_name(orders: Path) -> None:
    assert _rows(orders, sheet="退款") == [("R1", 2)]
    with pytest.raises(BadFile, match=r"no sheet called 三月, but these: 订单, 退款"):
        open_table(orders, sheet="三月")


def test_nothing_stays_behind_when_a_table_is_closed(orders: Path) -> None:
    before = set(incoming().iterdir())
    with open_table(orders) as table:
        assert len(set(incoming().iterdir()) - before) == 1
        next(table.batches())
    with pytest.raises(BadFile):
        open_table(orders, sheet="三月")
    assert set(incoming().iterdir()) == before


@pytest.mark.parametrize(("rows", "what"), [([], "is empty"), ([["订单编号", "时间"]], "a header but no rows")])
def test_a_workbook_without_rows_is_named(rows: list[list[str]], what: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(BadFile, match=what):
        open_table(tmp_path / "empty.xlsx")


def _bomb(path: Path, megabytes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as inner:
            for _ in range(megabytes):
                inner.write(bytes(1024**2))
    return path


def test_a_zip_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    path = _bomb(tmp_path / "bomb.xlsx", 201)
    assert path.stat().st_size < 1024**2
    with pytest.raises(BadFile, match="unpacks to 201 MB"):
        open_table(path)


def test_a_small_archive_of_an_improbable_ratio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="times its size"):
        open_table(_bomb(tmp_path / "bomb.xlsx", 20))


def test_a_damaged_workbook_is_a_sentence(orders: Path) -> None:
    with zipfile.ZipFile(orders, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", "<workbook><sheets>")
    with pytest.raises(BadFile, match="damaged, locked, or too large"):
        open_table(orders, name="orders.xlsx")


def test_two_cells_at_the_ends_of_a_sheet_exhaust_the_child_alone(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "订单编号"
    book.active["XFD1048576"] = "end"
    book.save(tmp_path / "sparse.xlsx")
    with pytest.raises(BadFile, match="too large"):
        open_table(tmp_path / "sparse.xlsx")


def test_a_child_that_takes_too_long_is_ended(orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CPU_SECONDS", 0.005)
    with pytest.raises(BadFile, match="cannot be read as a workbook"):
        open_table(orders)


def test_the_child_has_limits() -> None:
    assert sheet.MEMORY_BYTES <= 4 * 1024**3
    assert sheet.CPU_SECONDS <= 120
