"""What bad input gets: a clear sentence with row and column, nothing half-written, the good rows kept."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from guanxi.core.errors import BadInput
from guanxi.ingest.begin import begin
from guanxi.ingest.models import Import
from guanxi.ingest.presets import BadMapping
from guanxi.ingest.rejects import Rejects, sentence
from guanxi.orders.models import Order, OrderLine
from tests.ingest.shop import HEADER, LINES, RETAIL, imported, mapped, write

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom"


def rejects_of(batch: Import) -> list[dict[str, Any]]:
    return list(Rejects.of(batch.folder))


@pytest.mark.parametrize(
    ("line", "code", "column", "value"),
    [
        (GOOD.replace(",6,", ",six,"), "not_a_number", "Quantity", "six"),
        (GOOD.replace("2.55", "2,55").replace(",2,55,", ',"2,55",'), "not_a_number", "UnitPrice", "2,55"),
        (GOOD.replace("2.55", "inf"), "not_a_number", "UnitPrice", "inf"),
        (GOOD.replace("2.55", "1e300"), "not_a_number", "UnitPrice", "1e300"),
        (GOOD.replace("12-01 08:26:00", "02-30 08:26:00"), "impossible_date", "InvoiceDate", "2010-02-30 08:26:00"),
        (GOOD.replace("2010-12-01 08:26:00", "soon"), "not_a_date", "InvoiceDate", "soon"),
        (GOOD.replace("2010-12-01 08:26:00", ""), "missing", "InvoiceDate", ""),
        (GOOD.replace("536365", ""), "missing", "InvoiceNo", ""),
        (GOOD.replace("536365", "5" * 65), "too_long", "InvoiceNo", "5" * 65),
        (GOOD.replace("85123A", "A" * 121), "too_long", "StockCode", "A" * 121),
    ],
)  # fmt: skip
def test_an_unreadable_cell_is_named_and_the_good_rows_land(
    tmp_path: Path, line: str, code: str, column: str, value: str
) -> None:
    batch = imported(write(tmp_path, LINES[1], line, LINES[2]))
    (reject,) = rejects_of(batch)
    assert (reject["row"], reject["code"], reject["column"], reject["value"]) == (3, code, column, value)
    assert column in sentence(reject)
    assert (batch.counts["rows"], batch.counts["rejected"], OrderLine.objects.count()) == (3, 1, 2)


def test_a_rejected_row_is_sealed_on_disk(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, GOOD.replace("536365", "").replace("WHITE HEART", "CANARY-IN-THE-FILE")))
    assert rejects_of(batch)[0]["cells"]["Description"] == "CANARY-IN-THE-FILE"
    for path in batch.folder.rglob("*"):
        if path.is_file() and path.parent.name != "files":
            assert b"CANARY-IN-THE-FILE" not in path.read_bytes()


def test_a_reason_is_kept_in_the_language_of_whoever_imports(tmp_path: Path) -> None:
    with translation.override("zh-hans"):
        batch = imported(write(tmp_path, LINES[1], "536399,only,three", LINES[2]))
    (reject,) = rejects_of(batch)
    assert "这一行有 3 格，表头是 8 格" in sentence(reject)


def test_a_row_that_cannot_be_cut_into_cells_is_kept_aside(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, LINES[1], "536399,only,three", LINES[2]))
    (reject,) = rejects_of(batch)
    assert (reject["row"], reject["code"]) == (3, "malformed")
    assert OrderLine.objects.count() == 2


def test_a_negative_quantity_is_rejected_where_returns_come_otherwise(tmp_path: Path) -> None:
    text = 'order_number = "no"\nplaced_at = "day"\nsku = "sku"\nquantity = "n"\nunit_price = "p"\ncurrency = "CNY"\n'
    file = write(tmp_path, "1,2024-11-11,A,2,10", "2,2024-11-11,A,-1,10", header="no,day,sku,n,p")
    batch = imported(file, preset="generic", mapping=mapped(tmp_path, text))
    assert [(r["row"], r["code"]) for r in rejects_of(batch)] == [(3, "negative_quantity")]
    assert Order.objects.count() == 1


def test_an_unknown_currency_is_rejected(tmp_path: Path) -> None:
    text = 'order_number = "no"\nplaced_at = "day"\ntotal = "sum"\ncurrency = "cur"\n'
    file = write(
        tmp_path, "1,2024-11-11,10,CNY", "2,2024-11-11,10,XYZ", "3,2024-11-11,1000,JPY", header="no,day,sum,cur"
    )
    batch = imported(file, preset="generic", mapping=mapped(tmp_path, text))
    assert [(r["row"], r["value"], r["code"]) for r in rejects_of(batch)] == [(3, "XYZ", "unknown_currency")]
    assert dict(Order.objects.values_list("currency", "total_minor")) == {"CNY": 1000, "JPY": 1000}


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "orders.csv", "empty"),
        (HEADER.encode(), "orders.csv", "only|no row"),
        (b"%PDF-1.7 not a table", "orders.csv", "PDF"),
        (b"\x89PNG\r\n\x1a\n0000", "orders.csv", "image|PNG|picture"),
        (b"PK\x03\x04 broken", "orders.xlsx", "workbook|XLSX|zip"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, name: str, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=f"(?i){words}"):
        imported(path)
    assert not Order.objects.exists()


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
        bomb.writestr("[Content_Types].xml", b"<Types/>")
    with pytest.raises(BadInput):
        imported(path)


def test_a_file_over_the_limit_is_refused_by_its_size(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100
    with pytest.raises(BadInput, match=r"orders\.csv"):
        imported(write(tmp_path, *LINES))
    assert not Import.objects.exists()


def test_a_missing_column_is_named_with_what_the_file_has(tmp_path: Path) -> None:
    file = write(tmp_path, "1,A,2", header="InvoiceNo,StockCode,Quantity")
    with pytest.raises(BadMapping, match=r"InvoiceDate.*StockCode"):
        imported(file)


def test_a_wrong_delimiter_given_by_hand_is_said(tmp_path: Path) -> None:
    text = 'order_number = "no"\nplaced_at = "day"\ntotal = "sum"\ncurrency = "CNY"\n[file]\ndelimiter = ";"\n'
    with pytest.raises(BadInput, match="no"):
        imported(
            write(tmp_path, "1,2024-11-11,10", header="no,day,sum"), preset="generic", mapping=mapped(tmp_path, text)
        )


def test_a_wrong_encoding_given_by_hand_is_said(tmp_path: Path) -> None:
    text = 'order_number = "单号"\nplaced_at = "日期"\ntotal = "金额"\ncurrency = "CNY"\n[file]\nencoding = "utf-8"\n'
    file = write(tmp_path, "1,2024-11-11,10", header="单号,日期,金额", encoding="gb18030")
    with pytest.raises(BadInput):
        imported(file, preset="generic", mapping=mapped(tmp_path, text))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    text = 'order_number = "单号"\nplaced_at = "日期"\ntotal = "金额"\nproduct_name = "品名"\ncurrency = "CNY"\n'
    file = write(tmp_path, "1,2024-11-11,10,白毫银针", header="单号,日期,金额,品名", encoding=encoding)
    imported(file, preset="generic", mapping=mapped(tmp_path, text))
    assert OrderLine.objects.get().product_name == "白毫银针"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order_number = 1 2", "TOML"),
        ('colour = "x"', "colour"),
        ('order_number = "no"', "placed_at"),
        ('order_number = "no"\nplaced_at = "day"\n[file]\nwidth = 3', "width"),
    ],
)
def test_a_wrong_mapping_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadMapping, match=words):
        begin([write(tmp_path, *LINES)], mapping=mapped(tmp_path, text))


def test_an_unknown_preset_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="online-retail"):
        begin([write(tmp_path, *LINES)], preset="alibaba")


def test_the_preset_is_found_by_the_headers(tmp_path: Path) -> None:
    assert begin([write(tmp_path, *LINES)]).preset == RETAIL


def test_dates_are_read_as_the_column_proves(tmp_path: Path) -> None:
    text = 'order_number = "no"\nplaced_at = "day"\ntotal = "sum"\ncurrency = "CNY"\n'
    file = write(tmp_path, "1,03/04/2024,10", "2,25/04/2024,10", header="no,day,sum")
    imported(file, preset="generic", mapping=mapped(tmp_path, text))
    assert [str(day) for day in Order.objects.order_by("number").values_list("placed_on", flat=True)] == [
        "2024-04-03",
        "2024-04-25",
    ]
