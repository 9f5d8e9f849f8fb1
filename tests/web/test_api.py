"""The gate of the API: keys, rates, idempotency, refusals, and the description under test."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from guanxi.accounts.models import Answer, ApiKey, AuditEntry, Meter, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.accounts.tasks import forget_old_attempts
from guanxi.catalog.models import Product, Variant
from guanxi.customers import by_hand
from guanxi.customers.models import Customer
from guanxi.guard.sealing import seal
from guanxi.ingest import wizard
from guanxi.ingest.models import Import
from guanxi.orders.models import Order
from guanxi.web.api import description
from tests.api import MASKED, Program, keyed, problem
from tests.cast import PASS_PHRASE, hired

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
LIN = {"name": "林晓", "phone": "+8618300002807"}


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner)


def test_the_description_is_the_one_that_was_agreed_to() -> None:
    told = json.dumps(description(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("GUANXI_WRITE_API"):
        SNAPSHOT.write_text(told)
    assert told == SNAPSHOT.read_text(), "read the difference; GUANXI_WRITE_API=1 writes it down"


def test_whoever_asks_gets_the_description(client: Client) -> None:
    with translation.override("zh-hans"):
        assert client.get("/api/v1/openapi.json").json() == description()


def test_a_call_without_a_key_or_with_a_made_up_one_is_refused(db: None) -> None:
    for secret in ("", "gxk_made-up", "gxk_" + "\x00" * 3, "x" * 5_000):
        answer = Program(secret.replace("\x00", "0")).call("GET", "/customers")
        problem(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_secret_of_a_key_is_kept_nowhere(owner: Staff) -> None:
    secret, key = ApiKey.make("Sync", ["tags:read"], days=1, by=owner)
    kept = json.dumps([list(map(str, row)) for row in ApiKey.objects.values_list()]) + str(
        AuditEntry.objects.values_list()
    )
    assert secret not in kept
    assert key.digest != secret


def test_a_revoked_an_expired_and_a_replaced_key_open_nothing(program: Program, owner: Staff) -> None:
    key = ApiKey.objects.get()
    secret, fresh = key.rotate(by=owner)
    assert program.call("GET", "/tags").status_code == 200, "for a day both open"
    assert Program(secret).get("/tags") == {"data": [], "next": None}
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    assert "expired" in problem(program.call("GET", "/tags"), 401)["detail"]
    fresh.revoke(by=owner)
    assert "revoked" in problem(Program(secret).call("POST", "/customers", LIN), 401)["detail"]
    assert not Customer.objects.exists()


def test_a_key_dies_with_the_password_the_role_and_the_leaving_of_its_maker(owner: Staff) -> None:
    for change in ("password", "role", "leaving"):
        maker = hired(f"maker-{change}", "Max", Role.OWNER)
        program = keyed(maker)
        assert program.call("GET", "/tags").status_code == 200
        if change == "password":
            maker.set_password("another one " + PASS_PHRASE)
            maker.save()
        elif change == "role":
            maker.change_role(Role.AGENT, by=owner)
        else:
            maker.deactivate(by=owner)
        problem(program.call("GET", "/tags"), 401)


def test_a_key_may_no_more_than_the_role_of_its_maker(agent: Staff) -> None:
    program = keyed(agent)
    assert program.call("GET", "/customers").status_code == 200
    problem(program.call("GET", "/imports"), 403)
    RoleRules.change(Role.AGENT, {"customers.view": False}, by=agent)
    problem(program.call("GET", "/customers"), 403)


def test_a_role_changed_in_the_middle_of_a_call_lets_nothing_through(
    agent: Staff, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, introduce = keyed(agent), by_hand.introduce

    def meanwhile(*args: Any, **more: Any) -> Customer:
        Staff.objects.get(pk=agent.pk).change_role(Role.CLERK, by=owner)
        return introduce(*args, **more)

    monkeypatch.setattr("guanxi.customers.api.by_hand.introduce", meanwhile)
    problem(program.call("POST", "/customers", LIN, once="one"), 401)
    assert not Customer.objects.exists()
    assert not Answer.objects.exists()


def test_rules_changed_in_the_middle_of_a_call_let_nothing_through(
    agent: Staff, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, introduce = keyed(agent), by_hand.introduce

    def meanwhile(*args: Any, **more: Any) -> Customer:
        RoleRules.change(Role.AGENT, {"customers.change": False}, by=owner)
        return introduce(*args, **more)

    monkeypatch.setattr("guanxi.customers.api.by_hand.introduce", meanwhile)
    problem(program.call("POST", "/customers", LIN), 401)
    assert not Customer.objects.exists()


def test_a_key_calls_as_often_as_it_may_and_is_told_when_to_go_on(owner: Staff) -> None:
    program = keyed(owner, "tags:read", per_minute=2)
    first = program.call("GET", "/tags")
    assert first["RateLimit-Policy"] == '"key";q=2;w=60'
    assert first["RateLimit"].startswith('"key";r=1;t=')
    program.call("GET", "/tags")
    refused = program.call("GET", "/tags")
    assert problem(refused, 429)["type"].endswith("too-many-calls")
    assert 0 < int(refused["Retry-After"]) <= 60
    Meter.objects.update(turn=0)
    assert program.call("GET", "/tags").status_code == 200


def test_guessing_keys_ends_soon_and_does_not_keep_out_a_good_one(program: Program) -> None:
    statuses = [Program(f"gxk_{n}").call("GET", "/tags").status_code for n in range(52)]
    assert statuses == [401] * 50 + [429] * 2
    assert program.call("GET", "/tags").status_code == 200
    assert Meter.objects.get(name__startswith="address:").counted == 52


def test_the_same_request_sent_again_is_answered_the_same_and_done_once(program: Program) -> None:
    first = program.call("POST", "/customers", LIN, once="order-7")
    again = program.call("POST", "/customers", LIN, once="order-7")
    assert (first.status_code, first.content, first["Location"]) == (
        again.status_code,
        again.content,
        again["Location"],
    )
    assert again["Idempotency-Replayed"] == "true"
    assert Customer.objects.count() == 1
    assert b"183" not in bytes(Answer.objects.get().sealed or b"")


def test_an_idempotency_key_with_another_request_is_refused(program: Program, owner: Staff) -> None:
    program.post("/customers", LIN, once="order-7")
    for path, body in (("/customers", {"name": "Ada"}), ("/products", {"sku": "x"})):
        assert "Idempotency-Key" in problem(program.call("POST", path, body, once="order-7"), 422)["detail"]
    assert Customer.objects.count() == 1
    assert keyed(owner).call("POST", "/customers", {"name": "Ada"}, once="order-7").status_code == 201, "of another key"
    problem(program.call("POST", "/customers", {"name": "Eve"}, once="x" * 256), 400)
    problem(program.call("POST", "/customers", {"name": "Eve"}, once="two words"), 400)
    empty = {"Authorization": f"Bearer {program.secret}", "Idempotency-Key": ""}
    problem(program.client.post("/api/v1/customers", {"name": "Eve"}, "application/json", headers=empty), 400)
    assert Customer.objects.count() == 2


def test_what_was_refused_may_be_mended_and_sent_under_the_same_key(program: Program) -> None:
    problem(program.call("POST", "/customers", {"name": "x" * 201}, once="k"), 422)
    assert program.call("POST", "/customers", {"name": "x"}, once="k").status_code == 201


def test_answers_are_forgotten_after_two_days(program: Program) -> None:
    program.post("/customers", LIN, once="k")
    Answer.objects.update(sent_at=timezone.now() - dt.timedelta(days=3))
    forget_old_attempts.call()
    assert not Answer.objects.exists()


def test_what_the_framework_refuses_is_a_problem_too(program: Program, settings: Any) -> None:
    problem(program.call("GET", "/nothing"), 404)
    problem(program.call("GET", "/customers/"), 404)
    refused = program.call("DELETE", "/customers")
    problem(refused, 405)
    assert set(refused["Allow"].split(", ")) == {"GET", "POST", "PUT"}
    problem(program.call("POST", "/customers", b"name=Lin", content_type="application/x-www-form-urlencoded"), 415)
    problem(program.call("POST", "/customers", b"x" * (1024**2 + 1)), 413)
    problem(program.call("GET", "/customers", headers={"Content-Length": "x"}, CONTENT_LENGTH="x"), 413)


def test_a_fault_of_ours_says_so_and_changes_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("林晓")

    monkeypatch.setattr("guanxi.customers.shown.customers", broken)
    told = problem(program.call("POST", "/customers", LIN), 500)
    assert "林晓" not in json.dumps(told, ensure_ascii=False)
    assert not Customer.objects.exists()


def test_refusals_speak_the_language_of_the_caller(program: Program) -> None:
    program.language = "zh-CN"
    assert "没有" in problem(program.call("POST", "/customers", {"vip": 1}), 422)["fields"]["vip"]


def test_a_session_is_no_key(owners_browser: Client) -> None:
    assert owners_browser.get("/api/v1/customers").status_code == 401


def test_products_are_listed_and_added_once(program: Program) -> None:
    sent = {"sku": "BC-357", "name": "寿眉饼", "category": "白茶", "price_minor": 26_800, "currency": "CNY"}
    told = program.post("/products", sent)
    assert program.post("/products", {**sent, "name": "other"}) == told
    assert (told["category"], told["variants"][0]["price_minor"]) == ("白茶", 26_800)
    assert program.get("/products?sku=BC-357")["data"] == [told] == program.get("/products")["data"]
    assert program.get(f"/products/{told['id']}") == told
    assert program.get("/products?sku=BC")["data"] == []
    assert AuditEntry.objects.filter(act="product.added").count() == 1
    prices = [{"sku": "A", "price_minor": price} for price in (1.5, -1, 10**30, "1", True)]
    for bad in (*prices, {"sku": ""}, {"sku": 5}, {"sku": "A", "currency": "XYZ"}):
        problem(program.call("POST", "/products", bad), 422)
    assert (Product.objects.count(), Variant.objects.count()) == (1, 1)


def test_orders_are_listed_newest_first_and_narrowed(program: Program, loyal: Customer, lapsed: Customer) -> None:
    newest = Order.objects.order_by("-placed_at")

    def numbers(query: str) -> list[str]:
        return [each["number"] for each in program.get(f"/orders?{query}")["data"]]

    assert numbers("limit=3") == [each.number for each in newest[:3]]
    assert numbers(f"limit=3&after={newest[2].public_id}") == [each.number for each in newest[3:6]]
    assert numbers(f"customer={lapsed.public_id}") == ["T00009"]
    assert numbers("store=tea&number=T00002") == ["T00002"]
    assert numbers("payment_state=paid&limit=2") == [each.number for each in newest[:2]]
    assert numbers("payment_state=refunded") == []
    assert numbers("placed_from=2024-11-01") == ["T00001"]
    assert numbers("placed_to=2023-01-01") == ["T00009"]
    for query in ("number=T1", "store=moon", "customer=7", "payment_state=x", "placed_from=1", "q=x"):
        problem(program.call("GET", f"/orders?{query}"), 422)


def test_who_a_parcel_goes_to_is_masked_unless_the_key_sees_clearly(
    program: Program, owner: Staff, loyal: Customer
) -> None:
    order = Order.objects.latest("pk")
    parcel = {"recipient_name": "林晓", "recipient_phone": "+8618300002807", "address": "杭州市西湖区文三路 90 号"}
    order.recipient = seal(json.dumps(parcel), Order.place("tea", order.number))
    order.save()
    told = program.get(f"/orders/{order.public_id}")
    assert told["recipient"] == {"name": "林**", "phone": "183****2807", "address": "杭州市西湖区 ***"}
    assert not AuditEntry.objects.accesses().exists()
    told = keyed(owner, *MASKED, "personal:read").get(f"/orders/{order.public_id}")
    assert told["recipient"]["address"] == parcel["address"]
    assert AuditEntry.objects.accesses().get().subject == f"order:{order.pk}"
    problem(program.call("GET", "/orders/ord_0000000000001"), 404)


def sent(program: Program, content: bytes, *, once: str = "", **more: str) -> Any:
    """Send a file."""
    headers = {"Authorization": f"Bearer {program.secret}", **({"Idempotency-Key": once} if once else {})}
    file = SimpleUploadedFile("people.csv", content)
    return program.client.post("/api/v1/imports", {"file": file, **more}, headers=headers)


def test_a_file_is_sent_once_and_tried_out(program: Program, db: None) -> None:
    content = b"full_name,phone\nKim,+8618300002807\n"
    first = sent(program, content, subject="customers", once="f")
    assert first.status_code == 202, first.content
    told = first.json()
    assert (told["state"], told["files"], told["subject"]) == ("checking", ["people.csv"], "customers")
    assert sent(program, content, subject="customers", once="f").json() == told
    problem(sent(program, content + b"Ada,\n", subject="customers", once="f"), 422)
    assert Import.objects.count() == 1
    assert program.get("/imports")["data"] == [told]
    problem(program.call("POST", f"/imports/{told['id']}/run"), 409)
    wizard.stop(Import.objects.get())
    Import.objects.update(state=Import.State.CHECKED)
    assert program.post(f"/imports/{told['id']}/run")["state"] == "running"
    assert program.post(f"/imports/{told['id']}/run")["state"] == "running"
    problem(program.call("POST", "/imports/imp_0000000000001/run"), 404)


@pytest.mark.parametrize(("content", "more"), [
    (b"", {}), (b"\x00\x01\x02", {}), (b"a,b\n1,2\n", {"subject": "dragons"}), (b"a,b\n1,2\n", {"preset": "no-such"}),
    (b"a,b\n1,2\n", {"colour": "red"}),
])  # fmt: skip
def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    program: Program, content: bytes, more: dict[str, str]
) -> None:
    problem(sent(program, content, **more), 422)
    assert not Import.objects.exists()
    assert not Answer.objects.exists()


def test_an_owner_makes_replaces_and_revokes_keys_on_a_page(owners_browser: Client, owner: Staff) -> None:
    told = {"name": "Sync", "scopes": ["tags:read"], "days": "30", "per_minute": "600"}
    page = owners_browser.post(reverse("api-key-new"), told)
    key = ApiKey.objects.get()
    assert (key.scopes, key.per_minute, key.staff) == (["tags:read"], 600, owner)
    assert key.shown in page.content.decode()
    Program(page.context["secret"]).get("/tags")
    listed = owners_browser.get(reverse("api-keys")).content.decode()
    assert "Read tags" in listed
    assert page.context["secret"] not in listed
    owners_browser.post(reverse("api-key-rotation", args=[key.pk]))
    owners_browser.post(reverse("api-key-revocation", args=[key.pk]))
    acts = list(AuditEntry.objects.filter(act__startswith="apikey").order_by("pk").values_list("act", flat=True))
    assert acts == ["apikey.made", "apikey.rotated", "apikey.revoked"]
    assert "Made a key of the API" in owners_browser.get(reverse("audit")).content.decode()
    for wrong in ({}, {**told, "scopes": ["all"]}, {**told, "days": "9999"}, {**told, "name": "x" * 101}):
        assert owners_browser.post(reverse("api-key-new"), wrong).status_code == 422
