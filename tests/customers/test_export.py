"""Customers as a file: the columns imports read, masked as the role asks, and never a formula."""

import csv
import io
from collections.abc import Callable
from typing import Any

from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
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


def test_the_import_of_customers_reads_every_column() -> None:
    assert set(COLUMNS) <= set(CUSTOMER_FIELDS)
    assert guessed(COLUMNS, "customers") == {name: name for name in COLUMNS}


def test_whose_role_allows_it_gets_the_words_themselves(owners_browser: Client, loyal: Customer) -> None:
    (row,) = told(owners_browser)
    assert row["full_name"] == "林晓"
    assert row["phone"] == "'+8618300002807"


def test_whose_role_does_not_gets_masks(analysts_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    lin, ada = told(analysts_browser)
    assert (lin["full_name"], lin["phone"]) == ("林**", "183****2807")
    assert (ada["full_name"], ada["email"]) == ("A***", "a***@example.com")


def test_the_file_holds_what_the_list_shows(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    scored(loyal, 5.0, "high_value")
    assert [row["full_name"] for row in told(owners_browser, "class=high_value")] == ["林晓"]
    assert [row["full_name"] for row in told(owners_browser, "q=ada")] == ["Ada"]


def test_a_workbook_holds_the_same(owners_browser: Client, loyal: Customer) -> None:
    response: Any = owners_browser.get("/customers/export.xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert sheet["B2"].value == "林晓"
    assert "attachment" in response.headers["Content-Disposition"]


def test_a_name_never_becomes_a_formula(owners_browser: Client, tea_house: Store) -> None:
    met(tea_house, key="x", name='=HYPERLINK("https://example.com")', phone="+8613900001111")
    assert told(owners_browser)[0]["full_name"].startswith("'=")


def test_reading_many_costs_three_queries_for_each_five_hundred(
    owner: Staff, crowd: Callable[[int], list[Customer]], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(3)
    with django_assert_num_queries(4):
        list(rows(Customer.objects.all(), reader=owner))
    crowd(20)
    assert AT_ONCE > 23
    with django_assert_num_queries(4):
        assert len(list(rows(Customer.objects.all(), reader=owner))) == 23
