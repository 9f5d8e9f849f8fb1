"""An import that stood still while others went on: resumed, it takes the book as it finds it."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from guanxi.core.jobs.run import Stopped
from guanxi.customers.models import Customer, SourceProfile
from guanxi.ingest import customers, fresh, merging, refunds
from guanxi.ingest.begin import begin
from guanxi.ingest.customers import run_customers
from guanxi.ingest.models import Import, ImportChange, NotResumable
from guanxi.ingest.plan import Plan
from guanxi.ingest.run import run
from guanxi.ingest.undo import undo
from guanxi.orders.models import Order, OrderLine, Refund
from tests.ingest.shop import LINES, RETAIL, book, imported, write

pytestmark = pytest.mark.django_db(transaction=True)

TAOBAO = "订单编号,买家会员名,总金额,订单状态,订单创建时间,订单付款时间"
UNPAID = "{0},li,8{0},等待买家付款,2024-11-0{0} 00:00:01,"
PAID = "{0},li,8{0},交易成功,2024-11-0{0} 00:00:01,2024-11-0{0} 00:00:02"
CANCELLED = "C536379,85123A,WHITE HEART,-2,2010-12-02 09:41:00,2.55,17850,United Kingdom"
MORE_CANCELLED = "C536380,71053,LANTERN,-1,2010-12-03 09:41:00,3.39,17850,United Kingdom"
FOLK = ("full_name,phone", *(f"Li {nth},1380013800{nth}" for nth in range(6)))


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "CHUNK_DOCUMENTS", 1)
    for module in (merging, refunds, customers):
        monkeypatch.setattr(module, "AT_ONCE", 1)


def after(steps: int) -> Callable[[Import], None]:
    """Break off when something was reported so often."""
    left = steps

    def impatient(_batch: Import) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Stopped("enough")

    return impatient


def stopped(*files: Path, steps: int, preset: str = RETAIL, subject: str = "orders") -> Import:
    batch = begin(list(files), preset=preset, subject=subject)
    with pytest.raises(Stopped):
        (run if subject == "orders" else run_customers)(batch, progress=after(steps))
    return Import.objects.get(pk=batch.pk)


def resumed(batch: Import) -> Import:
    batch = Import.objects.get(pk=batch.pk)
    (run if batch.subject == "orders" else run_customers)(batch)
    return Import.objects.get(pk=batch.pk)


def book_but_versions() -> dict[str, object]:
    return {name: [row[:-1] for row in rows] if name == "orders" else rows for name, rows in book().items()}


def trade() -> dict[str, object]:
    """Orders and what hangs on them, without the people and goods that outlast who named them first."""
    lasting = {"people", "identifiers", "customers", "goods"}
    return {name: rows for name, rows in book().items() if name not in lasting}


@pytest.mark.parametrize("steps", range(2, 8))
def test_documents_another_import_brought_meanwhile_are_known_when_the_first_goes_on(
    tmp_path: Path, steps: int
) -> None:
    file = write(tmp_path, *LINES)
    imported(file)
    whole = book_but_versions()
    undo(Import.objects.get())
    first = stopped(file, steps=steps)
    written = first.counts.get("orders_new", 0)
    second = imported(file)
    first = resumed(first)
    assert book_but_versions() == whole
    assert (first.counts["orders_new"], second.counts.get("orders_new", 0)) == (written, 5 - written)
    for batch in (first, second):
        assert (batch.counts["orders"], batch.counts["lines"], batch.counts["refunds"]) == (5, 6, 1)
        assert (batch.counts["documents"], batch.counts["customers"], batch.rows_done) == (6, 2, 7)


@pytest.mark.parametrize("steps", range(2, 8))
def test_each_import_s_undo_takes_back_what_it_brought_and_no_more(tmp_path: Path, steps: int) -> None:
    file = write(tmp_path, *LINES)
    first = stopped(file, steps=steps)
    written = set(Order.objects.values_list("number", flat=True))
    second = imported(file)
    before = book()
    first = resumed(first)
    assert book() == before
    assert undo(second)["removed"].get("orders", 0) == 5 - len(written)
    assert set(Order.objects.values_list("number", flat=True)) == written
    undo(first)
    assert not any(trade().values())
    assert not ImportChange.objects.exists()


@pytest.mark.parametrize("steps", [2, 3])
def test_documents_taken_back_meanwhile_are_new_again(tmp_path: Path, steps: int) -> None:
    before = imported(write(tmp_path, *LINES[2:5], name="before.csv"))
    first = stopped(write(tmp_path, *LINES), steps=steps)
    undo(before)
    first = resumed(first)
    got = book_but_versions()
    assert (first.counts["orders_new"], first.counts["orders"], first.rows_done) == (5, 5, 7)
    undo(first)
    assert not any(trade().values())
    imported(write(tmp_path, *LINES))
    assert got == book_but_versions()


@pytest.mark.parametrize("steps", [4, 5, 6])
def test_documents_found_to_be_another_s_before_it_was_taken_back_went_with_it(tmp_path: Path, steps: int) -> None:
    before = imported(write(tmp_path, *LINES[2:5], name="before.csv"))
    first = stopped(write(tmp_path, *LINES), steps=steps)
    gone = first.counts["orders"] - first.counts["orders_new"]
    undo(before)
    first = resumed(first)
    assert Order.objects.count() == first.counts["orders_new"] == 5 - gone < 5
    assert (first.counts["orders"], first.rows_done) == (5, 7)


def test_what_a_resumed_import_knows_more_of_an_order_brought_meanwhile_is_added(tmp_path: Path) -> None:
    paid = write(tmp_path, *(PAID.format(nth) for nth in range(1, 5)), header=TAOBAO, name="paid.csv")
    unpaid = write(tmp_path, *(UNPAID.format(nth) for nth in range(1, 5)), header=TAOBAO, name="unpaid.csv")
    first = stopped(paid, steps=3, preset="taobao-orders")
    imported(unpaid, preset="taobao-orders")
    between = book_but_versions()
    first = resumed(first)
    assert {order.is_paid for order in Order.objects.all()} == {True}
    assert first.counts["orders_changed"] == 4 - first.counts["orders_new"] > 0
    undo(first)
    kept = set(Order.objects.values_list("number", "paid_at"))
    assert kept < {(row[0], row[3]) for row in between["orders"]}  # type: ignore[attr-defined]
    assert len(kept) == first.counts["orders_changed"]


def test_a_line_is_not_doubled_where_the_order_came_from_both(tmp_path: Path) -> None:
    first = stopped(write(tmp_path, *LINES[2:], *LINES[:2]), steps=3)
    imported(write(tmp_path, *LINES[:2], name="b.csv"))
    resumed(first)
    assert OrderLine.objects.filter(order__number="536365").count() == 2


@pytest.mark.parametrize("steps", range(2, 5))
def test_a_cancellation_two_imports_bring_takes_its_money_back_once(tmp_path: Path, steps: int) -> None:
    file = write(tmp_path, *LINES[:2], CANCELLED, MORE_CANCELLED)
    first = stopped(file, steps=steps)
    second = imported(file)
    first = resumed(first)
    assert Order.objects.get().refunded_minor == 510 + 339
    assert first.counts.get("refunds_new", 0) + second.counts["refunds_new"] == Refund.objects.count() == 2
    assert first.counts["refund_documents"] == 2


def test_who_only_cancelled_is_still_the_refund_s_person_after_another_import_was_taken_back(tmp_path: Path) -> None:
    cancelled = CANCELLED.replace("17850", "12346")
    other = imported(write(tmp_path, cancelled.replace("C536379", "C1"), name="other.csv"))
    first = stopped(write(tmp_path, LINES[0], cancelled), steps=2)
    undo(other)
    assert not SourceProfile.objects.filter(key="12346").exists()
    first = resumed(first)
    refund = Refund.objects.get()
    assert refund.profile is not None
    assert refund.profile.key == "12346"
    undo(first)
    assert not any(trade().values())


def test_a_kill_between_the_plan_and_its_first_document_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, *LINES)
    first = stopped(file, steps=3)
    imported(write(tmp_path, LINES[3], name="between.csv"))
    keep = Plan._keep

    def failing(plan: Plan, batch: Import) -> None:
        keep(plan, batch)
        raise OSError("the disk is full")

    monkeypatch.setattr(Plan, "_keep", failing)
    with pytest.raises(OSError, match="full"):
        run(first)
    monkeypatch.setattr(Plan, "_keep", keep)
    first = resumed(first)
    assert Order.objects.count() == first.counts["orders"] == 5
    assert first.counts["orders_new"] == 4


@pytest.mark.parametrize("seed", range(4))
def test_imports_that_overlap_stop_and_go_on_in_any_order_are_the_book_of_all(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = [f"{number},S{nth},THING,3,2010-12-0{1 + number % 9} 08:26:00,1.25,{number % 3},UK"
             for number in range(9) for nth in range(2)]  # fmt: skip
    files = [write(tmp_path, *some, name=f"{nth}.csv") for nth, some in enumerate((lines[:12], lines[6:], lines))]
    waiting = [begin([file], preset=RETAIL) for file in files]
    while waiting:
        batch = Import.objects.get(pk=chance.choice(waiting).pk)
        try:
            run(batch, progress=after(chance.randrange(2, 6)))
        except Stopped:
            continue
        waiting = [other for other in waiting if other.pk != batch.pk]
    assert (Order.objects.count(), OrderLine.objects.count()) == (9, 18)
    counts = [batch.counts for batch in Import.objects.order_by("pk")]
    assert [each["orders"] for each in counts] == [6, 6, 9]
    assert sum(each.get("orders_new", 0) for each in counts) == 9
    for batch in chance.sample(list(Import.objects.all()), 3):
        undo(batch)
    assert not any(trade().values())


def test_people_another_file_brought_meanwhile_are_known_when_the_first_goes_on(tmp_path: Path) -> None:
    file = write(tmp_path, *FOLK[1:], header=FOLK[0], name="people.csv")
    first = stopped(file, steps=4, preset="generic", subject="customers")
    written = Customer.objects.count()
    second = imported(file, preset="generic", subject="customers")
    first = resumed(first)
    assert Customer.objects.count() == 6 > written > 0
    assert (first.counts["customers_new"], second.counts["customers_new"]) == (written, 6 - written)
    undo(first)
    undo(second)
    assert not Customer.objects.exists()


def test_a_finished_customer_file_has_nothing_to_resume(tmp_path: Path) -> None:
    file = write(tmp_path, *FOLK[1:], header=FOLK[0], name="people.csv")
    batch = imported(file, preset="generic", subject="customers")
    with pytest.raises(NotResumable):
        run_customers(batch)
    assert Import.objects.get().state == Import.State.DONE
