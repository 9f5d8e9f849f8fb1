"""The lake follows the book."""

import contextlib
import datetime as dt
import itertools
import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.warehouse import claims, lake, rebuild, sync, tasks, upkeep
from guanxi.warehouse.models import CHANGED, Arrival, Moment, SyncBatch, Tombstone, as_of
from guanxi.warehouse.reading import snapshot
from tests.warehouse.toy import Line, Person, Sale, remove, sell, sell_many

pytestmark = pytest.mark.usefixtures("shop")
NOON = dt.datetime(2024, 11, 11, 12)  # noqa: DTZ001 - the lake's instants are UTC without saying so


def rows(query: str, **params: Any) -> list[dict[str, Any]]:
    with snapshot() as now:
        return now.sql(query, **params).to_pylist()


def book_and_lake() -> tuple[list[Any], list[Any]]:
    """The same rows from both stores."""
    found = rows("select sale_id, number, net_minor from sales order by sale_id")
    lines = rows("select sale_id, position, unit_price from sale_lines order by sale_id, position")
    book = list(Sale.objects.order_by("pk").values_list("pk", "number", "net_minor"))
    book_lines = list(Line.objects.order_by("sale_id", "position").values_list("sale_id", "position", "unit_price"))
    return [book, book_lines], [[tuple(row.values()) for row in found], [tuple(row.values()) for row in lines]]


def assert_equal() -> None:
    book, copied = book_and_lake()
    assert copied == book


def test_no_round_reads_a_whole_table_of_the_book() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in the words of SQLite")
    sales = [sell(f"N{nth}") for nth in range(5)]
    sync.sync()
    sales[2].note = "paid in cash"
    sales[2].save()
    with CaptureQueriesContext(connection) as asked:
        assert sync.sync().rows == 1
    mine = [query["sql"] for query in asked if "toy_sale" in query["sql"] and "EXPLAIN" not in query["sql"]]
    plans = [str(connection.cursor().execute(f"explain query plan {each}").fetchall()) for each in mine]
    assert len(plans) > 3
    assert [plan for plan in plans if "SCAN toy_sale" in plan and "USING INDEX sale_to_lake" not in plan] == []


def test_a_new_sale_is_in_the_lake_after_a_sync_with_all_its_columns() -> None:
    ada = Person.objects.create(customer_id=7)
    sale = sell("N1", person=ada.pk)
    assert sync.sync().rows == 2
    assert rows("select * from sales") == [
        {
            "sale_id": sale.pk,
            "number": "N1",
            "person_id": ada.pk,
            "customer_id": 7,
            "placed_at": NOON,
            "placed_on": dt.date(2024, 11, 11),
            "is_paid": True,
            "net_minor": 1000,
            "note": None,
        }
    ]
    assert rows("select unit_price from sale_lines") == [{"unit_price": Decimal("1.2345")}] * 2


def test_texts_travel_unharmed() -> None:
    texts = ["", 'say "hi", ok', "line\nbreak", "back\\slash", "null", "关系 🛒", "tab\there", "1,2"]
    for text in texts:
        sale = sell("N")
        Sale.objects.filter(pk=sale.pk).update(note=text)
    sync.sync()
    assert [row["note"] for row in rows("select note from sales order by sale_id")] == texts


def test_a_sync_with_nothing_new_changes_nothing() -> None:
    sell("N1")
    sync.sync()
    before = Moment.objects.latest_one()
    assert sync.sync().rows == 0
    after = Moment.objects.latest_one()
    assert before
    assert after
    assert after.pk == before.pk
    assert after.taken_at > before.taken_at


def test_a_changed_sale_replaces_its_old_version_and_all_its_lines() -> None:
    sale, other = sell("N1"), sell("N2")
    sync.sync()
    sale.lines.filter(position=2).delete()
    Sale.objects.filter(pk=sale.pk).update(net_minor=5, **CHANGED)
    assert sync.sync().rows == 1
    assert_equal()
    assert rows("select count(*) as n from sale_lines where sale_id = $id", id=other.pk) == [{"n": 2}]


def test_many_changes_of_one_sale_leave_the_last() -> None:
    sale = sell("N1")
    for net in (1, 2, 3):
        Sale.objects.filter(pk=sale.pk).update(net_minor=net, **CHANGED)
        sync.sync()
        assert rows("select net_minor from sales") == [{"net_minor": net}]


def test_a_sale_that_moves_to_another_month_is_there_once_before_and_after_folding() -> None:
    sale = sell("N1", day=dt.date(2024, 1, 31))
    sync.sync()
    Sale.objects.filter(pk=sale.pk).update(placed_on=dt.date(2024, 2, 1), **CHANGED)
    sync.sync()
    assert rows("select placed_on from sales") == [{"placed_on": dt.date(2024, 2, 1)}]
    sync.fold()
    assert rows("select placed_on from sales") == [{"placed_on": dt.date(2024, 2, 1)}]
    table = lake.find("sales")
    assert table
    assert [file.partition[0] for file in lake.files(table).base] == [202402]
    assert not lake.files(table).changes


def test_a_deleted_sale_leaves_the_lake() -> None:
    sale, other = sell("N1"), sell("N2")
    sync.sync()
    remove(sale)
    sync.sync()
    assert rows("select sale_id from sales") == [{"sale_id": other.pk}]
    assert not Tombstone.objects.exists()
    sync.fold()
    assert_equal()


def test_undoing_an_import_leaves_the_lake_empty() -> None:
    sales = [sell(f"N{n}", day=dt.date(2024, 1 + n % 12, 5)) for n in range(30)]
    sync.sync()
    remove(*sales)
    sync.sync()
    assert rows("select * from sales") == rows("select * from sale_lines") == []
    sync.fold()
    assert rows("select * from sales") == rows("select * from sale_lines") == []
    sell("again")
    sync.sync()
    assert_equal()


def test_sales_inserted_together_are_exported_once_and_no_longer_wait() -> None:
    sell_many(5)
    alone = sell("N1")
    sell_many(3, day=dt.date(2024, 12, 1))
    assert Arrival.objects.count() == 2
    assert sync.sync().rows == 9
    assert not Arrival.objects.exists()
    assert_equal()
    assert sync.sync().rows == 0
    assert rows("select count(*) as n from sales where sale_id = $id", id=alone.pk) == [{"n": 1}]


def test_an_announced_sale_changed_or_deleted_before_its_export_is_exported_as_it_is() -> None:
    changed, gone, *_ = sell_many(4)
    Sale.objects.filter(pk=changed.pk).update(net_minor=5, **CHANGED)
    remove(gone)
    sync.sync()
    assert_equal()
    sync.fold()
    assert_equal()
    assert not Arrival.objects.exists()


def test_long_arrivals_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "SLICE", 3)
    monkeypatch.setattr(claims, "ARRIVALS", 1)
    sell_many(10)
    sell_many(1)
    assert sync.sync().rows == 11
    assert_equal()


def test_a_merge_changes_whom_sales_belong_to_without_touching_them() -> None:
    ada = Person.objects.create(customer_id=7)
    sell("N1", person=ada.pk)
    sync.sync()
    Person.objects.filter(pk=ada.pk).update(customer_id=3, **CHANGED)
    assert sync.sync().rows == 1
    assert rows("select number, customer_id from sales") == [{"number": "N1", "customer_id": 3}]


def test_a_row_changed_between_claim_and_load_ends_up_right(monkeypatch: pytest.MonkeyPatch) -> None:
    sale = sell("N1")
    load, changes = sync._loaded, iter((1, 2))

    def meddled(*args: Any) -> Any:
        if net := next(changes, None):
            Sale.objects.filter(pk=sale.pk).update(net_minor=net, **CHANGED)
        return load(*args)

    monkeypatch.setattr(sync, "_loaded", meddled)
    sync.sync()
    sync.sync()
    assert_equal()
    assert rows("select net_minor from sales") == [{"net_minor": 2}]
    assert len(rows("select * from sale_lines")) == 2


def test_a_row_deleted_between_claim_and_load_ends_up_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    sale, load = sell("N1"), sync._loaded

    def meddled(*args: Any) -> Any:
        if Sale.objects.filter(pk=sale.pk).exists():
            remove(sale)
        return load(*args)

    monkeypatch.setattr(sync, "_loaded", meddled)
    sync.sync()
    sync.sync()
    assert rows("select * from sales") == rows("select * from sale_lines") == []


class Cut(Exception):
    """The n-th step fails."""


def story() -> Iterator[None]:
    """A shop's life between syncs."""
    ada = Person.objects.create(customer_id=7)
    sales = [sell(f"N{n}", day=dt.date(2024, 1 + n % 3, 5), person=ada.pk) for n in range(6)]
    yield
    Sale.objects.filter(pk__in=[sales[0].pk, sales[1].pk]).update(net_minor=77, **CHANGED)
    remove(sales[2])
    sell("late", person=ada.pk)
    together = sell_many(4, person=ada.pk)
    yield
    remove(together[0])
    Sale.objects.filter(pk=together[1].pk).update(net_minor=79, **CHANGED)
    sell_many(2, day=dt.date(2024, 2, 5))
    Sale.objects.filter(pk=sales[0].pk).update(net_minor=78, **CHANGED)
    yield


STEPS = {
    "check": (Heartbeat, "check"),
    "commit": (lake, "commit"),
    "append": (SyncBatch, "append"),
    "forget": (type(Tombstone.objects), "forget"),
    "publish": (type(Moment.objects), "advance"),
    "write": (upkeep, "write"),
    "load": (sync, "_loaded"),
}


@pytest.mark.crash
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, 9) if os.environ.get("GUANXI_TORTURE") else (1, 3))
@pytest.mark.parametrize("step", STEPS)
def test_a_sync_cut_at_any_step_and_resumed_equals_one_that_was_not(
    monkeypatch: pytest.MonkeyPatch, step: str, nth: int, *, late: bool
) -> None:
    home, name = STEPS[step]
    for _ in story():
        with monkeypatch.context() as patch:
            patch.setattr(home, name, cut(getattr(home, name), nth, late=late))
            with contextlib.suppress(Cut):
                sync.fold()
        sync.fold()
        assert_equal()
        assert not Tombstone.objects.exists()
        assert not Arrival.objects.exists()


def cut(real: Any, nth: int, *, late: bool) -> Any:
    """A step whose n-th call fails, before or after it did its work."""
    calls = itertools.count(1)

    def step(*args: Any, **kwargs: Any) -> Any:
        fails = next(calls) == nth
        if fails and not late:
            raise Cut
        result = real(*args, **kwargs)
        if fails:
            raise Cut
        return result

    return step


def test_the_moment_shows_all_tables_at_once() -> None:
    sell("N1")
    sync.sync()
    with snapshot() as before:
        sale = sell("N2")
        sync.sync()
        assert before.sql("select count(*) as n from sales").to_pylist() == [{"n": 1}]
        assert before.sql("select count(distinct sale_id) as n from sale_lines").to_pylist() == [{"n": 1}]
    assert rows("select max(sale_id) as id from sale_lines") == [{"id": sale.pk}]


def test_views_of_a_lake_never_written_are_empty_and_typed() -> None:
    with snapshot() as now:
        found = now.sql("select * from sales join sale_lines using (sale_id)")
    assert found.num_rows == 0
    assert str(found.schema.field("unit_price").type) == "decimal128(18, 4)"


def test_forty_commits_are_folded_into_few_files_and_dead_files_go(shop: Any) -> None:
    for n in range(upkeep.COMMITS + 5):
        sell(f"N{n}")
        sync.sync()
    table = lake.find("sales")
    assert table
    assert len(table.metadata.snapshots) < upkeep.COMMITS
    assert len(lake.files(table).base) <= 7
    upkeep.tidy(table)
    upkeep.tidy(table)
    left = {str(path) for path in (shop / "sales").rglob("*.parquet")}
    assert len(left) <= 15
    assert {file.file_path for file in lake.files(table).base} <= left
    assert_equal()


def test_a_reader_keeps_its_files_within_the_grace_period(settings: Any) -> None:
    settings.LAKE_GRACE_SECONDS = 3600
    sell("N1")
    sync.sync()
    with snapshot() as before:
        assert before.sql("select count(*) as n from sales").to_pylist() == [{"n": 1}]
        for n in range(upkeep.COMMITS + 5):
            sell(f"M{n}")
            sync.sync()
        assert before.sql("select number from sales").to_pylist() == [{"number": "N1"}]


def test_a_rebuild_gives_the_same_lake() -> None:
    for _ in story():
        sync.sync()
    kept = book_and_lake()
    rebuild.begin()
    sync.fold()
    assert_equal()
    assert book_and_lake() == kept


def test_a_rebuild_exports_announced_sales_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "AT_ONCE", 3)
    sell_many(4)
    sync.sync()
    sell("N1")
    sell_many(5)
    rebuild.begin()
    sync.fold()
    assert_equal()
    assert not Arrival.objects.exists()


def test_a_rebuild_mends_a_lake_whose_files_are_lost(shop: Any) -> None:
    sell("N1")
    sync.sync()
    for path in (shop / "sales").rglob("*.avro"):
        path.unlink()
    rebuild.begin()
    sync.fold()
    assert_equal()


def test_marts_make_the_lake_no_newer_and_the_next_sync_no_later() -> None:
    sell("N1")
    sync.sync()
    Moment.objects.update(taken_at=timezone.now() - dt.timedelta(seconds=16))
    before = as_of()
    Moment.objects.advance({"a_mart": 7})
    assert as_of() == before
    assert sync.is_due()


def test_the_next_sync_waits_for_its_turn() -> None:
    assert sync.is_due()
    sell("N1")
    assert tasks.sync_lake.func() == 1
    assert not sync.is_due()
    sell("N2")
    assert tasks.sync_lake.func() == 0
    Moment.objects.update(taken_at=timezone.now() - dt.timedelta(seconds=16))
    assert sync.is_due()
    Moment.objects.update(seconds=2)
    assert not sync.is_due()
    Moment.objects.update(seconds=600, taken_at=timezone.now() - dt.timedelta(seconds=29))
    assert not sync.is_due()
    Moment.objects.update(taken_at=timezone.now() - dt.timedelta(seconds=31))
    assert sync.is_due()  # however long the last one took: the next would take longer still
    found = as_of()
    assert found
    assert found < timezone.now()
