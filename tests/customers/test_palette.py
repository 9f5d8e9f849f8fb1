"""What the palette answers about customers and orders, and to whom."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer
from guanxi.orders.models import Order, Store
from tests.cast import TODAY, buy, hired

PALETTE = "/palette/"


def asked(client: Client, q: str = "", **more: str) -> str:
    answer = client.post(PALETTE, {"q": q, **more}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_people_are_found_by_name_and_by_phone_and_shown_masked(owners_browser: Client, loyal: Customer) -> None:
    for text in ("林晓", "183 0000 2807", "+8618300002807", loyal.public_id):
        found = asked(owners_browser, text)
        assert f'href="/customers/{loyal.public_id}/"' in found
        assert "林**" in found
        assert "林晓" not in found.replace("“林晓”", "")


def test_an_order_is_found_by_its_number(owners_browser: Client, loyal: Customer) -> None:
    order = Order.objects.newest_first()[0]
    assert f'href="/orders/{order.public_id}/"' in asked(owners_browser, order.number.lower())


@pytest.mark.parametrize("text", ["all cust", "quanbu", "qbkh", "customers"])
def test_pages_are_found_by_their_title_and_by_pinyin(owner: Staff, text: str) -> None:
    client = Client(headers={"Accept-Language": "zh-hans" if text.startswith("q") else "en"})
    client.force_login(owner)
    assert 'href="/customers/"' in asked(client, text)


def test_what_is_done_to_a_customer_is_offered_on_their_page_with_its_key(
    owners_browser: Client, loyal: Customer
) -> None:
    here = asked(owners_browser, "note", subject=f"customer {loyal.public_id}")
    assert f'href="/customers/{loyal.public_id}/?tab=notes#notes"' in here
    assert "<kbd" in here
    assert "Write a note" not in asked(owners_browser, "note")


def test_who_may_only_look_is_offered_nothing_to_do(analysts_browser: Client, loyal: Customer) -> None:
    here = asked(analysts_browser, subject=f"customer {loyal.public_id}")
    for words in ("Write a note", "Edit this customer", "Add customer", "Import a file"):
        assert words not in here


def test_recent_ones_come_back_in_their_order_as_far_as_the_reader_may_see_them(
    owners_browser: Client, loyal: Customer, lapsed: Customer
) -> None:
    order = Order.objects.newest_first()[0]
    recent = f"{lapsed.public_id} cus_0000000000000 {order.public_id} <script> {loyal.public_id} {lapsed.public_id}"
    found = asked(owners_browser, recent=recent)
    places = [found.index(f'/{each.public_id}/"') for each in (lapsed, order, loyal)]
    assert places == sorted(places)
    assert found.count(f'href="/customers/{lapsed.public_id}/"') == 1
    assert "script" not in found


def test_a_clerk_finds_no_insight(loyal: Customer) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(hired("cai", "Cai", Role.CLERK))
    assert "/insight/" not in asked(client)


@pytest.mark.parametrize("subject", ["customer", "customer ", "customer <b>", "elephant cus_1", "customer ../../x"])
def test_a_foreign_subject_offers_nothing_and_breaks_nothing(owners_browser: Client, subject: str) -> None:
    assert "On this page" not in asked(owners_browser, subject=subject)


@pytest.mark.parametrize("text", ["\0", "'", "%", "_", "x" * 5_000, "<script>alert(1)</script>", "\ud800", "💥"])
def test_hostile_texts_find_nothing(owners_browser: Client, loyal: Customer, text: str) -> None:
    assert "<script>alert" not in asked(owners_browser, text.encode("utf-8", "replace").decode())


def test_a_search_costs_the_same_however_many_fit(
    owners_browser: Client,
    crowd: Callable[[int], list[Customer]],
    tea_house: Store,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    crowd(2)
    with django_assert_max_num_queries(13):
        asked(owners_browser, "Guest")
    for each in crowd(10):
        buy(each, tea_house, on=TODAY, goods_minor=1)
    with django_assert_max_num_queries(13):
        assert asked(owners_browser, "Guest").count('role="option"') == 6


def test_a_palette_is_for_those_signed_in(client: Client, db: None) -> None:
    assert client.post(PALETTE, {"q": "x"}, headers={"HX-Request": "true"}).status_code == 401
