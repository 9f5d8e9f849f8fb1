"""Order files into the book: once, twice, in pieces, and back out."""

from pathlib import Path

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.faces import face_of
from guanxi.customers.models import Channel, Customer, Event, Identifier, MergeLog
from guanxi.ingest import staging
from guanxi.ingest.begin import begin
from guanxi.ingest.dry_run import dry_run
from guanxi.ingest.models import Import, ImportChange, NotResumable, NotUndoable
from guanxi.ingest.run import run
from guanxi.ingest.undo import undo
from guanxi.orders.models import Order, OrderLine, Refund, Store
from tests.ingest.shop import LINES, MAPPING, RETAIL, book, imported, mapped, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_becomes_orders_refunds_and_people(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, *LINES))
    assert batch.state == Import.State.DONE
    names = ("rows", "documents", "orders", "lines", "refunds", "customers", "guests")
    assert {name: batch.counts[name] for name in names} == {
        "rows": 7, "documents": 6, "orders": 5, "lines": 6, "refunds": 1, "customers": 2, "guests": 2,
    }  # fmt: skip
    order = Order.objects.get(number="536365")
    assert (order.goods_minor, order.total_minor, order.currency) == (3564, 3564, "GBP")
    assert order.profile is not None
    assert order.profile.key == "17850"


def test_a_cancellation_takes_back_the_newest_order_that_holds_its_lines(tmp_path: Path) -> None:
    imported(write(tmp_path, *LINES))
    refund = Refund.objects.get(number="C536379")
    assert refund.order is not None
    assert (refund.order.number, refund.amount_minor) == ("536365", 510)
    assert (refund.order.payment_state, refund.order.refunded_minor, refund.order.net_minor) == (
        "part_refunded",
        510,
        3054,
    )
    assert refund.lines.get().quantity == -2


@pytest.mark.parametrize(
    "line",
    [
        "C1,85123A,WHITE HEART,-7,2010-12-02 09:41:00,2.55,17850,United Kingdom",
        "C1,85123A,WHITE HEART,-2,2010-12-02 09:41:00,2.65,17850,United Kingdom",
        "C1,85123A,WHITE HEART,-2,2010-11-30 09:41:00,2.55,17850,United Kingdom",
        "C1,85123A,WHITE HEART,-2,2010-12-02 09:41:00,2.55,13047,United Kingdom",
    ],
    ids=["more than was bought", "another price", "before the order", "another customer"],
)
def test_a_cancellation_without_its_original_is_a_refund_of_its_own(tmp_path: Path, line: str) -> None:
    imported(write(tmp_path, *LINES[:5], line))
    assert Refund.objects.get(number="C1").order is None
    assert set(Order.objects.values_list("refunded_minor", flat=True)) == {0}


def test_who_only_cancelled_is_a_customer_too(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, "C9,85123A,WHITE HEART,-2,2010-12-02 09:41:00,2.55,12346,United Kingdom"))
    assert batch.counts["customers"] == 1
    assert Customer.objects.get().refunds.count() == 1


def test_bad_debt_is_outside_net_sales(tmp_path: Path) -> None:
    imported(write(tmp_path, *LINES))
    debt = Order.objects.get(number="A563185")
    assert (debt.kind, debt.is_paid, debt.net_minor, debt.goods_minor) == ("adjustment", False, 0, 1106206)


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, *LINES, LINES[0])
    imported(file)
    before = book()
    again = imported(file)
    assert book() == before
    for name in ("orders_new", "orders_changed", "lines_new", "refunds_new", "customers_new"):
        assert again.counts.get(name, 0) == 0
    assert again.counts["duplicates"] == 8


def test_exact_duplicates_of_one_file_count_and_of_two_files_the_larger_number_holds(tmp_path: Path) -> None:
    imported(write(tmp_path, LINES[0], LINES[0], name="a.csv"))
    imported(write(tmp_path, LINES[0], LINES[0], LINES[0], LINES[1], name="b.csv"))
    imported(write(tmp_path, LINES[0], name="c.csv"))
    assert list(OrderLine.objects.values_list("line_number", "sku")) == [
        (1, "85123A"), (2, "85123A"), (3, "85123A"), (4, "71053"),
    ]  # fmt: skip
    assert Order.objects.get().goods_minor == 3 * 1530 + 2034


def test_two_overlapping_files_in_either_order_are_the_whole(tmp_path: Path) -> None:
    imported(write(tmp_path, *LINES, name="whole.csv"))
    whole = {name: rows for name, rows in book().items() if name != "orders"}
    Import.objects.get().refresh_from_db()
    undo(Import.objects.get())
    imported(write(tmp_path, *LINES[1:], name="late.csv"))
    imported(write(tmp_path, *LINES[:4], name="early.csv"))
    pieces = {name: rows for name, rows in book().items() if name != "orders"}
    assert pieces["refunds"][0][1] is None or pieces["refunds"] == whole["refunds"]
    assert {row[0] for row in pieces["lines"]} == {row[0] for row in whole["lines"]}
    assert sum(row[6] for row in pieces["lines"]) == sum(row[6] for row in whole["lines"])


def test_a_spreadsheet_s_decimal_point_behind_a_customer_number_is_no_new_customer(tmp_path: Path) -> None:
    imported(write(tmp_path, LINES[0], name="a.csv"))
    imported(write(tmp_path, LINES[2].replace(",17850,", ",17850.0,"), name="b.csv"))
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("nobody", ["", "0", "null", "anonymous", "-1"])
def test_a_guest_is_never_a_person(tmp_path: Path, nobody: str) -> None:
    batch = imported(write(tmp_path, LINES[0].replace("17850", nobody)))
    assert (batch.counts["guests"], Customer.objects.count()) == (1, 0)


def test_a_document_s_time_is_its_first_line_s(tmp_path: Path) -> None:
    imported(write(tmp_path, LINES[0], LINES[1].replace("08:26", "08:27")))
    assert Order.objects.get().placed_at.isoformat() == "2010-12-01T08:26:00+00:00"


def test_the_store_s_clock_tells_the_day(tmp_path: Path) -> None:
    file = write(tmp_path, "7,2024-11-11 00:03:21,88,li", header="no,day,sum,who")
    imported(file, preset="generic", mapping=mapped(tmp_path))
    order = Order.objects.get()
    assert (order.placed_at.isoformat(), str(order.placed_on)) == ("2024-11-10T16:03:21+00:00", "2024-11-11")


def test_an_undo_leaves_the_book_as_it_was(tmp_path: Path) -> None:
    imported(write(tmp_path, *LINES[:3], name="before.csv"))
    before, events = book(), Event.objects.count()
    batch = imported(write(tmp_path, *LINES, name="after.csv"))
    outcome = undo(batch)
    after = book()
    assert [row[:-1] for row in after.pop("orders")] == [row[:-1] for row in before.pop("orders")]  # versions only grow
    assert after == before
    assert (outcome["kept"], Event.objects.count(), batch.state) == ([], events, Import.State.UNDONE)


def test_an_undo_of_everything_leaves_nothing(tmp_path: Path) -> None:
    undo(imported(write(tmp_path, *LINES)))
    assert not any(book().values())
    assert not Store.objects.exists()
    assert not ImportChange.objects.exists()


def test_an_undo_keeps_what_was_touched_since_and_says_so(tmp_path: Path, owner: Staff) -> None:
    batch = imported(write(tmp_path, *LINES))
    Order.objects.filter(number="536366").update(import_id=None, city="Leeds")
    noted = Customer.objects.get(profiles__key="13047")
    noted.annotate_with("prefers birds", by=owner)
    outcome = undo(batch)
    assert list(Order.objects.values_list("number", flat=True)) == ["536366"]
    assert {row["kind"] for row in outcome["kept"]} == {"order", "customer"}
    assert noted.notes.count() == 1


def test_an_undo_of_an_undone_import_refuses(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, *LINES))
    undo(batch)
    with pytest.raises(NotUndoable):
        undo(batch)


def test_a_finished_import_has_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(NotResumable):
        run(imported(write(tmp_path, *LINES)))


def test_a_dry_run_writes_nothing_and_tells_what_would_come(tmp_path: Path) -> None:
    imported(write(tmp_path, *LINES[:3], name="before.csv"))
    before = book()
    batch = begin([write(tmp_path, *LINES, LINES[2].replace("22633", "99999"), name="after.csv")], preset=RETAIL)
    dry_run(batch)
    assert book() == before
    assert (batch.counts["orders_new"], batch.counts["orders_changed"], batch.counts["orders_same"]) == (3, 1, 1)
    assert (batch.counts["customers_new"], batch.counts["customers_known"], batch.counts["guests"]) == (1, 1, 2)
    changed = batch.report["shown"]["changed"][0]
    assert changed["number"] == "536366"
    assert {"field": "lines", "now": 1, "after": 2} in changed["changes"]
    run(batch)
    assert batch.counts["orders_new"] == 3


def test_a_dry_run_in_an_empty_book_does_not_even_open_the_store(tmp_path: Path) -> None:
    batch = begin([write(tmp_path, *LINES)], preset=RETAIL)
    dry_run(batch)
    assert batch.counts["orders_new"] == 5
    assert not Store.objects.exists()


def test_stopping_and_resuming_equals_an_uninterrupted_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.core.jobs.run import Stopped
    from guanxi.ingest import fresh

    monkeypatch.setattr(fresh, "CHUNK_DOCUMENTS", 1)
    file = write(tmp_path, *LINES)
    imported(file)
    whole = book()
    undo(Import.objects.get())
    batch = begin([file], preset=RETAIL)
    steps = 0

    def impatient(_batch: Import) -> None:
        nonlocal steps
        steps += 1
        if steps % 2 == 0:
            raise Stopped("enough")

    for _ in range(20):
        try:
            run(batch, progress=impatient)
            break
        except Stopped:
            assert Import.objects.get(pk=batch.pk).state == Import.State.STOPPED
            batch = Import.objects.get(pk=batch.pk)
    assert steps > 4
    assert book() == whole
    assert batch.counts["orders_new"] == 5


def test_a_told_refund_grows_with_the_next_export(tmp_path: Path) -> None:
    header = "订单编号,总金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额"
    row = "1,178.8,上海,2020-02-21 00:00:00,2020-02-21 00:00:02,{}"
    imported(write(tmp_path, row.format("0.0"), header=header, name="a.csv"), preset="tmall-report")
    imported(write(tmp_path, row.format("100"), header=header, name="b.csv"), preset="tmall-report")
    imported(write(tmp_path, row.format("178.8"), header=header, name="c.csv"), preset="tmall-report")
    order = Order.objects.get()
    assert (order.refunded_minor, order.net_minor, order.payment_state) == (17880, 0, "refunded")
    assert Refund.objects.get().amount_minor == 17880


def test_an_older_export_takes_nothing_back(tmp_path: Path) -> None:
    header = "订单编号,买家会员名,总金额,订单状态,订单创建时间,订单付款时间"
    new = "1,li,88,交易成功,2024-11-11 00:00:01,2024-11-11 00:00:02"
    old = "1,li,88,等待买家付款,2024-11-11 00:00:01,"
    imported(write(tmp_path, new, header=header, name="new.csv"), preset="taobao-orders")
    before = book()
    imported(write(tmp_path, old, header=header, name="old.csv"), preset="taobao-orders")
    assert book() == before
    assert Order.objects.get().platform_state == "交易成功"


def test_an_order_that_comes_to_be_paid_gets_its_payment(tmp_path: Path) -> None:
    header = "订单编号,买家会员名,总金额,订单状态,订单创建时间,订单付款时间"
    imported(
        write(tmp_path, "1,li,88,等待买家付款,2024-11-11 00:00:01,", header=header, name="a.csv"),
        preset="taobao-orders",
    )
    paid = '1,li,88,"买家已付款,等待卖家发货",2024-11-11 00:00:01,2024-11-11 00:00:02'
    imported(write(tmp_path, paid, header=header, name="b.csv"), preset="taobao-orders")
    order = Order.objects.get()
    assert (order.is_paid, order.payment_state, order.net_minor) == (True, "paid", 8800)
    assert [payment.amount_minor for payment in order.payments.all()] == [8800]
    assert sorted(Event.objects.values_list("name", flat=True)) == ["Order Completed", "Order Placed"]


@pytest.mark.parametrize(("paid_at", "payment", "refunds"), [("2024-11-11 00:00:02", "refunded", 1), ("", "unpaid", 0)])
def test_closed_is_a_refund_after_payment_and_a_cancellation_before(
    tmp_path: Path, paid_at: str, payment: str, refunds: int
) -> None:
    header = "订单编号,买家会员名,总金额,订单状态,订单创建时间,订单付款时间"
    imported(write(tmp_path, f"1,li,88,交易关闭,2024-11-11 00:00:01,{paid_at}", header=header), preset="taobao-orders")
    order = Order.objects.get()
    assert (order.order_state, order.payment_state, order.net_minor, Refund.objects.count()) == (
        "cancelled",
        payment,
        0,
        refunds,
    )


def test_taobao_orders_and_items_come_together(tmp_path: Path) -> None:
    header = "订单编号,买家会员名,总金额,买家应付邮费,订单状态,订单创建时间,订单付款时间 ,收货人姓名,联系手机,收货地址 "
    row = (
        '="1234567890123",林**,88.00,8.00,交易成功,2024-11-11 00:00:01,2024-11-11 00:00:02,'
        "林**,'138****1234,浙江省杭州市"
    )
    orders = write(tmp_path, row, header=header, name="orders.csv", encoding="gb18030")
    items = write(
        tmp_path, '="1234567890123",寿眉饼 357g,40.00,2,SM357', '="999",盖碗,40.00,1,GW',
        header="订单编号,标题,价格,购买数量,商家编码", name="items.csv", encoding="gb18030",
    )  # fmt: skip
    batch = imported(orders, items, preset="taobao-orders")
    order = Order.objects.get()
    assert (order.number, order.goods_minor, order.shipping_minor, order.total_minor) == (
        "1234567890123",
        8000,
        800,
        8800,
    )
    assert order.lines.get().product_name == "寿眉饼 357g"
    assert order.recipient is not None
    assert "林" not in str(order.recipient)
    assert batch.counts["rejected"] == 1
    assert batch.report["rejects"][0]["code"] == "stray"


def test_a_shared_phone_makes_one_person_of_two_stores_buyers(tmp_path: Path) -> None:
    text = MAPPING.replace("[store]", 'phone = "tel"\n[store]')
    header = "no,day,sum,who,tel"
    for store, tel in (("a", "138 1234 5678"), ("b", "+86 13812345678"), ("c", "138****5678")):
        file = write(tmp_path, f"1,2024-11-11,88,li,{tel}", header=header)
        imported(file, preset="generic", mapping=mapped(tmp_path, text), store=store)
    assert Customer.objects.count() == 2
    assert MergeLog.objects.get().rule == "same phone"
    assert Store.objects.count() == 3


def test_a_mini_program_s_buyers_are_known_by_their_openid_and_can_be_written_to_there(tmp_path: Path) -> None:
    text = MAPPING.replace("[store]", '[rules]\ncustomer_kind = "openid"\nnamespace = "wechat"\n[store]')
    file = write(tmp_path, "1,2024-11-11,88,oX7chenAbCdEfGh01", header="no,day,sum,who")
    imported(file, preset="generic", mapping=mapped(tmp_path, text))
    chen = Customer.objects.get()
    known = Identifier.objects.get()
    assert (known.kind, known.value, known.scope) == ("openid", "oX7chenAbCdEfGh01", "tea")
    assert face_of(chen).number == "…Gh01"
    chen.opt_in(Channel.WECHAT, source="wechat")
    assert chen.consents.with_address().count() == 1


def test_a_customer_is_one_since_the_first_order_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BATCH_ROWS", 1)
    monkeypatch.setattr(staging, "BUCKET_ROWS", 2)
    days = [f"{nth},A,THING,1,2010-12-{day:02} 08:26:00,1.00,17850,UK" for nth, day in enumerate((20, 9, 3, 28, 14), 1)]
    imported(write(tmp_path, *days))
    assert Customer.objects.get().created_at.isoformat() == "2010-12-03T08:26:00+00:00"
    assert Order.objects.count() == 5


def test_a_document_is_whole_however_far_apart_its_rows_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BATCH_ROWS", 1)
    monkeypatch.setattr(staging, "BUCKET_ROWS", 2)
    rows = [
        f"{number},THING,A,1,2010-12-0{day} 08:26:00,1.00,17850,UK" for day, number in enumerate((7, 8, 9, 7, 8), 1)
    ]
    batch = imported(write(tmp_path, *rows))
    assert {order.number: order.lines.count() for order in Order.objects.all()} == {"7": 2, "8": 2, "9": 1}
    assert (batch.counts["orders"], batch.counts["lines"]) == (3, 5)


def test_what_a_report_quotes_is_sealed_in_the_book(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, LINES[0].replace("536365", "").replace("WHITE HEART", "CANARY")))
    batch.refresh_from_db()
    assert "CANARY" in str(batch.report)
    assert b"CANARY" not in bytes(batch.sealed_report or b"")
