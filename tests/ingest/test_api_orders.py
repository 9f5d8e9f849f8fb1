"""Orders that programs send: added, brought up to date, refused, undone."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Customer
from guanxi.ingest import arriving
from guanxi.ingest.models import TURN, Import
from guanxi.ingest.undo import undo
from guanxi.orders.models import Order, OrderLine, Payment, Refund, Store
from tests.api import Program, keyed, problem

pytestmark = pytest.mark.django_db
LINE = {"sku": "BC-357", "product_name": "寿眉饼", "quantity": "2", "unit_price": "134.0000"}
ORDER = {
    "number": "A-1", "placed_at": "2024-11-11T00:30:00+08:00", "customer_number": "lin-7", "customer_name": "林晓",
    "phone": "18300002807", "city": "杭州", "lines": [LINE],
}  # fmt: skip


@pytest.fixture
def program(owner: Staff, tea_house: Store) -> Program:
    return keyed(owner)


def send(program: Program, *orders: dict[str, Any], **options: Any) -> Any:
    return program.post("/orders", {"store": "tea", "orders": list(orders)}, **options)


def test_an_order_is_added_with_its_customer_lines_and_amounts(program: Program) -> None:
    told = send(program, ORDER)
    assert (told["added"], told["changed"], told["data"][0]["outcome"]) == (1, 0, "added")
    order = Order.objects.get()
    assert told["data"][0] == {"id": order.public_id, "number": "A-1", "outcome": "added"}
    assert (order.placed_at, order.placed_on) == (
        dt.datetime(2024, 11, 10, 16, 30, tzinfo=dt.UTC),
        dt.date(2024, 11, 11),
    )
    assert (order.goods_minor, order.total_minor, order.payment_state, order.net_minor) == (26_800, 26_800, "unpaid", 0)
    assert order.customer is not None
    assert order.customer.name == "林晓"
    line = OrderLine.objects.get()
    assert (line.sku, line.product_name, str(line.quantity), line.variant is not None) == (
        "BC-357", "寿眉饼", "2.0000", True,
    )  # fmt: skip
    whole = program.get(f"/orders/{order.public_id}")
    assert (whole["number"], whole["lines"][0]["unit_price"]) == ("A-1", "134.0000")
    found = program.post("/customers/lookup", {"kind": "phone", "value": "18300002807"})["data"]
    assert [each["id"] for each in found] == [order.customer.public_id]


def test_the_same_order_again_changes_nothing_and_one_that_says_more_is_brought_up_to_date(program: Program) -> None:
    send(program, ORDER)
    assert [each["outcome"] for each in send(program, ORDER)["data"]] == ["same"]
    paid = {**ORDER, "paid_at": "2024-11-11T00:31:00+08:00", "shipped_at": "2024-11-12T10:00:00+08:00"}
    assert [each["outcome"] for each in send(program, paid, {**ORDER, "number": "A-2"})["data"]] == ["changed", "added"]
    order = Order.objects.get(number="A-1")
    assert (order.payment_state, order.fulfilment_state, order.net_minor) == ("paid", "shipped", 26_800)
    assert Payment.objects.get().amount_minor == 26_800
    refunded = {**paid, "refund_minor": 6_800, "refunded_at": "2024-11-20T10:00:00+08:00", "reason": "broken"}
    assert send(program, refunded)["changed"] == 1
    order.refresh_from_db()
    assert (order.payment_state, order.net_minor, Refund.objects.get().amount_minor) == ("part_refunded", 20_000, 6_800)
    assert send(program, refunded)["changed"] == 0
    assert (Order.objects.count(), Customer.objects.count(), OrderLine.objects.count()) == (2, 1, 2)
    acts = list(AuditEntry.objects.filter(act="import.received").order_by("pk"))
    assert [each.told["changes"] for each in acts] == [
        {"added": [None, ["A-1"]]},
        {"added": [None, ["A-2"]], "changed": [None, ["A-1"]]},
        {"changed": [None, ["A-1"]]},
    ]


def test_a_guest_is_an_order_without_a_customer_and_payments_are_kept_by_method(program: Program) -> None:
    guest = {name: value for name, value in ORDER.items() if name not in {"customer_number", "customer_name", "phone"}}
    payments = [{"method": "alipay", "amount_minor": 20_000}, {"method": "points", "amount_minor": 6_800}]
    send(program, {**guest, "paid_at": "2024-11-11T00:31:00+08:00", "payments": payments})
    assert Order.objects.get().customer is None
    assert list(Payment.objects.values_list("method", "amount_minor")) == [("alipay", 20_000), ("points", 6_800)]


def test_what_is_sent_on_a_day_is_one_import_and_can_be_undone(
    program: Program, owner: Staff, owners_browser: Client
) -> None:
    send(program, ORDER)
    send(program, {**ORDER, "number": "A-2"})
    batch = Import.objects.get()
    assert (batch.state, batch.by, batch.counts["orders_new"]) == ("done", owner, 2)
    assert owners_browser.get(reverse("import", args=[batch.pk])).status_code == 200
    undo(batch)
    assert not Order.objects.exists()
    send(program, ORDER)
    assert Import.objects.count() == 2


def test_a_program_that_sends_the_same_request_again_gets_the_same_answer(program: Program) -> None:
    told = send(program, ORDER, once="sync-1")
    assert send(program, ORDER, once="sync-1") == told
    assert Order.objects.count() == 1


def test_while_an_import_writes_to_the_store_orders_are_sent_later(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.ingest.api_orders.WAIT", dt.timedelta(0))
    monkeypatch.setattr("guanxi.core.jobs.lease.me", iter(["other:1:1", "me:2:2", "me:2:2"]).__next__)
    with lease(f"{TURN} tea"):
        problem(program.call("POST", "/orders", {"store": "tea", "orders": [ORDER]}), 409)
    assert not Order.objects.exists()


@pytest.mark.parametrize("wrong", [
    {"number": ""}, {"number": "x" * 65}, {"number": "a\x00b"}, {"number": "a\ud800b"}, {"placed_at": "2024-11-11"},
    {"placed_at": "2024-11-11T00:00:00"}, {"placed_at": 1_700_000_000}, {"placed_at": "0001-01-01T00:00:00Z"},
    {"placed_at": "9999-12-31T23:59:59-08:00"}, {"currency": "XYZ"}, {"total_minor": -1}, {"total_minor": 1.5},
    {"total_minor": 10**30}, {"status": "paid"}, {"lines": []}, {"lines": [{**LINE, "quantity": 2}]},
    {"lines": [{**LINE, "quantity": "1e5"}]}, {"lines": [{**LINE, "unit_price": "NaN"}]}, {"lines": [LINE] * 201},
    {"lines": [{**LINE, "colour": "red"}]}, {"payments": [{"amount_minor": "5"}]}, {"vip": True},
])  # fmt: skip
def test_an_order_that_cannot_be_taken_is_refused_with_a_sentence_and_nothing_is_written(
    program: Program, wrong: dict[str, Any]
) -> None:
    answer = program.call("POST", "/orders", {"store": "tea", "orders": [ORDER, {**ORDER, "number": "B", **wrong}]})
    assert all(problem(answer, 422)["fields"].values())
    assert not Order.objects.exists()
    assert not Import.objects.exists()


def test_a_store_nobody_knows_and_a_number_sent_twice_are_refused(program: Program) -> None:
    told = problem(program.call("POST", "/orders", {"store": "tee", "orders": [ORDER]}), 422)
    assert "store" in told["fields"]
    told = problem(program.call("POST", "/orders", {"store": "tea", "orders": [ORDER, ORDER]}), 422)
    assert "orders" in told["fields"]


def test_largest_amounts_are_kept_exactly(program: Program, tea_house: Store) -> None:
    line = {"sku": "X", "quantity": "1000000", "unit_price": "1"}
    problem(program.call("POST", "/orders", {"store": "tea", "orders": [{**ORDER, "lines": [line]}]}), 422)
    line = {"sku": "X", "quantity": "999999.9999", "unit_price": "9999999.9999"}
    send(program, {**ORDER, "lines": [line] * 200, "currency": "KWD"})
    assert Order.objects.get().goods_minor == 200 * 9_999_999_998_900_000


def test_a_fault_in_the_midst_takes_everything_back(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving.Purchases.objects.__class__, "settle", lambda *_args, **_more: 1 / 0)
    problem(program.call("POST", "/orders", {"store": "tea", "orders": [ORDER]}, once="k"), 500)
    assert not Order.objects.exists()
    assert not Customer.objects.exists()
    assert not Import.objects.exists()
