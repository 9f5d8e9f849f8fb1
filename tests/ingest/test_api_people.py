"""Customers that a source sends under its own numbers."""

import pytest
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers import by_hand
from guanxi.customers.models import Customer
from guanxi.ingest.models import Import
from guanxi.ingest.undo import undo
from guanxi.orders.models import Store
from tests.api import Program, keyed, problem

pytestmark = pytest.mark.django_db
KIM = {"number": "m-7", "name": "Kim", "email": "kim@example.com", "city": "Busan"}


@pytest.fixture
def program(owner: Staff, tea_house: Store) -> Program:
    return keyed(owner)


def send(program: Program, *people: dict[str, object]) -> list[tuple[str, str]]:
    answer = program.call("PUT", "/customers", {"store": "tea", "customers": list(people)})
    assert answer.status_code == 200, answer.content
    return [(each["id"], each["outcome"]) for each in answer.json()["data"]]


def test_a_customer_is_added_once_and_brought_up_to_date(program: Program) -> None:
    [(key, outcome)] = send(program, KIM)
    kim = Customer.objects.get()
    assert (key, outcome) == (kim.public_id, "added")
    assert send(program, KIM) == [(key, "same")]
    assert send(program, {**KIM, "city": "Seoul", "gender": "female"}, {"number": "m-8"})[0] == (key, "changed")
    kim.refresh_from_db()
    assert (kim.city, kim.gender, kim.first_source) == ("Seoul", "female", "own")
    assert Customer.objects.count() == 2
    assert AuditEntry.objects.filter(act="import.received").count() == 2


def test_who_has_the_same_phone_is_the_same_customer_and_what_staff_wrote_stays(
    program: Program, loyal: Customer, owner: Staff
) -> None:
    by_hand.correct(loyal, by_hand.Told(name="林晓", city="杭州"), by=owner)
    Customer.objects.filter(pk=loyal.pk).update(import_id=None)
    lin = {"number": "m-9", "phone": "18300002807", "city": "上海", "birthday": "1990-05-01"}
    assert send(program, lin) == [(loyal.public_id, "joined")]
    assert send(program, lin) == [(loyal.public_id, "same")]
    loyal.refresh_from_db()
    assert (loyal.city, str(loyal.birthday)) == ("杭州", "1990-05-01"), "who joins tells what nobody told"
    assert send(program, {**lin, "birthday": "1991-06-02"}) == [(loyal.public_id, "changed")]
    loyal.refresh_from_db()
    assert (loyal.city, str(loyal.birthday)) == ("杭州", "1991-06-02")
    undo(Import.objects.get())
    loyal.refresh_from_db()
    assert (loyal.city, loyal.birthday) == ("杭州", None)


def test_what_was_sent_can_be_undone(program: Program) -> None:
    send(program, KIM)
    undo(Import.objects.get())
    assert not Customer.objects.exists()


def test_customers_that_cannot_be_taken_are_refused_together(program: Program) -> None:
    later = (timezone.localdate()).isoformat() + "T"
    for wrong in (
        {"number": ""}, {"number": 7}, {"number": "m\n7"}, {"name": "x" * 201}, {"birthday": later}, {"vip": 1},
        {"phone": "1" * 41}, {"gender": "F"},
    ):  # fmt: skip
        body = {"store": "tea", "customers": [{"number": "m-1"}, {**KIM, **wrong}]}
        problem(program.call("PUT", "/customers", body), 422)
    for body in ({"store": "tee", "customers": [KIM]}, {"store": "tea", "customers": [KIM, KIM]}, {"store": "tea"}):
        problem(program.call("PUT", "/customers", body), 422)
    assert not Customer.objects.exists()
    assert not Import.objects.exists()
