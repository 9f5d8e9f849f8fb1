"""The shop's own fields as programs read, write and ask for them: typed, refused with sentences, hidden by role."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import AuditEntry, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.accounts.scopes import SCOPES
from guanxi.customers.models import Customer, CustomerValue
from guanxi.customers.own import SHELF
from guanxi.orders.models import Order, OrderValue
from guanxi.shop.models import CustomField, Kind
from tests.api import Program, keyed, problem
from tests.cast import hired

pytestmark = pytest.mark.django_db
Declare = Callable[..., CustomField]
FULL: dict[str, Any] = {
    "nick": "茶友", "story": "两\n行", "cups": 3, "weight": "12.5", "met": "2024-11-11", "vip": True,
    "favourite": "floral", "taste": ["floral", "sweet"], "page": "https://example.com/a", "passport": "E12345678",
}  # fmt: skip
PASSPORT = "E12345678"
WRONG: dict[str, tuple[Any, ...]] = {
    "nick": (5, True, [], {}, "x" * 201, "two\nlines", "a\x00b", "a\ud800b"),
    "story": (5, "x" * 4001, "a\x1bb"),
    "cups": ("3", 3.5, True, 10**40, [3], 99),
    "weight": (12.5, 12, "12.55555", "heavy", True),
    "met": (20241111, "soon", "2024-02-30", True),
    "vip": ("yes", 1, 0, "true", []),
    "favourite": ("salty", 1, ["floral"]),
    "taste": ("floral", [1], ["salty"], {"a": 1}, [["floral"]]),
    "page": ("javascript:alert(1)", "example.com", 7),
    "passport": (5, ["E1"], "x" * 201),
}


@pytest.fixture
def fields(declare: Declare) -> dict[str, CustomField]:
    kinds = {
        "nick": Kind.TEXT, "story": Kind.LONG, "cups": Kind.WHOLE, "weight": Kind.DECIMAL, "met": Kind.DATE,
        "vip": Kind.YES_NO, "favourite": Kind.CHOICE, "taste": Kind.CHOICES, "page": Kind.LINK,
    }  # fmt: skip
    made = {name: declare(name, kind, **({"most": 20} if name == "cups" else {})) for name, kind in kinds.items()}
    return {**made, "passport": declare("passport", Kind.TEXT, is_personal=True)}


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, per_minute=60_000)


def test_values_are_written_typed_and_read_back_the_same(
    fields: dict[str, CustomField], program: Program, lapsed: Customer
) -> None:
    told = program.call("PATCH", f"/customers/{lapsed.public_id}", {"fields": FULL}).json()
    assert told["fields"] == {**FULL, "passport": "E***"}
    assert program.get(f"/customers/{lapsed.public_id}")["fields"] == told["fields"]
    assert program.get("/customers")["data"][0]["fields"] == told["fields"]
    program.call("PATCH", f"/customers/{lapsed.public_id}", {"fields": {"cups": None, "taste": [], "vip": False}})
    now = program.get(f"/customers/{lapsed.public_id}")["fields"]
    assert now == {**told["fields"], "cups": None, "taste": None, "vip": False}


def test_a_new_customer_brings_values_along_alone_and_among_many(
    fields: dict[str, CustomField], program: Program, owner: Staff
) -> None:
    program.post("/customers", {"name": "Kim", "fields": FULL})
    assert SHELF.text(Customer.objects.get(), fields["passport"]) == [PASSPORT]
    people = [{"name": "Ada", "fields": {"cups": 2}}, {"name": "Eve", "fields": {"cups": "2"}}, {"name": "Joe"}]
    told = program.post("/customers/batch", {"customers": people})
    assert [each["fields"] and list(each["fields"]) for each in told["data"]] == [None, ["fields.cups"], None]
    ada = Customer.objects.get(name="Ada")
    assert program.get(f"/customers/{ada.public_id}")["fields"]["cups"] == 2
    entry = AuditEntry.objects.get(act="customer.field_written", subject=f"customer:{ada.pk}")
    assert (entry.by_id, entry.told["changes"]) == (owner.pk, {"own.cups": [None, "2"]})
    assert all(each.profile_id for each in CustomerValue.objects.all())


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_field_and_changes_nothing(
    name: str, fields: dict[str, CustomField], program: Program, lapsed: Customer
) -> None:
    for value in WRONG[name]:
        for method, path in (("PATCH", f"/customers/{lapsed.public_id}"), ("POST", "/customers")):
            body = {"name": "Kim", "city": "Leeds", "fields": {name: value}}
            told = problem(program.call(method, path, body), 422)
            assert list(told["fields"]) == [f"fields.{name}"], (value, told)
            assert len(told["fields"][f"fields.{name}"]) > 10
    lapsed.refresh_from_db()
    assert (lapsed.city, CustomerValue.objects.count(), Customer.objects.count()) == ("", 0, 1)


def test_unknown_retired_and_hidden_fields_are_refused_alike(
    fields: dict[str, CustomField], lapsed: Customer, owner: Staff
) -> None:
    maker = hired("maker", "Max", Role.AGENT)
    RoleRules.change(Role.AGENT, {"personal.fields.see": False, "personal.fields.reveal": False}, by=owner)
    program, path = keyed(maker, *SCOPES), f"/customers/{lapsed.public_id}"
    fields["nick"].retire(by=owner)
    SHELF.write(lapsed, fields["passport"], [PASSPORT], by=owner)
    said = [
        problem(program.call("PATCH", path, {"fields": {name: value}}), 422)["fields"]
        for name, value in (("nick", "x"), ("passport", "x"), ("no_such", "x"), ("passport", 5))
    ]
    assert len({next(iter(each.values())) for each in said}) == 1, "nobody learns that there is one"
    told = program.get(path)
    assert "passport" not in told["fields"]
    assert PASSPORT[:1] + "***" not in json.dumps(told)
    assert "passport" not in {each["name"] for each in program.get("/fields")["data"]}


def test_what_is_personal_is_masked_or_seen_in_the_clear_and_logged(
    fields: dict[str, CustomField], program: Program, lapsed: Customer, owner: Staff
) -> None:
    SHELF.write(lapsed, fields["passport"], [PASSPORT], by=owner)
    assert program.get(f"/customers/{lapsed.public_id}")["fields"]["passport"] == "E***"
    assert not AuditEntry.objects.accesses().exists()
    clear = keyed(owner, "customers:read", "personal:read")
    assert clear.get(f"/customers/{lapsed.public_id}")["fields"]["passport"] == PASSPORT
    entry = AuditEntry.objects.accesses().get()
    assert "own.passport" in entry.told["changes"]["fields"][1]
    assert PASSPORT not in json.dumps(entry.told)
    for wrong in (PASSPORT + "x" * 200, [PASSPORT]):
        said = program.call("PATCH", f"/customers/{lapsed.public_id}", {"fields": {"passport": wrong}})
        assert PASSPORT[:4] not in said.content.decode(), "what is personal is not repeated"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_what_is_personal_narrows_no_list_whichever_role_asks(
    role: Role, fields: dict[str, CustomField], lapsed: Customer, owner: Staff
) -> None:
    SHELF.write(lapsed, fields["passport"], [PASSPORT], by=owner)
    program = keyed(hired("maker", "Max", role), *SCOPES)
    said = problem(program.call("GET", f"/customers?field=passport:{PASSPORT}"), 422)
    assert said["fields"] == problem(program.call("GET", "/customers?field=no_such:x"), 422)["fields"]


def test_a_list_is_narrowed_by_what_they_say(
    fields: dict[str, CustomField], program: Program, loyal: Customer, lapsed: Customer
) -> None:
    program.call("PATCH", f"/customers/{lapsed.public_id}", {"fields": FULL})
    program.call("PATCH", f"/customers/{loyal.public_id}", {"fields": {**FULL, "cups": 9, "vip": False, "nick": "x"}})
    for asked, people in {
        "cups:3": [lapsed], "cups:..5": [lapsed], "cups:2..9": [loyal, lapsed], "weight:12..13": [loyal, lapsed],
        "met:2024-11-11": [loyal, lapsed], "met:2024-11-12..": [], "vip:no": [loyal], "taste:sweet": [loyal, lapsed],
        "taste:roasted": [], "nick:茶友": [lapsed], "favourite:floral": [loyal, lapsed],
    }.items():  # fmt: skip
        found = program.get(f"/customers?field={asked}")["data"]
        assert {each["id"] for each in found} == {each.public_id for each in people}, asked
    assert len(program.get("/customers?field=cups:3&field=vip:yes&field=taste:sweet")["data"]) == 1
    assert program.get("/customers?field=cups:3&field=vip:no")["data"] == []
    for wrong in ("story:两", "cups:", "vip:perhaps", "taste:salty", ":", "cups"):
        assert "field" in problem(program.call("GET", f"/customers?field={wrong}"), 422)["fields"]
    problem(program.call("GET", "/customers?" + "&".join(["field=cups:3"] * 9)), 422)


def test_an_order_is_filled_in_by_whose_role_may(
    declare: Declare, loyal: Customer, owner: Staff, program: Program
) -> None:
    declare("gift_wrap", Kind.YES_NO, "order")
    declare("card", Kind.TEXT, "order", is_personal=True)
    order = Order.objects.newest_first()[0]
    path, sent = f"/orders/{order.public_id}", {"fields": {"gift_wrap": True, "card": "致小满"}}
    told = program.call("PATCH", path, sent, once="k").json()
    assert told == {"id": order.public_id, "fields": {"gift_wrap": True, "card": "致***"}}
    assert program.call("PATCH", path, sent, once="k").json() == told
    assert program.get(path)["fields"] == told["fields"] == program.get("/orders?limit=1")["data"][0]["fields"]
    assert OrderValue.objects.count() == 2
    clear = keyed(owner, *SCOPES)
    assert clear.get("/orders?limit=1")["data"][0]["fields"]["card"] == "致***", "a list stays masked"
    assert not AuditEntry.objects.accesses().exists()
    assert clear.get(path)["fields"]["card"] == "致小满"
    assert AuditEntry.objects.accesses().get().told["changes"] == {"fields": [None, ["own.card"]]}
    assert [each["id"] for each in program.get("/orders?field=gift_wrap:yes")["data"]] == [order.public_id]
    problem(keyed(hired("marketer", "Mia", Role.MARKETER), *SCOPES).call("PATCH", path, sent), 403)
    for wrong in ({"fields": {"gift_wrap": "yes"}}, {"fields": {"cups": 3}}, {"number": "x"}, []):
        problem(program.call("PATCH", path, wrong), 422)


def test_fields_are_told_with_what_they_take(fields: dict[str, CustomField], program: Program) -> None:
    told = {each["name"]: each for each in program.get("/fields")["data"]}
    assert told["cups"] == {
        "name": "cups", "of": "customer", "kind": "whole", "label": "Cups", "help": "", "is_needed": False,
        "is_personal": False, "least": None, "most": "20", "choices": [],
    }  # fmt: skip
    assert told["taste"]["choices"][0] == {"key": "floral", "label": "Floral"}
    assert told["passport"]["is_personal"]


def test_a_page_costs_two_statements_more_with_fields_however_many(
    fields: dict[str, CustomField], program: Program, loyal: Customer, lapsed: Customer
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            program.get("/customers")
        return len(queries)

    cost()
    few = cost()
    for each in (loyal, lapsed):
        program.call("PATCH", f"/customers/{each.public_id}", {"fields": FULL})
    assert cost() == few
