"""Any file a merchant may drop in becomes a table of text, or a sentence."""

import contextlib
import gzip
import os
import random
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guanxi.guard import delimited
from guanxi.guard.delimited import Reject
from guanxi.guard.filein import BadFile, TableFile, normalise_header, open_table, unwrap

Rows = list[tuple[object, ...]]
Drop = Callable[..., Path]
ORDERS = "订单编号,买家会员名,总金额\n1001,林晓雨,12.50\n1002,陈,8.00\n"
DATA = Path(os.environ.get("GUANXI_DATA", "../shared/data"))


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    def dropped(content: bytes | str, name: str = "orders.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return dropped


def read(table: TableFile, rows: int = 65_536) -> tuple[Rows, list[Reject]]:
    """Read a table to its end."""
    found: Rows = []
    rejects: list[Reject] = []
    with table:
        for frame in table.batches(rows):
            assert set(frame.schema.values()) <= {pl.String, pl.Int64}
            found += frame.rows()
            rejects += table.take_rejects()
        rejects += table.take_rejects()
    return found, rejects


@pytest.mark.parametrize(
    ("encoding", "told"),
    [(name, name) for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_encoding_is_found(encoding: str, told: str, packed: bool, drop: Drop) -> None:
    content = ORDERS.encode(encoding)
    path = drop(gzip.compress(content) if packed else content)
    table = open_table(path)
    assert (table.encoding, table.delimiter, table.kind) == (told, ",", "csv.gz" if packed else "csv")
    assert table.columns == ("订单编号", "买家会员名", "总金额")
    assert read(table) == ([("1001", "林晓雨", "12.50", 2), ("1002", "陈", "8.00", 3)], [])


def test_the_first_chinese_name_may_stand_in_the_last_row(drop: Drop) -> None:
    path = drop(("no,name\n" + "1,tea\n" * 400_000 + "2,林晓雨\n").encode("gb18030"))
    table = open_table(path)
    assert table.encoding == "gb18030"
    assert read(table)[0][-1] == ("2", "林晓雨", 400_002)


def test_a_few_rows_in_another_encoding_are_rejected_and_the_rest_lands(drop: Drop) -> None:
    rows, rejects = read(open_table(drop("no,name\n1,林\n".encode() + b"2,Caf\xe9\n" + "3,陈晓\n".encode())))
    assert rows == [("1", "林", 2), ("3", "陈晓", 4)]
    assert [(reject.row, "encoding" in reject.reason) for reject in rejects] == [(3, True)]


def test_accents_are_not_taken_for_rare_chinese(drop: Drop) -> None:
    path = drop("no,name,town\n1,Jérôme,Genève\n2,Zoë Müller,Köln\n".encode("latin-1"))
    with pytest.raises(BadFile, match="row 2 is the first"):
        open_table(path)
    assert read(open_table(path, encoding="latin-1"))[0][0] == ("1", "Jérôme", "Genève", 2)


def test_rows_spoiled_under_a_named_encoding_are_rejected(drop: Drop) -> None:
    content = "no,name\n1,林晓\n".encode("gb18030") + b"2,\xff\xff\n3,tea\n"
    rows, rejects = read(open_table(drop(content), encoding="gb18030"))
    assert rows == [("1", "林晓", 2), ("3", "tea", 4)]
    assert [reject.row for reject in rejects] == [3]


@pytest.mark.parametrize("encoding", ["martian", "base64", "idna", "\0"])
def test_an_encoding_nobody_knows_is_refused(encoding: str, drop: Drop) -> None:
    with pytest.raises(BadFile, match="no text encoding we read"):
        open_table(drop(ORDERS), encoding=encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, drop: Drop) -> None:
    table = open_table(
        drop(f"no{delimiter}price{delimiter}note\n1{delimiter}2,50{delimiter}a b\n".replace("2,50", "2.50"))
    )
    assert table.delimiter == delimiter
    assert read(table)[0] == [("1", "2.50", "a b", 2)]


def test_decimal_commas_do_not_pass_for_delimiters(drop: Drop) -> None:
    table = open_table(drop("no;price;sum\n1;2,50;5,00\n2;3,10;6,20\n"))
    assert table.delimiter == ";"


def test_blanks_may_part_the_cells(drop: Drop) -> None:
    table = open_table(drop(" 00004 0001 19970101  1   29.33\n 00004 0001 19970118  2   29.73\n"), header=False)
    assert (table.delimiter, table.header_likely) == ("whitespace", False)
    assert read(table)[0][1] == ("00004", "0001", "19970118", "2", "29.73", 2)


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n", "，"])
def test_an_impossible_delimiter_is_refused(delimiter: str, drop: Drop) -> None:
    if delimiter:
        with pytest.raises(BadFile, match="cannot part cells"):
            open_table(drop(ORDERS), delimiter=delimiter)
    else:
        assert open_table(drop(ORDERS), delimiter=delimiter).delimiter == ","


def test_a_file_without_a_header_takes_names_from_the_caller(drop: Drop) -> None:
    path = drop("543462,1715,pv\n543463,1716,buy\n")
    table = open_table(path, header=False, columns=["user", "item", "action"])
    assert not table.header_likely
    assert table.columns == ("user", "item", "action")
    assert read(table)[0] == [("543462", "1715", "pv", 1), ("543463", "1716", "buy", 2)]
    assert open_table(path, header=False).columns == ("column_1", "column_2", "column_3")
    with pytest.raises(BadFile, match="2 column names are given"):
        open_table(path, header=False, columns=["user", "item"])


def test_column_names_are_kept_raw_and_are_each_used_once(drop: Drop) -> None:
    table = open_table(drop("\ufeff 总金额 ,price,price,,_row\n1,2,3,4,5\n"))
    assert table.columns == (" 总金额 ", "price", "price (2)", "column_4", "_row (2)")
    assert read(table)[0] == [("1", "2", "3", "4", "5", 2)]
    assert normalise_header(" 总金额 ") == "总金额"
    assert normalise_header("Ｏrder　ＮＯ") == "order no"


def test_line_ends_of_every_system_are_read(drop: Drop) -> None:
    for end in ("\n", "\r\n", "\r"):
        rows, rejects = read(open_table(drop(end.join(["no,name", "1,tea", "2,cup"]))))
        assert (rows, rejects) == ([("1", "tea", 2), ("2", "cup", 3)], [])


def test_blank_lines_are_left_out_and_counted(drop: Drop) -> None:
    rows, rejects = read(open_table(drop("\n\nno,name\n\n1,tea\n,\n\n2,cup\n\n")))
    assert (rows, rejects) == ([("1", "tea", 5), ("2", "cup", 8)], [])


def test_delimiters_after_the_last_column_do_no_harm(drop: Drop) -> None:
    for content in ("no,name,\n1,tea,\n2,cup,\n", "no,name\n1,tea,\n2,cup,\n", "no,name,,\n1,tea\n2,cup\n"):
        table = open_table(drop(content))
        assert table.columns == ("no", "name")
        assert read(table) == ([("1", "tea", 2), ("2", "cup", 3)], [])


def test_a_cell_of_several_lines_is_one_row(drop: Drop) -> None:
    rows, rejects = read(open_table(drop('no,note\n1,"two\r\nlines"\n2,"say ""hi"""\n3,""\n')))
    assert (rows, rejects) == ([("1", "two\r\nlines", 2), ("2", 'say "hi"', 3), ("3", None, 4)], [])


def test_nul_bytes_are_dropped(drop: Drop) -> None:
    assert read(open_table(drop("no,name\n1,t\0ea\n2,cup\n")))[0] == [("1", "tea", 2), ("2", "cup", 3)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("2,tea", "2, not 3"),
        ("2,tea,3,4", "4, not 3"),
        ('2,"tea,3', "never closed"),
        ('2,"tea" pot,3', "not doubled"),
        ('2,tea,"3', "never closed"),
    ],
)
def test_a_malformed_row_is_rejected_alone(bad: str, reason: str, drop: Drop) -> None:
    good = "".join(f"{number},cup,1\n" for number in range(100, 110))
    rows, rejects = read(open_table(drop(f'no,name,pieces\n{good}{bad}\n{good}7,"a, b",1\n')))
    assert [row[-1] for row in rows] == [*range(2, 12), *range(13, 24)]
    assert [(reject.row, reason in reject.reason, reject.text) for reject in rejects] == [(12, True, bad)]


def test_a_quote_amid_a_cell_is_a_letter(drop: Drop) -> None:
    rows, rejects = read(open_table(drop('no,name\n1,5" pipe\n2,"a, b"\n3,="00123"\n')))
    assert (rows, rejects) == ([("1", '5" pipe', 2), ("2", "a, b", 3), ("3", '="00123"', 4)], [])


def test_wrappings_of_long_numbers_come_off() -> None:
    raw = ['="1234567890123"', "'00123", "1234\t", "\u3000林\u3000", "=123", "''", '=""', " ", None, "'t was", "a'b"]
    cells = pl.DataFrame({"cell": raw}).select(unwrap(pl.col("cell")))["cell"].to_list()
    assert cells == ["1234567890123", "00123", "1234", "林", "123", "''", None, None, None, "t was", "a'b"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n \r\n\n", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"no,name\n", "a header but no rows"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b"\xef\xbb\xbf <html>", "a web page"),
        (b'<?xml version="1.0"?>', "an XML document"),
        (b'{"orders": []}', "a JSON document"),
        (b"\x1f\x8b\x08garbage", "damaged"),
        (gzip.compress(ORDERS.encode() * 1000, mtime=0)[:-20], "damaged"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "a PDF document"),
        (gzip.compress(gzip.compress(b"a,b\n", mtime=0), mtime=0), "an archive within an archive"),
        (b"PK\x03\x04 no archive", "damaged"),
        (bytes(range(256)) * 9 + bytes(1000), "a binary file"),
        (b"x" * (9 << 20), "a line of more than"),
    ],
)
def test_what_is_no_table_is_named(content: bytes, what: str, drop: Drop) -> None:
    with pytest.raises(BadFile, match=what) as caught:
        read(open_table(drop(content, "march.csv")))
    assert "march.csv" in str(caught.value)


def test_the_name_a_person_gave_stands_in_the_sentence(drop: Drop) -> None:
    with pytest.raises(BadFile, match=r"^三月\.csv is empty"):
        open_table(drop(b"", "0f3a.upload"), name="C:\\订单\\三月.csv")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="There is no file"):
        open_table(tmp_path / "none.csv")


def test_a_zip_of_documents_is_no_workbook(tmp_path: Path) -> None:
    for inner, what in (("a.csv", "ZIP archive"), ("word/document.xml", "Word"), ("content.xml", "OpenDocument")):
        path = tmp_path / "x.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(inner, "x")
        with pytest.raises(BadFile, match=what):
            open_table(path)


def test_a_file_too_large_is_refused_before_reading(drop: Drop, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 1024**2  # type: ignore[attr-defined]
    with pytest.raises(BadFile, match="at most 1 MB"):
        open_table(drop(bytes(1024**2 + 1)))


def test_a_sparse_file_of_two_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    start = time.monotonic()
    with pytest.raises(BadFile, match="2048 MB"):
        open_table(path)
    assert time.monotonic() - start < 1


def test_a_gzip_bomb_is_stopped_while_it_unpacks(drop: Drop, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 4 * 1024**2  # type: ignore[attr-defined]
    bomb = gzip.compress(b"a,b\n" * (8 * 1024**2))
    assert len(bomb) < 1024**2
    with pytest.raises(BadFile, match="holds more than 4 MB"):
        open_table(drop(bomb))


def test_batches_have_the_size_asked_for_and_can_be_read_again(drop: Drop) -> None:
    table = open_table(drop("no,name\n" + "".join(f"{number},x\n" for number in range(1000))))
    assert [frame.height for frame in table.batches(300)] == [300, 300, 300, 100]
    assert sum(frame.height for frame in table.batches(7)) == 1000


def test_rejects_come_while_reading_even_if_nothing_is_good(drop: Drop) -> None:
    table = open_table(drop("no,name\n1,x\n" + "x\n" * 200_000), delimiter=",")
    most = total = 0
    for _frame in table.batches(1000):
        taken = len(table.take_rejects())
        most, total = max(most, taken), total + taken
    assert total + len(table.take_rejects()) == 200_000
    assert most < 200_000


def _hard_rows(count: int) -> list[list[str]]:
    pick = random.Random(7)
    words = ["", "tea", "a, b", 'say "hi"', "two\nlines", "林晓雨", '5"', " ", "x" * 300]
    return [[str(number), *(pick.choice(words) for _ in range(3))] for number in range(count)]


def _written(rows: list[list[str]]) -> str:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' if cell else "" for cell in row) for row in rows]
    return "a,b,c,d\n" + "".join(line + "\n" for line in quoted)


@pytest.mark.parametrize("block", [64, 257, 4096, 1 << 20])
def test_where_blocks_are_cut_changes_nothing(block: int, drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _hard_rows(300)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", max(block, 1024))
    monkeypatch.setattr(delimited, "PIECE_BYTES", block)
    found, rejects = read(open_table(drop(_written(rows)), delimiter=","))
    assert rejects == []
    assert found == [(*(cell or None for cell in row), number) for number, row in enumerate(rows, start=2)]


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    ),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_is_read(rows: list[list[str]], encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(_written([["id", *row] for row in rows]).encode(encoding))
    found, rejects = read(open_table(path, encoding=encoding, delimiter=","))
    assert rejects == []
    assert [row[:4] for row in found] == [("id", *(cell or None for cell in row)) for row in rows]


@given(content=st.binary(min_size=1, max_size=600), packed=st.booleans())
@example(content=b'a,b\n"\n', packed=False)
@example(content=b'a,b\n1,2\n"""', packed=False)
@example(content=b"a\r\rb,c\r\n1\r2,3\n", packed=False)
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_random_bytes_are_a_table_or_a_sentence(content: bytes, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    with contextlib.suppress(BadFile):
        read(open_table(path))


@given(
    parts=st.lists(st.sampled_from(['"', ",", "\n", "\r", "a", "林", '""', '","', '"\n', ";", "\t", " "]), max_size=60)
)
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_row_is_lost_whatever_the_quotes(parts: list[str], tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_text("no,name\n1,first\n" + "".join(parts) + "\n", newline="")
    rows, rejects = read(open_table(path, delimiter=","))
    numbers = [row[-1] for row in rows] + [reject.row for reject in rejects]
    assert rows[0] == ("1", "first", 2)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.realdata
@pytest.mark.skipif(not (DATA / "online_retail").is_dir(), reason="GUANXI_DATA names no directory with online_retail")
def test_a_year_of_invoices_streams_fast_and_small() -> None:
    path = DATA / "online_retail" / "online_retail_2010_2011.csv.gz"
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with open_table(path) as table:
        frames = [(frame.height, frame["CustomerID"].null_count(), frame["_row"][-1]) for frame in table.batches()]
        rejects = table.take_rejects()
    assert (sum(frame[0] for frame in frames), sum(frame[1] for frame in frames), rejects) == (541_909, 135_080, [])
    assert frames[-1][2] == 541_910
    assert time.process_time() - start < 8
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024 < 250
