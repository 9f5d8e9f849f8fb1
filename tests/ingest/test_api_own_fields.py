"""The shop's own fields of what programs send: checked as a whole, written once, taken back."""

from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, CustomerValue
from guanxi.customers.own import SHELF as OF_CUSTOMERS
from guanxi.ingest.models import Import
from guanxi.ingest.undo import undo
from guanxi.orders.models import Order, OrderValue, Store
from guanxi.orders.own import SHELF as OF_ORDERS
from guanxi.shop.models import CustomField, Kind
from tests.api import Program, keyed, problem
from tests.ingest.test_api_orders import ORDER
from tests.ingest.test_api_people import KIM
from tests.shop.conftest import Declare, declare

__all__ = ["declare"]
pytestmark = pytest.mark.django_db
SAID = {"wrap": ["floral", "sweet"], "cups": 3, "letter": "For Ada"}


@pytest.fixture(autouse=True)
def of_orders(declare: Declare) -> dict[str, CustomField]:
    return _fields(declare, "order")


@pytest.fixture(autouse=True)
def of_customers(declare: Declare) -> dict[str, CustomField]:
    return _fields(declare, "customer")


def _fields(declare: Declare, subject: str) -> dict[str, CustomField]:
    return {
        "wrap": declare("wrap", Kind.CHOICES, subject),
        "cups": declare("cups", Kind.WHOLE, subject, most=20),
        "letter": declare("letter", Kind.TEXT, subject, is_personal=True),
    }


@pytest.fixture
def program(owner: Staff, tea_house: Store) -> Program:
    return keyed(owner)


def ordered(**fields: Any) -> dict[str, Any]:
    return {**ORDER, "fields": fields}


def orders(*many: dict[str, Any]) -> dict[str, Any]:
    return {"store": "tea", "orders": list(many)}


def people(*many: dict[str, Any]) -> dict[str, Any]:
    return {"store": "tea", "customers": list(many)}


def outcomes(program: Program, *many: dict[str, Any]) -> list[str]:
    return [each["outcome"] for each in program.post("/orders", orders(*many))["data"]]


def put(program: Program, *many: dict[str, Any]) -> list[str]:
    answer = program.call("PUT", "/customers", people(*many))
    assert answer.status_code == 200, answer.content
    return [each["outcome"] for each in answer.json()["data"]]


def test_an_order_is_sent_with_its_own_fields_and_again_without_anything_new(program: Program) -> None:
    assert outcomes(program, ordered(**SAID)) == ["added"]
    told = program.get(f"/orders/{Order.objects.get().public_id}")["fields"]
    assert told == {"wrap": ["floral", "sweet"], "cups": 3, "letter": "F***"}
    assert outcomes(program, ordered(**SAID)) == ["same"]
    assert outcomes(program, ordered(cups=4), {**ORDER, "number": "A-2"}) == ["changed", "added"]
    assert outcomes(program, ORDER) == ["same"]
    assert Import.objects.get().counts["orders_changed"] == 1
    assert OrderValue.objects.count() == 4


def test_null_empties_what_a_program_wrote_and_what_staff_wrote_stays(
    program: Program, of_orders: dict[str, CustomField], owner: Staff
) -> None:
    outcomes(program, ordered(**SAID))
    order = Order.objects.get()
    OF_ORDERS.write(order, of_orders["wrap"], ["roasted"], by=owner)
    assert outcomes(program, ordered(cups=None, wrap=None)) == ["changed"]
    assert (OF_ORDERS.text(order, of_orders["cups"]), OF_ORDERS.text(order, of_orders["wrap"])) == ([], ["roasted"])
    assert outcomes(program, ordered(cups=None, wrap=None)) == ["same"]


def test_what_was_sent_of_orders_is_taken_back_with_their_import(program: Program) -> None:
    outcomes(program, ordered(**SAID))
    outcomes(program, ordered(cups=None))
    outcomes(program, ordered(cups=5, letter="For Lin"))
    undo(Import.objects.get())
    assert (Order.objects.count(), OrderValue.objects.count()) == (0, 0)


def test_one_wrong_field_of_one_order_keeps_all_out_and_is_told_by_its_place(program: Program) -> None:
    wrong = {**ordered(cups=99, wrap="floral", letter=7, nobody=1), "number": "A-2"}
    told = problem(program.call("POST", "/orders", orders(ordered(**SAID), wrong)), 422)["fields"]
    assert set(told) == {f"orders.1.fields.{name}" for name in ("cups", "wrap", "letter", "nobody")}
    assert (Order.objects.exists(), Import.objects.exists()) == (False, False)


def test_the_same_request_under_one_word_is_done_once(program: Program) -> None:
    first = program.call("POST", "/orders", orders(ordered(**SAID)), once="a-1")
    again = program.call("POST", "/orders", orders(ordered(**SAID)), once="a-1")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    problem(program.call("POST", "/orders", orders(ordered(cups=4)), once="a-1"), 422)
    assert OrderValue.objects.count() == 4


def test_own_fields_of_orders_need_the_scope_and_the_right_to_fill_them_in(owner: Staff, tea_house: Store) -> None:
    sends = keyed(owner, "orders:write")
    assert "fields:write" in problem(sends.call("POST", "/orders", orders(ordered(cups=3))), 403)["detail"]
    assert not Order.objects.exists()
    assert outcomes(sends, ORDER) == ["added"]
    assert outcomes(keyed(owner, "orders:write", "fields:write"), ordered(cups=3)) == ["changed"]


def test_a_customer_is_sent_with_own_fields_and_again_without_anything_new(
    program: Program, of_customers: dict[str, CustomField]
) -> None:
    assert put(program, {**KIM, "fields": SAID}) == ["added"]
    assert put(program, {**KIM, "fields": SAID}) == ["same"]
    assert put(program, {**KIM, "fields": {"cups": 4}}, {"number": "m-8", "fields": {"cups": 1}}) == [
        "changed", "added",
    ]  # fmt: skip
    kim = Customer.objects.get(name="Kim")
    assert [OF_CUSTOMERS.text(kim, each) for each in of_customers.values()] == [["floral", "sweet"], ["4"], ["For Ada"]]
    assert put(program, {**KIM, "fields": {"cups": None}}) == ["changed"]
    assert OF_CUSTOMERS.text(kim, of_customers["cups"]) == []
    undo(Import.objects.get())
    assert (Customer.objects.count(), CustomerValue.objects.count()) == (0, 0)


def test_two_numbers_of_one_customer_each_say_their_part(
    program: Program, of_customers: dict[str, CustomField]
) -> None:
    put(program, {**KIM, "fields": {"cups": 3}}, {**KIM, "number": "m-9", "fields": {"wrap": ["sweet"]}})
    kim = Customer.objects.get()
    assert [OF_CUSTOMERS.text(kim, of_customers[name]) for name in ("cups", "wrap")] == [["3"], ["sweet"]]


def test_one_wrong_field_of_one_customer_keeps_all_out(program: Program) -> None:
    body = people({**KIM, "fields": SAID}, {"number": "m-8", "fields": {"cups": "3"}})
    told = problem(program.call("PUT", "/customers", body), 422)["fields"]
    assert set(told) == {"customers.1.fields.cups"}
    assert (Customer.objects.exists(), Import.objects.exists()) == (False, False)
