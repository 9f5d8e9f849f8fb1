"""Customers as a file: the columns imports read, masked as the role asks, and never a formula."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import AuditEntry, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.customers.export import AT_ONCE, COLUMNS, rows
from guanxi.customers.models import Customer
from guanxi.ingest.begin import guessed
from guanxi.ingest.fields import CUSTOMER_FIELDS
from guanxi.orders.models import Store
from tests.cast import met
from tests.customers.conftest import scored


def told(client: Client, query: str = "") -> list[dict[str, str]]:
    response: Any = client.get(f"/customers/export.csv?{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.django_db
def test_the_import_of_customers_reads_every_column() -> None:
    assert set(COLUMNS) <= set(CUSTOMER_FIELDS)
    assert guessed(COLUMNS, "customers") == {name: name for name in COLUMNS}


def plainly(client: Client, query: str = "", **sent: Any) -> Any:
    return client.post(f"/customers/export/plainly/?{query}", {"reason": "delivery", **sent})


def test_a_file_in_the_clear_takes_a_reason_and_is_found_in_the_access_log(
    owners_browser: Client, owner: Staff, loyal: Customer, lapsed: Customer
) -> None:
    assert plainly(owners_browser, fields_asked=["phone"], reason="").status_code == 422
    assert not AuditEntry.objects.exists()
    answer = plainly(owners_browser, "q=林晓", fields_asked=["phone"], words="parcels came back")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert (row["full_name"], row["phone"]) == ("林**", "'+8618300002807")
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.by, entry.why) == ("customers.plainly.exported", owner, "delivery: parcels came back")
    assert entry.told["changes"] == {
        "form": [None, "CSV"], "search": [None, "q"], "fields": [None, ["phone"]], "rows": [None, 1],
    }  # fmt: skip
    assert "林" not in str(entry.told)


def test_only_whose_role_allows_it_takes_a_file_in_the_clear(
    agents_browser: Client, owner: Staff, loyal: Customer
) -> None:
    assert plainly(agents_browser, fields_asked=["phone"]).status_code == 403
    RoleRules.change(Role.AGENT, {"personal.export": True, "personal.name.reveal": False}, by=owner)
    assert plainly(agents_browser, fields_asked=["name"]).status_code == 422
    assert b"".join(plainly(agents_browser, fields_asked=["phone"]).streaming_content).count(b"+8618300002807") == 1


def test_a_file_holds_masks_and_is_found_in_the_access_log(
    analysts_browser: Client, loyal: Customer, lapsed: Customer
) -> None:
    lin, ada = told(analysts_browser)
    assert (lin["full_name"], lin["phone"]) == ("林**", "183****2807")
    assert (ada["full_name"], ada["email"]) == ("A***", "a***@example.com")
    assert AuditEntry.objects.accesses().get().told["changes"] == {"form": [None, "CSV"]}


def test_a_role_that_does_not_see_phones_gets_none(analysts_browser: Client, owner: Staff, loyal: Customer) -> None:
    RoleRules.change(Role.ANALYST, {"personal.phone.see": False}, by=owner)
    assert told(analysts_browser)[0]["phone"] == ""
    RoleRules.change(Role.ANALYST, {"customers.export": False}, by=owner)
    assert analysts_browser.get("/customers/export.csv").status_code == 403


def test_the_file_holds_what_the_list_shows(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    scored(loyal, 5.0, "high_value")
    assert [row["full_name"] for row in told(owners_browser, "class=high_value")] == ["林**"]
    assert [row["full_name"] for row in told(owners_browser, "q=ada")] == ["A***"]


def test_a_workbook_holds_the_same(owners_browser: Client, loyal: Customer) -> None:
    response: Any = owners_browser.get("/customers/export.xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert sheet["B2"].value == "林**"
    assert "attachment" in response.headers["Content-Disposition"]


def test_a_name_never_becomes_a_formula(owners_browser: Client, tea_house: Store) -> None:
    met(tea_house, key="x", name='=HYPERLINK("https://example.com")', phone="+8613900001111")
    answer = plainly(owners_browser, fields_asked=["name"])
    assert "'=HYPERLINK" in b"".join(answer.streaming_content).decode()


def test_reading_many_costs_three_queries_for_each_five_hundred(
    owner: Staff, crowd: Callable[[int], list[Customer]], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(3)
    with django_assert_num_queries(5):
        list(rows(Customer.objects.all(), reader=owner))
    crowd(20)
    assert AT_ONCE > 23
    with django_assert_num_queries(5):
        assert len(list(rows(Customer.objects.all(), reader=owner))) == 23
