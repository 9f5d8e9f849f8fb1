"""The lake read through Spark Connect, and what is said of servers that do not answer as they should."""

import datetime as dt
import io
import json
import socket
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from guanxi.warehouse import engines, registry, runs
from guanxi.warehouse.analyst import BadQuery, ask
from guanxi.warehouse.engines import EngineAway, EngineFailed
from guanxi.warehouse.marts import Given, Mart
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.remote import RemoteLake
from guanxi.warehouse.sync import sync
from tests import spark as sparks
from tests.warehouse.test_marts import DAY, FILE
from tests.warehouse.toy import Person, remove, sell

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.spark]
ALL = "select number, person_id, customer_id, placed_at, placed_on, is_paid, net_minor, note from sales order by number"


@pytest.fixture
def spend(shop: Path) -> Mart:
    mart = Mart("customer_spend", FILE, Given({"as_of"}, lambda: {"as_of": DAY}))
    registry.register(mart)
    return mart


@pytest.fixture
def sales(shop: Path) -> None:
    """Rows of two months, one changed, one deleted, one guest."""
    ada = Person.objects.create(customer_id=7)
    kept = sell("N1", person=ada.pk, net=100)
    sell("N2", day=dt.date(2024, 10, 2), net=-50)
    gone = sell("N3")
    sync()
    kept.note = "'); drop table sales; --"
    kept.version, kept.lake_batch = kept.version + 1, None
    kept.save()
    remove(gone)
    sync()


def read(engine: str, query: str) -> list[dict[str, Any]]:
    with engines.moment(engine) as now:
        return list(now.reader(query).read_all().to_pylist())


@pytest.mark.usefixtures("sales")
def test_both_engines_see_the_newest_versions_of_one_moment(spark: str) -> None:
    assert read(spark, ALL) == read("duckdb", ALL)
    assert [row["number"] for row in read(spark, ALL)] == ["N1", "N2"]
    prices = "select cast(sum(unit_price) as decimal(38,4)) as prices from sale_lines"
    assert read(spark, prices) == read("duckdb", prices) == [{"prices": Decimal("4.9380")}]


@pytest.mark.usefixtures("sales")
def test_a_moment_stays_as_it_was(spark: str) -> None:
    with engines.moment(spark) as now:
        sell("N4")
        sync()
        assert now.reader("select count(*) as n from sales").read_all().to_pylist() == [{"n": 2}]
    assert read(spark, "select count(*) as n from sales") == [{"n": 3}]


@pytest.mark.usefixtures("sales")
def test_a_column_that_came_later_is_null_in_older_files(spark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    import pyarrow as pa

    wider = dataclasses.replace(
        registry.tables()["sales"], schema=registry.tables()["sales"].schema.append(pa.field("later", pa.string()))
    )
    monkeypatch.setitem(registry._tables, "sales", wider)
    assert read(spark, "select distinct later from sales") == read("duckdb", "select distinct later from sales")


@pytest.mark.usefixtures("sales")
def test_guanxi_sql_asks_the_server(spark: str) -> None:
    out = io.StringIO()
    call_command("sql", "select count(*) as n from sales", engine=spark, format="json", stdout=out)
    assert json.loads(out.getvalue()) == [{"n": 2}]
    assert ask("select number from sales order by number", rows=1, engine=spark).truncated
    assert ask("select number from sales order by number", rows=2, engine=spark).rows.num_rows == 2


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("select * from parcels", "is not a table of the lake"),
        ("drop table sales", "DROP is not allowed"),
        ("select reflect('java.lang.System', 'exit', 1)", "the function reflect is not on the list"),
        ("select java_method('java.lang.Runtime', 'x')", "is not on the list"),
        ("select * from sales where input_file_name() <> ''", "is not on the list"),
    ],
)
def test_what_would_run_programs_or_read_files_there_is_refused(query: str, word: str) -> None:
    with pytest.raises(BadQuery, match=word):
        ask(query, engine="sc://127.0.0.1:1")


@pytest.mark.usefixtures("sales")
def test_what_the_server_cannot_answer_is_said_in_a_sentence(spark: str) -> None:
    with pytest.raises(EngineFailed, match=r"The Spark Connect server could not answer: .*nowhere") as refused:
        ask("select nowhere from sales", engine=spark)
    assert "\n" not in str(refused.value)


def free() -> str:
    return f"sc://127.0.0.1:{sparks.free_port()}"


@pytest.mark.usefixtures("sales")
def test_nobody_at_the_address_leaves_the_old_rows(spend: Mart) -> None:
    runs.run()
    with pytest.raises(
        EngineAway, match=r"No Spark Connect server answers at sc://127.0.0.1:\d+ \(Connection refused\)"
    ):
        runs.run(engine=free(), anew=True)
    with pytest.raises(EngineAway, match=r"No Spark Connect server answers at sc://nobody.example \(.*\)\. Start it"):
        runs.run(engine="sc://nobody.example/;token=secret", anew=True)
    assert MartRun.objects.count() == 1
    with snapshot() as now:
        assert now.sql("select customer_id from customer_spend").to_pylist() == [{"customer_id": 7}]


@pytest.fixture
def another_server() -> Iterator[str]:
    """Something listens that is no Spark: it hangs up on whoever calls."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        yield f"sc://127.0.0.1:{server.getsockname()[1]}"


def test_another_kind_of_server_is_no_engine(another_server: str, spend: Mart) -> None:
    pytest.importorskip("pyspark")
    with pytest.raises(EngineAway, match="could not answer"):
        runs.run(engine=another_server)


def test_an_old_server_is_refused_by_its_version(spark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql.connect.session import SparkSession

    monkeypatch.setattr(SparkSession, "version", property(lambda _self: "3.5.1"))
    with pytest.raises(EngineAway, match=r"speaks Spark 3.5.1. Use one of 4.0 or later"):
        engines.reach(spark)


def test_without_the_packages_it_is_said_how_to_get_them(spark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    with pytest.raises(EngineAway, match=r"pip install 'guanxi\[spark\]'"):
        engines.reach(spark)


@pytest.mark.usefixtures("sales")
def test_a_server_that_dies_midway_leaves_the_old_rows_and_ends_with_one_sentence(
    spend: Mart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sparks.is_here():
        pytest.skip(sparks.LEFT_OUT)
    runs.run()
    later = tmp_path / "later.sql"
    later.write_text(
        "-- later: a test.\n-- grain one row\n-- columns n bigint\n-- source own\nselect count(*) as n from sales"
    )
    registry.register(Mart("later", later))
    with sparks.sail() as (address, server):
        ask_server = RemoteLake.reader

        def die_first(lake: RemoteLake, query: str, **params: Any) -> Any:
            server.kill()
            server.wait()
            return ask_server(lake, query, **params)

        monkeypatch.setattr(RemoteLake, "reader", die_first)
        outcomes = {outcome.mart: outcome for outcome in runs.run(engine=address, anew=True)}
    assert [outcome.state for outcome in outcomes.values()] == ["failed", "left_out"]
    assert "\n" not in outcomes["customer_spend"].problem
    assert outcomes["later"].problem == outcomes["customer_spend"].problem
    with snapshot() as now:
        assert now.sql("select customer_id from customer_spend").to_pylist() == [{"customer_id": 7}]


def test_a_query_has_its_time(spark: str) -> None:
    with pytest.raises(BadQuery, match="longer than -1 seconds"):
        ask("select count(*) as n from sales", seconds=-1, engine=spark)
