"""Fields of a shop's own: declared, filled in, found, kept."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer, CustomerValue
from guanxi.customers.own import SHELF
from guanxi.orders.models import Order, OrderValue
from guanxi.shop.forms import widget_of
from guanxi.shop.kinds import BadValue
from guanxi.shop.models import CustomField, Kind
from tests.cast import hired
from tests.shop.conftest import Declare

FIELD = {
    "label_en": "Taste",
    "label_zh": "口味",
    "name": "taste",
    "kind": "choices",
    "choices": "Floral | 花香\nSweet | 甜润",
}


def the_list(browser: Client, query: str = "") -> str:
    return browser.get(f"/customers/{query}").content.decode()


def said(customer: Customer, field: CustomField) -> list[str]:
    return SHELF.text(customer, field)


def test_an_owner_adds_a_field_and_it_is_in_the_audit_trail(owners_browser: Client) -> None:
    assert owners_browser.post("/settings/fields/new/?of=customer", FIELD).status_code == 302
    field = CustomField.objects.get()
    assert (field.name, field.kind, [each["key"] for each in field.choices]) == (
        "taste",
        "choices",
        ["floral", "sweet"],
    )
    assert AuditEntry.objects.filter(act="field.declared", subject=f"customfield:{field.pk}").exists()
    assert "Taste" in owners_browser.get("/settings/fields/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "Taste"}, "a letter first"),
        ({"name": "1taste"}, "a letter first"),
        ({"name": "x" * 41}, "40"),
        ({"kind": "money"}, "not one of the available"),
        ({"label_en": ""}, "required"),
        ({"label_en": "x" * 61}, "60"),
        ({"label_zh": "a\x07b"}, "cannot be shown"),
        ({"choices": "Floral"}, "2 to 100"),
        ({"choices": "Floral | a\nFloral | b"}, "called the same"),
        ({"choices": "x" * 61 + "\nb"}, "longer than 60"),
        ({"kind": "whole", "least": "5", "most": "1"}, "below the least"),
        ({"kind": "whole", "least": "much"}, "no whole number"),
        ({"kind": "text", "most": "9999"}, "count of letters"),
    ],
)
def test_what_a_field_cannot_be_is_said_beside_it_and_nothing_is_declared(
    owners_browser: Client, wrong: dict[str, str], why: str
) -> None:
    answer = owners_browser.post("/settings/fields/new/", {**FIELD, **wrong})
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    assert not CustomField.objects.exists()


def test_the_name_the_kind_and_whether_it_is_personal_never_change(owners_browser: Client, taste: CustomField) -> None:
    told = {"label_en": "Flavour", "label_zh": "风味", "choices": "Floral | 花香\nRoasted | 焙火\nSweet | 甜"}
    wanted = {**told, "name": "flavour", "kind": "text", "is_personal": "on"}
    assert owners_browser.post(f"/settings/fields/{taste.pk}/", wanted).status_code == 302
    taste.refresh_from_db()
    assert (taste.name, taste.kind, taste.is_personal, taste.label_en) == ("taste", "choices", False, "Flavour")
    assert [each["key"] for each in taste.choices] == ["floral", "roasted", "sweet"]


def test_a_choice_in_use_stays(owners_browser: Client, taste: CustomField, loyal: Customer, owner: Staff) -> None:
    SHELF.write(loyal, taste, ["sweet"], by=owner)
    told = {"label_en": "Taste", "label_zh": "口味", "choices": "Floral | 花香\nRoasted | 焙火"}
    answer = owners_browser.post(f"/settings/fields/{taste.pk}/", told)
    assert (answer.status_code, "“Sweet” is in use" in answer.content.decode()) == (422, True)


def test_a_field_is_filled_in_on_the_page_of_the_customer_and_taken_back(
    agents_browser: Client, taste: CustomField, loyal: Customer
) -> None:
    panel = f"/customers/{loyal.public_id}/attributes/"
    there = f"/customers/{loyal.public_id}/fields/taste/"
    assert "Taste" in agents_browser.get(panel).content.decode()
    assert 'name="seen"' in agents_browser.get(f"{there}?edit").content.decode()
    answer = agents_browser.post(there, {"value": ["sweet", "floral"]}, headers={"HX-Request": "true"})
    assert "Floral, Sweet" in answer.content.decode()
    assert said(loyal, taste) == ["floral", "sweet"]
    agents_browser.post(f"/customers/{loyal.public_id}/fields/undo/")
    assert said(loyal, taste) == []


def test_filling_in_is_told_by_the_timeline_and_the_trail(
    owners_browser: Client, taste: CustomField, loyal: Customer, owner: Staff
) -> None:
    SHELF.write(loyal, taste, ["sweet"], by=owner)
    assert "Corrected: Taste" in owners_browser.get(f"/customers/{loyal.public_id}/timeline/").content.decode()
    page = owners_browser.get(f"/settings/audit/?about=customer:{loyal.pk}").content.decode()
    assert ("Filled in a field" in page, "Taste" in page) == (True, True)


def test_the_same_again_changes_nothing(taste: CustomField, loyal: Customer, owner: Staff) -> None:
    assert SHELF.write(loyal, taste, ["sweet"], by=owner)
    written = AuditEntry.objects.count()
    assert not SHELF.write(loyal, taste, ["Sweet"], by=owner)
    assert AuditEntry.objects.count() == written


def test_a_value_that_does_not_fit_is_said_under_the_field_and_nothing_changes(
    agents_browser: Client, declare: Declare, loyal: Customer
) -> None:
    gifts = declare("gifts", Kind.WHOLE, most=99)
    for typed in ("many", "100", "1\x002", "1" * 500):
        answer = agents_browser.post(f"/customers/{loyal.public_id}/fields/gifts/", {"value": typed})
        assert (answer.status_code, "gx-field-error" in answer.content.decode()) == (422, True)
    assert said(loyal, gifts) == []


def test_who_saves_second_is_told_what_the_first_wrote(
    agents_browser: Client, taste: CustomField, loyal: Customer, owner: Staff
) -> None:
    there = f"/customers/{loyal.public_id}/fields/taste/"
    seen = agents_browser.get(f"{there}?edit").context["seen"]
    SHELF.write(loyal, taste, ["sweet"], by=owner)
    answer = agents_browser.post(there, {"value": ["floral"], "seen": seen})
    assert (answer.status_code, "it is “Sweet” now" in answer.content.decode()) == (409, True)
    assert said(loyal, taste) == ["sweet"]
    again = answer.context["seen"]
    assert agents_browser.post(there, {"value": ["floral"], "seen": again}).status_code == 302
    assert said(loyal, taste) == ["floral"]


def test_html_and_formulas_are_texts_like_others(
    owners_browser: Client, declare: Declare, loyal: Customer, owner: Staff
) -> None:
    SHELF.write(loyal, declare("motto"), ["<b>=1+1</b>"], by=owner)
    SHELF.write(loyal, declare("sum"), ["=cmd|calc"], by=owner)
    page = owners_browser.get(f"/customers/{loyal.public_id}/attributes/").content.decode()
    assert ("&lt;b&gt;=1+1&lt;/b&gt;" in page, "<b>=1+1" in page) == (True, False)
    answer = owners_browser.get("/customers/export.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert (rows[0]["own.motto"], rows[0]["own.sum"]) == ("<b>=1+1</b>", "'=cmd|calc")


def test_lists_of_customers_show_and_narrow_by_a_field(
    owners_browser: Client, declare: Declare, taste: CustomField, loyal: Customer, lapsed: Customer, owner: Staff
) -> None:
    fields = {
        "taste": (taste, ["sweet"]), "gifts": (declare("gifts", Kind.WHOLE), ["3"]),
        "weight": (declare("weight", Kind.DECIMAL), ["2.5"]), "met": (declare("met", Kind.DATE), ["2026-03-01"]),
        "wholesale": (declare("wholesale", Kind.YES_NO), ["yes"]), "size": (declare("size"), ["大盒"]),
    }  # fmt: skip
    for field, texts in fields.values():
        SHELF.write(loyal, field, texts, by=owner)
    for query in ("own-taste=sweet", "own-gifts=2..3", "own-weight=2..3", "own-met=2026-02-01..2026-03-31",
                  "own-wholesale=yes", "own-size=大盒"):  # fmt: skip
        page = the_list(owners_browser, f"?{query}")
        assert (loyal.public_id in page, lapsed.public_id in page) == (True, False), query
    for query in ("own-taste=floral", "own-gifts=4..", "own-wholesale=no", "own-size=大", "own-met=..2026-02-28"):
        assert loyal.public_id not in the_list(owners_browser, f"?{query}"), query
    owners_browser.post("/lists/customers/columns/", {"column": ["own-taste", "own-gifts"]})
    assert "own-taste" not in the_list(owners_browser, "?own-nothing=1")


def test_a_chosen_column_shows_the_values(
    owners_browser: Client, taste: CustomField, loyal: Customer, owner: Staff
) -> None:
    from guanxi.accounts.models import ChosenColumns

    SHELF.write(loyal, taste, ["sweet", "floral"], by=owner)
    assert "Floral, Sweet" not in the_list(owners_browser)
    ChosenColumns.objects.create(owner=owner, list_name="customers", names=["own-taste"])
    assert "Floral, Sweet" in the_list(owners_browser)


def test_what_own_columns_cost_does_not_grow_with_the_rows(
    owners_browser: Client,
    declare: Declare,
    taste: CustomField,
    crowd_of: Callable[[int], list[Customer]],
    owner: Staff,
) -> None:
    from guanxi.accounts.models import ChosenColumns

    gifts = declare("gifts", Kind.WHOLE)
    ChosenColumns.objects.create(owner=owner, list_name="customers", names=["own-taste", "own-gifts"])
    counts = []
    for _ in range(2):
        for each in crowd_of(4):
            SHELF.write(each, taste, ["sweet"], by=owner)
            SHELF.write(each, gifts, ["2"], by=owner)
        with CaptureQueriesContext(connection) as queries:
            the_list(owners_browser)
        counts.append(len([query for query in queries if 'FROM "customers_customervalue"' in query["sql"]]))
    assert counts == [1, 1]


def test_a_retired_field_is_gone_everywhere_and_comes_back_with_its_values(
    owners_browser: Client, taste: CustomField, loyal: Customer, owner: Staff
) -> None:
    SHELF.write(loyal, taste, ["sweet"], by=owner)
    owners_browser.post(f"/settings/fields/{taste.pk}/retirement/")
    panel = f"/customers/{loyal.public_id}/attributes/"
    assert "Taste" not in owners_browser.get(panel).content.decode()
    assert owners_browser.get(f"/customers/{loyal.public_id}/fields/taste/").status_code == 404
    assert CustomerValue.objects.count() == 1
    owners_browser.post(f"/settings/fields/{taste.pk}/return/")
    assert "Sweet" in owners_browser.get(panel).content.decode()


def test_a_personal_field_is_sealed_masked_and_shown_only_for_a_reason(
    agents_browser: Client, declare: Declare, loyal: Customer, owner: Staff
) -> None:
    field = declare("passport", is_personal=True)
    SHELF.write(loyal, field, ["E12345678"], by=owner)
    row = CustomerValue.objects.get()
    assert (row.word, row.long, b"E12345678" in bytes(row.sealed)) == (None, "", False)
    panel = agents_browser.get(f"/customers/{loyal.public_id}/attributes/").content.decode()
    assert ("E***" in panel, "E12345678" in panel) == (True, False)
    edit = agents_browser.get(f"/customers/{loyal.public_id}/fields/passport/?edit").content.decode()
    assert "E12345678" not in edit
    told = {"fields_asked": ["own.passport"], "reason": "call"}
    ask = agents_browser.get(f"/customers/{loyal.public_id}/reveal/").content.decode()
    assert "own.passport" in ask
    seen = agents_browser.post(f"/customers/{loyal.public_id}/reveal/", told).content.decode()
    assert "E12345678" in seen
    assert AuditEntry.objects.filter(act="customer.revealed").exists()


def test_a_personal_field_left_empty_stays_and_is_emptied_on_demand(
    agents_browser: Client, declare: Declare, loyal: Customer, owner: Staff
) -> None:
    field = declare("passport", is_personal=True)
    SHELF.write(loyal, field, ["E12345678"], by=owner)
    there = f"/customers/{loyal.public_id}/fields/passport/"
    agents_browser.post(there, {"value": ""})
    assert said(loyal, field) == ["E12345678"]
    agents_browser.post(there, {"value": "", "clear": "on"})
    assert said(loyal, field) == []


def test_what_is_personal_narrows_no_list_and_leaves_masked(
    owners_browser: Client, declare: Declare, loyal: Customer, lapsed: Customer, owner: Staff
) -> None:
    SHELF.write(loyal, declare("passport", is_personal=True), ["E12345678"], by=owner)
    assert lapsed.public_id in the_list(owners_browser, "?own-passport=E12345678")
    body = b"".join(owners_browser.get("/customers/export.csv").streaming_content)  # type: ignore[attr-defined]
    assert (b"E***" in body, b"E12345678" in body) == (True, False)


def test_whoever_may_not_see_personal_fields_finds_none(loyal: Customer, declare: Declare, owner: Staff) -> None:
    from guanxi.accounts.models import RoleRules
    from guanxi.accounts.roles import Role

    SHELF.write(loyal, declare("passport", is_personal=True), ["E12345678"], by=owner)
    RoleRules.change(Role.MARKETER, {"personal.fields.see": False}, by=owner)
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(hired("ma", "Ma", Role.MARKETER))
    assert "Passport" not in browser.get(f"/customers/{loyal.public_id}/attributes/").content.decode()
    assert browser.get(f"/customers/{loyal.public_id}/fields/passport/").status_code == 404
    assert b"passport" not in b"".join(browser.get("/customers/export.csv").streaming_content)  # type: ignore[attr-defined]


def test_orders_have_fields_of_their_own(
    agents_browser: Client, owners_browser: Client, declare: Declare, loyal: Customer
) -> None:
    declare("gift_card", Kind.TEXT, subject="order")
    order = Order.objects.latest("pk")
    answer = agents_browser.post(f"/orders/{order.public_id}/fields/gift_card/", {"value": "新年快乐"})
    assert answer.status_code == 302
    assert "新年快乐" in agents_browser.get(f"/orders/{order.public_id}/").content.decode()
    assert order.number in owners_browser.get("/orders/?own-gift_card=新年快乐").content.decode()
    assert f">{order.number}<" not in owners_browser.get("/orders/?own-gift_card=x").content.decode()
    body = b"".join(owners_browser.get("/orders/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert ("own.gift_card" in body, "新年快乐" in body) == (True, True)
    agents_browser.post(f"/orders/{order.public_id}/fields/undo/")
    assert not OrderValue.objects.exists()


def test_a_field_of_customers_is_none_of_orders(agents_browser: Client, taste: CustomField, loyal: Customer) -> None:
    order = Order.objects.latest("pk")
    assert agents_browser.get(f"/orders/{order.public_id}/fields/taste/").status_code == 404


def test_a_field_that_is_needed_cannot_be_emptied(declare: Declare, loyal: Customer, owner: Staff) -> None:
    size = declare("size", is_required=True)
    SHELF.write(loyal, size, ["大盒"], by=owner)
    with pytest.raises(BadValue):
        SHELF.write(loyal, size, [""], by=owner)
    assert said(loyal, size) == ["大盒"]


def test_what_is_personal_of_an_order_is_masked_and_shown_only_for_a_reason(
    agents_browser: Client, declare: Declare, loyal: Customer, owner: Staff
) -> None:
    from guanxi.orders.own import SHELF as OF_ORDERS

    order = Order.objects.latest("pk")
    field = declare("gate_code", subject="order", is_personal=True)
    there = f"/orders/{order.public_id}/reveal/"
    assert agents_browser.get(there).status_code == 403  # nothing is there to be shown
    OF_ORDERS.write(order, field, ["4711#"], by=owner)
    page = agents_browser.get(f"/orders/{order.public_id}/").content.decode()
    assert ("4711#" in page, "4***" in page, there in page) == (False, True, True)
    told = {"fields_asked": ["own.gate_code"], "reason": "delivery"}
    assert agents_browser.post(there, {**told, "reason": ""}).status_code == 422
    assert "4711#" in agents_browser.post(there, told).content.decode()
    (entry,) = AuditEntry.objects.opened(AuditEntry.objects.filter(act="order.revealed"))
    assert (entry.told["changes"], entry.told["why"]) == ({"fields": [None, ["own.gate_code"]]}, "delivery")


def test_whoever_may_not_reveal_own_fields_is_offered_no_way_to(
    agents_browser: Client, declare: Declare, loyal: Customer, owner: Staff
) -> None:
    from guanxi.accounts.models import RoleRules
    from guanxi.accounts.roles import Role
    from guanxi.orders.own import SHELF as OF_ORDERS

    order = Order.objects.latest("pk")
    OF_ORDERS.write(order, declare("gate_code", subject="order", is_personal=True), ["4711#"], by=owner)
    RoleRules.change(Role.AGENT, {"personal.fields.reveal": False}, by=owner)
    there = f"/orders/{order.public_id}/reveal/"
    assert there not in agents_browser.get(f"/orders/{order.public_id}/").content.decode()
    told = {"fields_asked": ["own.gate_code"], "reason": "delivery"}
    assert agents_browser.post(there, told).status_code == 403
    assert not AuditEntry.objects.filter(act="order.revealed").exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", [Kind.DATE, Kind.CHILD])
def test_a_day_comes_up_as_browsers_take_it_in_both_languages(kind: Kind, language: str) -> None:
    with translation.override(language):
        assert 'value="2026-03-01"' in widget_of(CustomField(kind=kind)).render("met", dt.date(2026, 3, 1))
