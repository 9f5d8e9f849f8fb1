"""Questions of analysts through their notebook: what they may ask, what they may not, and how an answer is kept."""

import csv
import io
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.models import Job
from guanxi.core.jobs.run import Stopped
from guanxi.core.jobs.worker import Worker
from guanxi.customers.models import Customer
from guanxi.insight.notebook import asking
from guanxi.insight.notebook.asking import BadQuery, TooManyQuestions
from guanxi.insight.notebook.models import TOLD, Question
from guanxi.insight.notebook.rows import Rows
from guanxi.orders.models import Store
from guanxi.warehouse import analyst as cage
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy
from tests.insight.notebook.books import COUNT, a_notebook
from tests.insight.notebook.conftest import form, jobs
from tests.warehouse.test_sql import HOSTILE

pytestmark = pytest.mark.usefixtures("home")

BOOK = [
    "select * from accounts_staff",
    "select * from customers_customer",
    "select * from sqlite_scan('book.sqlite3', 'accounts_staff')",
    "select * from postgres_scan('', 'public', 'accounts_staff')",
    "select * from iceberg_scan('lake/orders')",
    "select * from read_json('/etc/hostname')",
    "select * from read_blob('/proc/self/environ')",
    "with recursive t(n) as (select 1 union all select n + 1 from t) insert into orders select * from t",
    "select * from orders; drop table orders",
    "select * from information_schema.columns",
    "select * from pg_catalog.pg_tables",
    "select * from duckdb_secrets()",
    "select * from which_secret('/', 's3')",
    "select getvariable('x')",
    "set variable x = 1",
    "checkpoint",
    "vacuum",
    "import database '/tmp'",
    "prepare p as select 1",
    "from 's3://bucket/x.parquet'",
    "select * from orders, 'https://example.com/x.csv'",
    "summarize '/etc/passwd'",
    "pivot '/etc/passwd' on a",
    "from (describe orders)",
    "from (summarize '/etc/passwd')",
    'select * from (with "/etc/passwd" as (select 1) select * from "/etc/passwd") a, "/etc/passwd" b',
]


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("sql", [*(each for each in HOSTILE if each not in {"", "select"}), *BOOK])
def test_what_is_no_select_over_the_lake_is_refused_and_asks_nothing(sql: str, analyst: Staff) -> None:
    book = a_notebook(sql, by=analyst)
    with pytest.raises(BadQuery):
        asking.ask(sql, by=analyst, on=book)
    assert not Question.objects.exists()
    assert jobs() == 0
    entry = AuditEntry.objects.get(act="sql.declined", by=analyst, subject=f"notebook:{book.pk}")
    assert json.loads(entry.changes)["sql"] == [None, sql[:TOLD]]
    assert json.loads(entry.changes)["reason"][1]
    assert not AuditEntry.objects.filter(act="sql.asked").exists()


def test_a_megabyte_of_sql_and_one_that_is_nested_without_end_are_refused(analyst: Staff) -> None:
    with pytest.raises(BadQuery, match="at most 100000 are read"):
        asking.ask("select '" + "x" * 1_000_000 + "'", by=analyst, on="notebook:1")
    for deep in ("(" * 5_000 + "1" + ")" * 5_000, "[" * 4_000, "not " * 5_000 + "1"):
        with pytest.raises(BadQuery, match=r"nested too deeply|cannot be read|can be read"):
            asking.ask(f"select {deep}", by=analyst, on="notebook:1")


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t",
        "select count(*) from generate_series(1, 100000000000) a(n), range(1000000) b(m) where n % 7 = m % 11",
        "select sum(hash(a.range) % 7) from range(10000000) a, range(10000000) b",
    ],
)  # fmt: skip
def test_a_query_without_end_is_ended_by_its_limit(
    sql: str, analyst: Staff, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SECONDS", 2)
    shown = run(a_notebook(sql, by=analyst))
    assert "It took longer than it may" in shown or "more memory than it may" in shown
    assert Question.objects.get().state == Question.State.FAILED


def test_a_query_that_wants_all_memory_is_ended_with_a_sentence(analyst: Staff, run: Callable[..., str]) -> None:
    shown = run(a_notebook("select list(repeat('x', 1000) || range) as l from range(100000000)", by=analyst))
    assert "It wanted more memory than it may have" in shown


def test_one_huge_cell_is_cut_off_and_does_not_fill_the_worker(analyst: Staff, run: Callable[..., str]) -> None:
    shown = run(a_notebook("select repeat('x', 90000000) as long from range(3)", by=analyst))
    assert Question.objects.get().truncated
    assert "the answer has more than is kept" in shown


def test_somebody_stops_a_query_that_runs(lake: Path) -> None:
    looked = []

    def check() -> None:
        looked.append(1)
        if len(looked) > 2:
            raise Stopped("stopped")

    with pytest.raises(Stopped):
        cage.ask("select sum(a.range * b.range) from range(10000000) a, range(10000000) b", check=check)
    assert len(looked) == 3


def test_stopping_one_that_waits_takes_it_out_of_the_line(desk: Client, analyst: Staff) -> None:
    book = a_notebook("select 1 as one", by=analyst)
    desk.post(f"/insight/notebook/{book.pk}/", form(book, do="run-1"))
    assert jobs() == 1
    page = desk.get(f"/insight/notebook/{book.pk}/cells/1/").content.decode()
    assert "It begins as soon as a worker is free" in page
    assert desk.post(f"/insight/notebook/{book.pk}/cells/1/stop/").status_code == 302
    Worker().drain()
    assert Question.objects.get().state == Question.State.STOPPED
    assert "It was stopped before it was answered" in desk.get(f"/insight/notebook/{book.pk}/cells/1/").content.decode()
    assert AuditEntry.objects.filter(act="sql.stopped", by=analyst).count() == 1


@pytest.mark.usefixtures("orders")
def test_the_same_question_of_the_same_lake_is_answered_once_and_each_asking_is_in_the_trail(
    analyst: Staff, run: Callable[..., str]
) -> None:
    book = a_notebook(COUNT, by=analyst)
    assert "1 rows in" in run(book)
    run(book)
    assert Question.objects.count() == 1
    trail = AuditEntry.objects.filter(act="sql.asked", by=analyst, subject=f"notebook:{book.pk}")
    assert trail.count() == 2
    assert COUNT in trail[0].changes.replace("\\n", "\n")


def test_a_new_order_makes_the_answer_old_and_running_it_again_makes_a_new_one(
    orders: None, loyal: Customer, tea_house: Store, analyst: Staff, run: Callable[..., str], desk: Client
) -> None:
    book = a_notebook("select count(*) as n from orders", by=analyst)
    assert ">9<" in run(book)
    buy(loyal, tea_house, on=TODAY, goods_minor=100)
    sync()
    old = desk.get(f"/insight/notebook/{book.pk}/cells/1/").content.decode()
    assert "The lake has changed since" in old
    assert ">10<" in run(book)
    assert Question.objects.count() == 2


def test_nobody_has_more_than_two_at_work(analyst: Staff, owner: Staff) -> None:
    for nth in (1, 2):
        asking.ask(f"select {nth}", by=analyst, on="notebook:1")
    with pytest.raises(TooManyQuestions, match="Two of your queries are at work"):
        asking.ask("select 3", by=analyst, on="notebook:1")
    assert "Two of your queries" in AuditEntry.objects.get(act="sql.declined", by=analyst).changes
    asking.ask("select 4", by=owner, on="notebook:1")
    Job.objects.all().delete()  # a worker that vanished holds nobody up
    asking.ask("select 5", by=analyst, on="notebook:1")


@pytest.mark.django_db(transaction=True)
def test_of_five_that_somebody_asks_at_once_two_are_at_work(analyst: Staff) -> None:
    gate, refused = threading.Barrier(5), []

    def ask(nth: int) -> None:
        gate.wait()
        try:
            asking.ask(f"select {nth}", by=analyst, on="notebook:1")
        except TooManyQuestions as error:
            refused.append(error)
        connection.close()

    threads = [threading.Thread(target=ask, args=[nth]) for nth in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Question.objects.count(), jobs(), len(refused)) == (2, 2, 3)
    assert AuditEntry.objects.filter(act="sql.declined").count() == 3


ODD = {
    "select 'nan'::double as n, 'inf'::double as i, -'inf'::double as m": "—",
    "select 1 as a, 2 as a": "2",
    "select 9223372036854775807 as big": "9,223,372,036,854,775,807",
    "select 170141183460469231731687303715884105727::hugeint as huge": "170,141,183,460,469,231,731",
    "select 'tea'::blob as raw": "0x746561",
    "select {'a': [1, 2], 'b': null} as nested, map {'x': 1} as m": '{&quot;a&quot;: [1, 2], &quot;b&quot;: null}',
    "select 3 as 数量, '白茶' as 品类": "品类",
    "select null as nothing": "—",
    "select true as yes, interval 3 days as span, time '10:00' as at, uuid() as u": "yes",
    "select '<script>alert(1)</script>' as x": "&lt;script&gt;",
    "select " + ", ".join(f"{nth} as c{nth}" for nth in range(300)): "The first 30 of 300 columns are shown",
    "select 1 as \"a b\", 2 as \"\"\"q\"": "a b",
    "select * from range(0)": "No row fits",
    "select 'infinity'::date as d, date '200000-01-01' as e, 7 as n": "—",
    "select '-infinity'::timestamp as t, {'x': date '200000-01-01'} as s": "—",
    "select timestamp_ns '2024-01-01 00:00:00.123456789' as t": "2024-01-01 00:00:00",
}  # fmt: skip


@pytest.mark.parametrize("sql", ODD)
def test_odd_answers_are_shown_without_an_error_and_without_what_is_no_number(
    sql: str, analyst: Staff, run: Callable[..., str], desk: Client
) -> None:
    book = a_notebook(sql, by=analyst)
    shown = run(book)
    assert ODD[sql] in shown
    assert not re.search(r">\s*(nan|inf|-inf|None)\s*<", shown, re.IGNORECASE)
    assert len(shown) < 15_000
    for kind in ("csv", "xlsx"):
        answer = desk.get(f"/insight/notebook/{book.pk}/cells/1/file.{kind}")
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)


def test_all_rows_leave_in_a_file_and_two_hundred_stand_on_the_page(
    analyst: Staff, run: Callable[..., str], desk: Client
) -> None:
    book = a_notebook("select range as n, '=1+1' as formula from range(100001)", by=analyst)
    first = run(book)
    assert "The first 100,000 rows, in" in first
    assert "1–20" in first
    address = f"/insight/notebook/{book.pk}/cells/1/"
    assert ">199<" in desk.get(address + "?from=180").content.decode()
    assert "200" not in re.findall(r">(\d+)<", desk.get(address + "?from=9999").content.decode())
    answer = desk.get(address + "file.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 100_001
    assert rows[1] == ["0", "'=1+1"]
    assert AuditEntry.objects.filter(act="sql.exported", by=analyst).count() == 1


FAULTS = {
    "select chanel from orders": "Line 1, character 8: There is no column “chanel” here. Near to it: channel",
    "select channel,\n  nofun(channel)\nfrom orders": "Line 2, character 3: There is no function “nofun”",
    "select channel, count(*) from orders": "“channel” stands beside sums or counts",
    "select sum(channel) from orders": "sum(varchar) does not fit",
    "select cast(channel as integer) from orders": "cannot be read as int",
    "select channel from orders a join orders b on true": "Several tables have a column “channel”",
    "select x.channel from orders a": "“x” is not a table of this query",
    "select channel from orders where channel > date '2024-01-01'": "varchar and date cannot be compared",
}


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("sql", FAULTS)
def test_what_is_wrong_is_told_in_plain_words_with_its_place(sql: str, analyst: Staff, run: Callable[..., str]) -> None:
    assert FAULTS[sql] in run(a_notebook(sql, by=analyst))


def test_broken_and_empty_sql_is_told_in_the_cell(analyst: Staff, run: Callable[..., str]) -> None:
    broken = run(a_notebook("select a\nfrom orders wher x = 1 1", by=analyst))
    assert re.search(r"Line 2, character \d+: This is not SQL that can be read", broken)
    assert "This cell is empty" in run(a_notebook("  ", by=analyst))


def test_answers_that_fill_the_disk_are_cleared_away(
    analyst: Staff, run: Callable[..., str], home: Path, monkeypatch: pytest.MonkeyPatch, desk: Client
) -> None:
    book = a_notebook("select range as n from range(1000)", by=analyst)
    run(book)
    monkeypatch.setattr(asking, "KEPT_BYTES", 0)
    asking.sweep()
    assert list((home / "answers").glob("*")) == []
    assert "cleared away" in desk.get(f"/insight/notebook/{book.pk}/cells/1/").content.decode()
    monkeypatch.undo()
    monkeypatch.setattr(asking, "KEPT", 0)
    asking.sweep()
    assert not Question.objects.exists()


@pytest.mark.usefixtures("orders")
def test_an_answer_is_that_of_the_lake(analyst: Staff, run: Callable[..., str]) -> None:
    run(a_notebook("select placed_on, net_minor from orders order by placed_on desc limit 2", by=analyst))
    rows = Rows(Question.objects.get())
    assert [each.type for each in rows.fields] == ["date", "bigint"]
    assert [row[1] for row in rows.values(0, 2)] == [26_800, 26_800]
