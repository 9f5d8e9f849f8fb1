"""A lake in a bucket of a real S3 server: written, read, kept small and copied; and what is said when it is away."""

import datetime as dt
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from guanxi.core import doctor
from guanxi.warehouse import (
    analyst,
    checks,
    copies,
    engines,
    forgetting,
    lake,
    near,
    place,
    rebuild,
    registry,
    runs,
    sync,
    upkeep,
)
from guanxi.warehouse.analyst import BadQuery, ask
from guanxi.warehouse.lake import LakeBroken
from guanxi.warehouse.lookup import lookup
from guanxi.warehouse.marts import Given, Mart
from guanxi.warehouse.models import CHANGED, MartRun, Moment
from guanxi.warehouse.place import LakeAway
from guanxi.warehouse.reading import snapshot
from tests import objects
from tests import spark as sparks
from tests.postgres import free_port
from tests.warehouse import toy
from tests.warehouse.test_marts import DAY, FILE
from tests.warehouse.test_sql import HARMLESS, HOSTILE
from tests.warehouse.toy import Person, Sale, sell

MARCH = dt.date(2024, 3, 5)
AWAY = r"^The object store of the lake, s3://\S+ \(127\.0\.0\.1:\d+\), does not answer as it should: NETWORK_CONNECTION"


@pytest.fixture(scope="module")
def store() -> Iterator[objects.Store]:
    objects.needed()
    with objects.serving() as server:
        yield server


@pytest.fixture
def bucket(shop: Path, store: objects.Store, settings: Any, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The lake of a test in a bucket of its own, its home in a folder of its own."""
    name = f"b{abs(hash(request.node.nodeid)):x}"
    store.make(name)
    settings.HOME = tmp_path / "home"
    objects.use(store, settings, f"s3://{name}/lake")
    return name


@pytest.fixture
def traded(bucket: str) -> list[dict[str, Any]]:
    """Sales of two months, of which one was changed and one deleted since."""
    ada = Person.objects.create(customer_id=7)
    first = sell("N1", day=MARCH, net=100, person=ada.pk)
    sell("N2", net=200)
    gone = sell("N3", day=MARCH, net=300)
    sync.sync()
    Sale.objects.filter(pk=first.pk).update(net_minor=150, **CHANGED)
    toy.remove(gone)
    sync.sync()
    return sales()


def sales() -> list[dict[str, Any]]:
    with snapshot() as now:
        return now.sql("select number, net_minor, customer_id from sales order by 1").to_pylist()


def parquet(name: str = "sales") -> set[str]:
    return {each.path for each in place.listed(f"{place.settings.LAKE}/{name}") if each.path.endswith(".parquet")}


def live(name: str = "sales") -> set[str]:
    table = lake.find(name)
    assert table is not None
    found = lake.files(table)
    return {file.file_path for file in (*found.base, *found.changes)}


@pytest.fixture
def away(settings: Any) -> Iterator[Any]:
    """Let the store be gone from its address, until it is back."""

    def gone() -> None:
        settings.LAKE_S3_ENDPOINT = f"http://127.0.0.1:{free_port()}"

    return gone


def test_what_was_sold_changed_and_deleted_reads_as_from_a_disk(
    traded: list[dict[str, Any]], bucket: str, store: objects.Store, settings: Any
) -> None:
    assert traded == [
        {"number": "N1", "net_minor": 150, "customer_id": 7},
        {"number": "N2", "net_minor": 200, "customer_id": None},
    ]
    assert all(name.startswith(f"{bucket}/lake/") for name in store.names(bucket))
    assert [path.name for path in lake.home().rglob("*") if path.is_file()] == ["catalog.sqlite3"]


def test_a_page_looks_few_rows_up_where_they_lie(
    traded: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, away: Any
) -> None:
    monkeypatch.setitem(registry._tables, "sales", replace(toy.SALES, sort=("sale_id",)))
    keys = list(Sale.objects.order_by("number").values_list("pk", flat=True))
    found = lookup("sales", keys)
    assert found.months() == [202411, 202403]
    assert [found.rows(month)["net_minor"].to_pylist() for month in found.months()] == [[200], [150]]
    away()
    with pytest.raises(LakeAway, match=AWAY):
        lookup("sales", keys).rows(202403)


def test_changes_are_folded_in_and_what_no_snapshot_names_leaves_bucket_and_machine(
    traded: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = parquet()
    monkeypatch.setattr(upkeep, "COMMITS", 1)
    Moment.objects.exclude(pk=Moment.objects.latest_one().pk).delete()  # type: ignore[union-attr]
    for number in ("N4", "N5"):
        sell(number, day=MARCH, net=400)
        sync.fold()
    monkeypatch.setattr(upkeep, "KEPT_MOMENTS", 1)
    sell("N6", day=MARCH, net=400)
    sync.fold()
    sync.fold()
    table = lake.find("sales")
    assert table is not None
    upkeep.tidy(table)
    upkeep.tidy(table)
    assert parquet() == live()
    assert before - live()
    assert [row["net_minor"] for row in sales()] == [150, 200, 400, 400, 400]
    assert not [path for path in before - live() if Path(near.here(path)).exists()]


def test_who_is_forgotten_leaves_the_bucket_at_once_where_nobody_waits(traded: list[dict[str, Any]]) -> None:
    before = parquet()
    moment = forgetting.rewrite()
    assert forgetting.left_since(moment, at_once=True) == 0
    assert parquet().isdisjoint(before - live())
    assert not [path for path in before - live() if Path(near.here(path)).exists()]
    assert sales() == traded


def test_a_mart_is_computed_into_the_bucket_and_left_as_it_is_while_the_store_is_away(
    traded: list[dict[str, Any]], away: Any
) -> None:
    registry.register(Mart("customer_spend", FILE, Given({"as_of"}, lambda: {"as_of": DAY})))
    assert [outcome.state for outcome in runs.run()] == [MartRun.State.DONE]
    with snapshot() as now:
        told = now.sql("select * from customer_spend").to_pylist()
    assert told
    away()
    (outcome,) = runs.run(anew=True)
    assert (outcome.state, outcome.is_sound) == (MartRun.State.FAILED, False)
    assert "does not answer as it should" in outcome.problem
    with snapshot() as now:
        assert now.sql("select * from customer_spend").to_pylist() == told


def test_a_sync_is_cut_short_in_a_sentence_and_goes_on_when_the_store_is_back(
    traded: list[dict[str, Any]], away: Any, settings: Any
) -> None:
    there = settings.LAKE_S3_ENDPOINT
    sell("N4", net=400)
    away()
    with pytest.raises(LakeAway, match=AWAY):
        sync.sync()
    assert sales() == traded
    settings.LAKE_S3_ENDPOINT = there
    sync.sync()
    sync.sync()
    assert [row["number"] for row in sales()] == ["N1", "N2", "N4"]


def test_another_place_is_made_anew_from_the_book_and_never_filled_with_what_is_new_alone(
    traded: list[dict[str, Any]], bucket: str, settings: Any
) -> None:
    registry.register(Mart("customer_spend", FILE, Given({"as_of"}, lambda: {"as_of": DAY})))
    runs.run()
    sell("N4", net=400)
    settings.LAKE = f"s3://{bucket}/another"
    with pytest.raises(LakeBroken, match="Run `guanxi lake rebuild`, or name the place where it was"):
        sync.sync()
    rebuild.begin()
    sync.sync()
    assert sales() == [*traded, {"number": "N4", "net_minor": 400, "customer_id": None}]
    assert [(outcome.state, outcome.rows) for outcome in runs.run()] == [(MartRun.State.DONE, 1)]


@pytest.mark.parametrize("table", ["people", "sales", "sale_lines"])
def test_a_store_that_goes_away_between_two_tables_leaves_every_row_once(
    traded: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    done = lake.commit.__wrapped__  # type: ignore[attr-defined]

    @place.reached()
    def commit(into: Any, **told: Any) -> None:
        if into.name()[-1] == table:
            raise OSError("When completing: AWS Error SLOW_DOWN during PutObject operation: Reduce your request rate")
        done(into, **told)

    Person.objects.create(customer_id=8)
    sell("N4", net=400)
    with monkeypatch.context() as patched:
        patched.setattr(lake, "commit", commit)
        with pytest.raises(LakeAway, match="SLOW_DOWN"):
            sync.sync()
    assert sales() == traded
    sync.sync()
    assert [row["number"] for row in sales()] == ["N1", "N2", "N4"]
    with snapshot() as now:
        assert now.sql("select count(*) as n from people").to_pylist() == [{"n": 2}]


def test_a_rebuild_takes_a_store_that_is_away_for_no_broken_lake(
    traded: list[dict[str, Any]], away: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, dropped = settings.LAKE_S3_ENDPOINT, []
    monkeypatch.setattr(lake, "drop", dropped.append)
    rebuild.begin()
    away()
    with pytest.raises(LakeAway):
        sync.sync()
    with objects.serving() as another:  # answers, and knows nothing of our bucket
        settings.LAKE_S3_ENDPOINT = another.endpoint
        with pytest.raises(LakeAway, match="there is no such bucket"):
            sync.sync()
    settings.LAKE_S3_ENDPOINT = there
    sync.sync()
    assert dropped == []
    assert sales() == traded


@pytest.mark.parametrize("vanished", [True, False])
def test_a_file_that_is_missing_or_damaged_is_told_by_its_table(
    traded: list[dict[str, Any]], store: objects.Store, vanished: bool
) -> None:
    for path in live():
        near.forget(path)
    path = place.key(min(live()))
    if vanished:
        store.client().delete_file(path)
    else:
        with store.client().open_output_stream(path) as sink:
            sink.write(b"nothing of the kind")
    with pytest.raises(LakeBroken, match="files of “sales” in the lake"):
        sales()
    with pytest.raises(LakeBroken if vanished else BadQuery):
        ask("select * from sales")


@pytest.mark.usefixtures("traded")
def test_what_is_said_of_a_store_that_is_away_speaks_the_language_of_the_page(away: Any) -> None:
    for path in live():
        near.forget(path)
    away()
    with translation.override("zh-hans"), pytest.raises(LakeAway, match="没有正常应答：NETWORK_CONNECTION"):
        sales()


def test_a_copy_that_was_damaged_is_fetched_once_more(traded: list[dict[str, Any]]) -> None:
    Path(near.here(min(live()))).write_bytes(b"nothing of the kind")
    with pytest.raises(LakeBroken):
        sales()
    assert sales() == traded


def test_a_copy_nobody_asked_for_lately_is_removed_and_no_other(traded: list[dict[str, Any]]) -> None:
    old, new = sorted(near.here(path) for path in live())[:2]
    os.utime(old, (0, 0))
    near.sweep()
    assert (Path(old).exists(), Path(new).exists()) == (False, True)
    assert Path(new).stat().st_mode & 0o777 == 0o600
    assert sales() == traded


def test_a_lake_copied_out_of_a_bucket_and_put_into_another_reads_the_same(
    traded: list[dict[str, Any]], bucket: str, settings: Any, tmp_path: Path
) -> None:
    size = copies.size()
    copies.prepare()
    told = copies.take(tmp_path / "copy")
    settings.LAKE = f"s3://{bucket}/another/place"
    assert (size > 0, copies.size()) == (True, 0)
    copies.show(copies.put_back(told, tmp_path / "copy"))
    assert sales() == traded
    sell("N4", net=400)
    sync.sync()
    assert [row["number"] for row in sales()] == ["N1", "N2", "N4"]
    copies.clear()
    assert copies.size() == 0


def test_questions_are_answered_out_of_the_bucket_without_network_or_keys(
    traded: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    ordered = analyst._order
    monkeypatch.setattr(analyst, "_order", lambda *a, **b: given.append(ordered(*a, **b)) or given[-1])
    found = ask("select number, net_minor, customer_id from sales order by 1").rows
    assert found.to_pylist() == traded
    said = json.dumps(given)
    assert [word for word in (objects.KEY, objects.SECRET, "s3://", "127.0.0.1") if word in said] == []
    assert all(Path(path).parent == near.home() for path in given[0]["paths"])


def attacks(bucket: str, others: set[str]) -> Iterator[str]:
    yield f"select * from read_parquet('s3://{bucket}/lake/**/*.parquet')"
    for path in others:
        yield f"select * from read_parquet('{path}')"
        yield f"select * from read_parquet('{near.here(path)}')"
        yield f"select * from '{near.here(path)}'"
        yield f"select * from read_blob('{near.here(path)}')"
    yield f"select * from read_parquet('{near.home()}/*.parquet')"
    yield f"select * from glob('{near.home()}/*')"
    yield f"select * from read_blob('{lake.home()}/catalog.sqlite3')"
    yield f"select * from read_text('http://127.0.0.1/{bucket}')"


@pytest.mark.usefixtures("traded")
def test_a_question_reads_no_file_of_the_bucket_but_those_of_its_tables(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = parquet("sale_lines")
    with snapshot() as now:
        assert now.sql("select sale_id from sale_lines").num_rows == 4  # their copies are here
    assert all(Path(near.here(path)).exists() for path in others)
    tried = [*attacks(bucket, others), *(query for query in HOSTILE if query.strip() and query not in HARMLESS)]
    for query in tried:
        with pytest.raises(BadQuery):
            ask(query)
    monkeypatch.setattr(analyst.queries, "check", lambda _: None)
    for query in attacks(bucket, others):
        with pytest.raises(BadQuery):
            ask(f"with mine as (select number from sales) {query}")


def test_the_keys_are_nowhere_but_in_the_settings(
    traded: list[dict[str, Any]], bucket: str, store: objects.Store, settings: Any, away: Any, caplog: Any
) -> None:
    client = store.client()
    bytes_there = b"".join(client.open_input_stream(name).read() for name in store.names(bucket))
    bytes_here = b"".join(path.read_bytes() for path in Path(settings.HOME).rglob("*") if path.is_file())
    settings.LAKE_S3_ENDPOINT = settings.LAKE_S3_ENDPOINT.replace("//", f"//{objects.KEY}:word@")
    said = [place.shown(), *(finding["sentence"] for finding in doctor.examine())]
    away()
    with caplog.at_level(logging.DEBUG), pytest.raises(LakeAway) as refused:
        sync.sync()
    said += [str(refused.value), str(refused.value.__cause__), caplog.text]
    everything = bytes_there + bytes_here + " ".join(said).encode()
    assert [word for word in (objects.KEY, objects.SECRET) if word.encode() in everything] == []


@pytest.mark.usefixtures("traded")
def test_the_doctor_tries_the_store_out(bucket: str, store: objects.Store, away: Any) -> None:
    names = store.names(bucket)
    first, *_others = checks.examined()
    assert (first.state, "takes, gives, lists and removes" in first.sentence) == ("good", True)
    assert store.names(bucket) == names
    away()
    (found,) = [finding for finding in doctor.examine() if finding["check"] == "lake"]
    assert found["state"] == "wrong"
    assert "does not answer as it should" in found["sentence"]


@pytest.mark.parametrize(
    ("lake", "word"),
    [
        ("gs://bucket/lake", "GUANXI_LAKE names"),
        ("s3://bucket", "GUANXI_LAKE names"),
        ("s3://bucket/lake/", "GUANXI_LAKE names"),
        ("s3://key:secret@bucket/lake", "GUANXI_LAKE names"),
        ("s3://bucket/../lake", "GUANXI_LAKE names"),
        ("s3://bucket/lake", ""),
        ("/var/lake", ""),
    ],
)
def test_a_place_that_is_none_is_told_when_the_program_starts(settings: Any, lake: str, word: str) -> None:
    settings.LAKE = lake
    assert [problem[: len(word)] for problem in place.problems()] == ([word] if word else [])


def test_one_key_without_the_other_is_told_when_the_program_starts(settings: Any) -> None:
    settings.LAKE_S3_KEY = "a"
    assert list(place.problems()) == ["GUANXI_LAKE_S3_KEY and GUANXI_LAKE_S3_SECRET go together: set both or neither"]


def test_the_bucket_may_stand_in_the_name_of_the_host(bucket: str, store: objects.Store, settings: Any) -> None:
    settings.LAKE_S3_ENDPOINT = store.endpoint.replace("127.0.0.1", "localhost")
    settings.LAKE_S3_VIRTUAL = True
    sell("N1", net=100)
    sync.sync()
    assert [row["number"] for row in sales()] == ["N1"]
    assert store.names(bucket)


@pytest.mark.spark
def test_a_spark_server_reads_the_bucket_itself(
    traded: list[dict[str, Any]], store: objects.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sparks.is_here():
        pytest.skip(sparks.LEFT_OUT)
    keys = {"AWS_ACCESS_KEY_ID": objects.KEY, "AWS_SECRET_ACCESS_KEY": objects.SECRET, "AWS_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT": store.endpoint, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    for path in near.home().iterdir():
        path.unlink()
    with sparks.sail() as (address, _server), engines.moment(address) as now:
        query = "select number, net_minor, customer_id from sales order by number"
        assert now.reader(query).read_all().to_pylist() == traded
    assert list(near.home().iterdir()) == []
