"""Walking through a list from customer to customer."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.customers.models import Customer
from tests.customers.conftest import scored
from tests.customers.test_page import PAGE_QUERIES

NEXT = re.compile(r'rel="next" href="([^"]*)"')
PREVIOUS = re.compile(r'rel="prev" href="([^"]*)"')
WAY_QUERIES = 12


def people_of(client: Client, query: str) -> list[str]:
    """The addresses of the rows of a list, in their order."""
    html = client.get(f"{reverse('customers:list')}?{query}").content.decode()
    return [path.replace("&amp;", "&") for path in re.findall(r'<a href="(/customers/cus_[^"]*)"', html)]


def walk(client: Client, first: str, step: re.Pattern[str]) -> list[str]:
    """The customers met from one on, until there is none."""
    met, here = [], first
    while here:
        met.append(here.split("/")[2])
        found = step.search(client.get(here).content.decode())
        here = found[1].replace("&amp;", "&") if found else ""
    return met


@pytest.fixture
def gathered(crowd: Callable[[int], list[Customer]]) -> list[Customer]:
    """Eight people: six with a class, ties among them, two without."""
    people = crowd(8)
    for customer, value, label, money in zip(
        people, (5, 5, 4, 4, 3, 3), ("high_value",) * 3 + ("potential",) * 3, (9, 9, 7, 5, 5, 1), strict=False
    ):
        scored(customer, value, label, monetary_minor=money)
    Customer.objects.filter(pk=people[2].pk).update(name="Guest 1")
    return people


@pytest.mark.parametrize(
    "query",
    ["", "sort=class", "class=high_value", "class=potential&sort=class", "sort=customer", "sort=-customer",
     "sort=since", "sort=-since", "q=Guest&sort=customer", "q=Guest+1"],
)  # fmt: skip
def test_next_and_previous_follow_the_order_of_the_list(
    owners_browser: Client, gathered: list[Customer], query: str
) -> None:
    rows = people_of(owners_browser, query)
    listed = [path.split("/")[2] for path in rows]
    assert walk(owners_browser, rows[0], NEXT) == listed
    assert walk(owners_browser, rows[-1], PREVIOUS) == listed[::-1]


def test_the_place_in_the_list_is_told(owners_browser: Client, gathered: list[Customer]) -> None:
    rows = people_of(owners_browser, "class=high_value")
    assert "2 of 3" in owners_browser.get(rows[1]).content.decode()


def test_a_page_opened_by_itself_knows_no_list(owners_browser: Client, loyal: Customer) -> None:
    assert "gx-way" not in owners_browser.get(reverse("customers:customer", args=[loyal.pk])).content.decode()


@pytest.mark.parametrize("way", ["%%%", "sort=nonsense&class=nobody&page=-1", "q=\0", "x" * 9_000, "list=list"])
def test_a_forged_list_breaks_nothing(owners_browser: Client, loyal: Customer, way: str) -> None:
    query = urlencode({"list": way, "nth": "-7e9"})
    assert owners_browser.get(f"{reverse('customers:customer', args=[loyal.pk])}?{query}").status_code == 200


def test_the_way_costs_the_same_however_long_the_list(
    owners_browser: Client, gathered: list[Customer], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    second = people_of(owners_browser, "class=high_value")[1]
    with django_assert_num_queries(PAGE_QUERIES + WAY_QUERIES):
        owners_browser.get(second)
