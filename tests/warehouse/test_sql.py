"""`guanxi sql`: analysts may ask the lake anything, and nothing else."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from guanxi.warehouse import analyst, registry
from guanxi.warehouse.analyst import BadQuery, ask
from guanxi.warehouse.marts import Mart, run
from guanxi.warehouse.sync import sync
from tests.warehouse.test_marts import DAY, FILE
from tests.warehouse.toy import Person, sell

pytestmark = pytest.mark.usefixtures("shop")


def told(query: str, **options: object) -> str:
    out = io.StringIO()
    call_command("sql", query, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def two_sales(shop: Path) -> None:
    ada = Person.objects.create(customer_id=7)
    sell("=1+1", person=ada.pk, net=100)
    sell("N2", net=-50)
    sync()


@pytest.mark.usefixtures("two_sales")
def test_rows_come_as_a_table_as_csv_and_as_json() -> None:
    query = "select number, net_minor, placed_on, customer_id from sales order by sale_id"
    assert told(query, format="csv").splitlines() == [
        "number,net_minor,placed_on,customer_id",
        "'=1+1,100,2024-11-11,7",
        "N2,-50,2024-11-11,",
    ]
    assert json.loads(told(query, json=True).splitlines()[-1])[1] == {
        "number": "N2",
        "net_minor": -50,
        "placed_on": "2024-11-11",
        "customer_id": None,
    }
    assert told(query).splitlines()[0].split() == ["number", "net_minor", "placed_on", "customer_id"]


@pytest.mark.usefixtures("two_sales")
def test_sums_are_whole_numbers() -> None:
    assert json.loads(told("select sum(net_minor) as net, count(*) as n from sales", format="json")) == [
        {"net": 50, "n": 2}
    ]


@pytest.mark.usefixtures("two_sales")
def test_changed_and_deleted_rows_and_steps_and_marts_can_be_asked_for() -> None:
    registry.register(Mart("customer_spend", FILE))
    run("customer_spend", as_of=DAY)
    assert ask("with sales as (select * from sales) select * from sales").rows.num_rows == 2
    assert ask("select * from customer_spend c join people using (customer_id)").rows.num_rows == 1
    assert ask("select n from range(3) t(n) union all select count(*) from sale_lines").rows.num_rows == 4


HOSTILE = [
    "",
    "select 1; select 2",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_parquet('*.parquet')",
    "select * from parquet_scan('*.parquet')",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "select * from glob('/*')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from duckdb_settings()",
    "select * from duckdb_views",
    "select * from information_schema.tables",
    "select * from sqlite_master",
    "select * from pragma_database_list",
    "select * from pragma_version()",
    "select * from _sales",
    "select * from main.sales",
    "select * from query('select 1')",
    "select * from query_table('sales')",
    "select (select content from read_text('/etc/passwd'))",
    "select 1 order by (select content from read_text('/etc/passwd'))",
    "with t as (select * from read_text('/etc/passwd')) select * from t",
    "with duckdb_views as (select 1) select * from sales, (select * from duckdb_settings())",
    "select * from (with t as (select 1) select * from t), t",
    "copy sales to '/tmp/x.csv'",
    "copy (select 1) to '/tmp/x.csv'",
    "attach '/tmp/x.db'",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '100GB'",
    "pragma database_list",
    "create table t as select 1",
    "create or replace view sales as select 1",
    "insert into sales select * from sales",
    "update sales set net_minor = 0",
    "delete from sales",
    "drop view sales",
    "export database '/tmp/x'",
    "explain analyze select 1",
    "describe sales",
    "select * from (describe sales)",
    "select * from (summarize sales)",
    "call pragma_version()",
    "select current_setting('secret_directory')",
    "select getenv('HOME')",
    "values (",
    "select",
    "选择 * 从 订单",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_anything_but_one_select_over_the_lake_is_refused(query: str) -> None:
    with pytest.raises(BadQuery) as refused:
        ask(query)
    assert "\n" not in str(refused.value)


def test_a_refusal_speaks_the_language_of_the_page() -> None:
    with translation.override("zh-hans"), pytest.raises(BadQuery, match="不能用 DROP。只写一条 SELECT；数据湖只读。"):
        ask("drop view sales")


@pytest.mark.usefixtures("two_sales")
@pytest.mark.parametrize("query", [query for query in HOSTILE if query.strip()])
def test_the_cage_holds_even_where_the_parser_would_let_it_pass(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    if query in HARMLESS:
        pytest.skip("shows only the engine's own names")
    monkeypatch.setattr(analyst.queries, "check", lambda _: None)
    with pytest.raises(BadQuery):
        ask(query)


HARMLESS = {
    "describe sales",
    "select * from (describe sales)",
    "select * from (summarize sales)",
    "select * from duckdb_settings()",
    "select * from duckdb_views",
    "select * from information_schema.tables",
    "select * from sqlite_master",
    "select * from pragma_database_list",
    "select * from pragma_version()",
    "select * from _sales",
    "select * from main.sales",
    "select * from query('select 1')",
    "select * from query_table('sales')",
    "with duckdb_views as (select 1) select * from sales, (select * from duckdb_settings())",
    "select current_setting('secret_directory')",
}


def test_a_query_without_end_is_stopped() -> None:
    with pytest.raises(BadQuery, match="longer than 2 seconds"):
        ask("select count(*) from range(100000000000) a, range(1000000) b where a.range % 7 = b.range % 11", seconds=2)


def test_a_query_that_wants_too_much_memory_is_stopped() -> None:
    with pytest.raises(BadQuery, match="cannot be answered"):
        ask("select list(repeat('x', 1000) || range) as l from range(100000000)", seconds=60)


def test_more_rows_than_the_limit_are_cut_off_and_it_is_said() -> None:
    err = io.StringIO()
    out = io.StringIO()
    call_command("sql", "select * from range(100)", limit=10, format="csv", stdout=out, stderr=err)
    assert len(out.getvalue().splitlines()) == 11
    assert "first 10 rows" in err.getvalue()


def test_a_day_that_no_calendar_holds_is_missing_and_not_the_end() -> None:
    query = "select date 'infinity' as day, 1 as n union all select date '2024-11-11', 2 order by n"
    assert json.loads(told(query, format="json")) == [{"day": None, "n": 1}, {"day": "2024-11-11", "n": 2}]
    assert told(query, format="csv").splitlines() == ["day,n", ",1", "2024-11-11,2"]
    assert told(query).splitlines()[3] == "2024-11-11  2"


def test_an_unknown_table_is_named_with_those_there_are() -> None:
    with pytest.raises(BadQuery, match=r"parcels is not a table of the lake\. There are: people, sale_lines, sales"):
        ask("select * from parcels")
