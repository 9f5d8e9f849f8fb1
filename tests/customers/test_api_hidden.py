"""What a role does not see at all, no key of it finds, reads, or is told of: not by any detour either."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Answer, AuditEntry, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.accounts.scopes import SCOPES
from guanxi.customers.models import Customer
from guanxi.ingest.models import Import
from guanxi.orders.models import Order
from tests.api import MASKED, Program, keyed, problem
from tests.cast import hired

pytestmark = pytest.mark.django_db
PHONE, MAIL = "+8618300002807", "lin@example.com"
SEES = {"phone": {"kind": "phone", "value": PHONE}, "email": {"kind": "email", "value": MAIL}}
LINE = {"sku": "A", "quantity": "1", "unit_price": "2.5"}


@pytest.fixture
def lin(loyal: Customer, owner: Staff) -> Customer:
    """Somebody with a phone and an e-mail."""
    keyed(owner).post(f"/customers/{loyal.public_id}/identifiers", SEES["email"])
    return loyal


def hides(role: Role, *fields: str, by: Staff) -> None:
    """Have a role not see some fields, and do all else that keys are for."""
    hidden = {f"personal.{field}.{verb}": False for field in fields for verb in ("see", "reveal")}
    rights = ("customers.view", "customers.change", "orders.view", "imports.view", "imports.run")
    RoleRules.change(role, {**dict.fromkeys(rights, True), **hidden}, by=by)


def found(program: Program, field: str) -> list[str]:
    return [each["id"] for each in program.post("/customers/lookup", SEES[field])["data"]]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
@pytest.mark.parametrize("field", ["phone", "email"])
def test_no_role_finds_anybody_by_what_it_does_not_see(role: Role, field: str, lin: Customer, owner: Staff) -> None:
    other = "email" if field == "phone" else "phone"
    program = keyed(hired("maker", "Max", role), *SCOPES)
    assert found(program, field) == [lin.public_id], "masked is enough to be found by"
    hides(role, field, by=owner)
    assert "role" in problem(program.call("POST", "/customers/lookup", SEES[field]), 403)["detail"]
    assert found(program, other) == [lin.public_id]
    told = program.get(f"/customers/{lin.public_id}")
    assert told[field] is None
    assert told[other]
    kinds = {each["kind"] for each in program.get(f"/customers/{lin.public_id}/identifiers")["data"]}
    assert kinds == {other}
    everything = json.dumps([told, program.get("/customers"), program.get("/orders")], ensure_ascii=False)
    assert SEES[field]["value"] not in everything


@pytest.mark.parametrize("field", ["phone", "email"])
def test_nobody_learns_whose_it_is_by_sending_what_they_do_not_see(
    field: str, lin: Customer, lapsed: Customer, owner: Staff
) -> None:
    program = keyed(hired("maker", "Max", Role.MARKETER), *MASKED)
    hides(Role.MARKETER, field, by=owner)
    word = SEES[field]["value"]
    order = {"number": "X-1", "placed_at": "2024-11-11T00:00:00Z", "lines": [LINE], field: word}
    detours = (
        ("POST", "/customers", {"name": "Kim", field: word}),
        ("POST", "/customers/batch", {"customers": [{"name": "Kim"}, {"name": "Eve", field: word}]}),
        ("PUT", "/customers", {"store": "tea", "customers": [{"number": "x-1", field: word}]}),
        ("PATCH", f"/customers/{lin.public_id}", {field: word}),
        ("PATCH", f"/customers/{lapsed.public_id}", {field: word}),
        ("POST", f"/customers/{lin.public_id}/identifiers", SEES[field]),
        ("POST", f"/customers/{lapsed.public_id}/identifiers", SEES[field]),
        ("POST", "/orders", {"store": "tea", "orders": [order]}),
    )
    before = Customer.objects.count(), Order.objects.count()
    told = [problem(program.call(*detour), 403)["detail"] for detour in detours]
    assert len(set(told)) == 1, "those who have it are told the same as those who have not"
    assert (Customer.objects.count(), Order.objects.count(), Import.objects.count()) == (*before, 0)
    assert program.call("PATCH", f"/customers/{lin.public_id}", {"city": "杭州"}).status_code == 200


def test_the_page_links_nobody_to_whose_phone_it_is_either(lin: Customer, lapsed: Customer, owner: Staff) -> None:
    marketer = hired("maker", "Max", Role.MARKETER)
    browser = Client()
    browser.force_login(marketer)
    pages = [reverse("customers:new"), reverse("customers:edit", args=[lapsed.pk])]
    for page in pages:
        assert lin.public_id in browser.post(page, {"name": "Kim", "phone": PHONE}).content.decode()
    hides(Role.MARKETER, "phone", by=owner)
    for page in pages:
        answer = browser.post(page, {"name": "Kim", "phone": PHONE})
        assert answer.status_code == 422
        assert lin.public_id not in answer.content.decode()


def test_a_key_that_sends_alone_needs_no_scope_that_reads(lin: Customer, owner: Staff) -> None:
    program = keyed(owner, "orders:write")
    order = {"number": "X-1", "placed_at": "2024-11-11T00:00:00Z", "lines": [LINE], "phone": PHONE}
    assert program.post("/orders", {"store": "tea", "orders": [order]})["added"] == 1


def test_what_was_answered_in_the_clear_is_not_answered_again_once_it_is_hidden(lin: Customer, owner: Staff) -> None:
    agent = hired("maker", "Max", Role.AGENT)
    program, path = keyed(agent, *SCOPES), f"/customers/{lin.public_id}"
    first = program.call("PATCH", path, {"city": "杭州"}, once="k")
    assert json.loads(first.content)["phone"] == PHONE
    assert program.call("PATCH", path, {"city": "杭州"}, once="k").content == first.content
    RoleRules.change(Role.AGENT, {"personal.phone.reveal": False}, by=owner)
    refused = program.call("PATCH", path, {"city": "杭州"}, once="k")
    assert "other rights" in problem(refused, 409)["detail"]
    assert PHONE not in refused.content.decode()
    assert program.get(path)["phone"] == "183****2807"
    assert PHONE.encode() not in bytes(Answer.objects.get().sealed or b"")


def test_the_access_log_says_which_fields_were_seen_and_nothing_of_what_stood_in_them(
    lin: Customer, owner: Staff
) -> None:
    program = keyed(owner, *SCOPES)
    program.get("/customers")
    program.get(f"/customers/{lin.public_id}/identifiers")
    program.get(f"/orders/{Order.objects.latest('pk').public_id}")
    told = json.dumps([entry.told for entry in AuditEntry.objects.accesses()], ensure_ascii=False)
    assert AuditEntry.objects.accesses().count() == 2
    assert not [word for word in (PHONE, MAIL, "林晓") if word in told]


def test_what_is_refused_repeats_nothing_of_what_was_sent(lin: Customer, lapsed: Customer, owner: Staff) -> None:
    program = keyed(owner)
    calls = (
        ("POST", "/customers", {"name": "Kim", "phone": PHONE}),
        ("POST", "/customers", {"name": "Kim", "phone": "183-no-number"}),
        ("POST", f"/customers/{lapsed.public_id}/identifiers", SEES["email"]),
        ("POST", "/customers", {"name": 7, "vip": PHONE}),
    )
    for call in calls:
        said = program.call(*call).content.decode()
        assert not [word for word in (PHONE, MAIL, "183-no", "林") if word in said], said
        assert lin.public_id not in said
