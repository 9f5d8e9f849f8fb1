"""Orders as staff see them: the list, one order, and the corner they have on a customer's page."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Variant
from guanxi.customers.models import Customer
from guanxi.guard.sealing import seal
from guanxi.orders.models import Order, Refund, Store
from tests.cast import TODAY, buy, hired, noon

LIST = "/orders/"
LIST_QUERIES = 11
ORDER_QUERIES = 13


def numbers(client: Client, query: str = "") -> list[str]:
    return [entry.order.number for entry in client.get(f"{LIST}?{query}").context["entries"]]


@pytest.fixture
def parcel(loyal: Customer, tea_house: Store) -> Order:
    """An order with all that can hang on one."""
    order = buy(loyal, tea_house, on=TODAY, goods_minor=74_600, refunded_minor=15_000)
    told = {"recipient_name": "林晓", "recipient_phone": "18300002807", "address": "浙江省杭州市西湖区文三路 90 号"}
    order.recipient = seal(json.dumps(told), Order.place("tea", order.number))
    order.platform_state, order.fulfilment_state = "交易成功", "delivered"
    order.save()
    order.lines.create(
        line_number=1, sku="BC-357", product_name="寿眉饼", quantity="2.5", unit_price="238.4", amount_minor=59_600
    )
    order.payments.create(method="alipay", amount_minor=74_600, paid_at=noon(TODAY))
    refund = Refund.objects.create(
        store=tea_house, number="R1", order=order, customer=loyal, refunded_at=noon(TODAY), refunded_on=TODAY,
        currency="CNY", amount_minor=15_000, reason="broken", source="own",
    )  # fmt: skip
    refund.lines.create(
        line_number=1, sku="GW-1", product_name="盖碗", quantity=-1, unit_price=150, amount_minor=-15_000
    )
    return order


def test_an_empty_book_says_how_to_begin(owners_browser: Client) -> None:
    page = owners_browser.get(LIST).content.decode()
    assert "No orders yet." in page
    assert reverse("import-new") in page


def test_the_newest_order_comes_first(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    found = numbers(owners_browser)
    assert (found[0], found[-1]) == ("T00001", "T00009")
    assert numbers(owners_browser, "sort=placed") == found[::-1]


def test_times_follow_each_other_as_they_are_sorted_where_shops_keep_other_clocks(
    owners_browser: Client, owner: Staff, loyal: Customer, tea_house: Store
) -> None:
    Staff.objects.filter(pk=owner.pk).update(time_zone="Asia/Shanghai")
    abroad = Store.open("ny", name="New York", channel="own", currency="USD", time_zone="America/New_York")
    Order.objects.exclude(pk__in=Order.objects.newest_first().values("pk")[:2]).delete()
    here, there = Order.objects.newest_first()
    Order.objects.filter(pk=there.pk).update(
        store=abroad, placed_at=datetime(2025, 11, 20, 17, 0, tzinfo=UTC), placed_on=date(2025, 11, 20)
    )
    Order.objects.filter(pk=here.pk).update(
        placed_at=datetime(2025, 11, 20, 16, 30, tzinfo=UTC), placed_on=date(2025, 11, 21)
    )
    for address in (LIST, reverse("orders:customer-orders", args=[loyal.pk])):
        page = owners_browser.get(address).content.decode()
        times = re.findall(r'<time datetime="2025[^"]*" title="([^"]*)">([^<]*)</time>', page)
        assert times == [
            ("21 Nov 2025 01:00 (America/New_York 20 Nov 2025 12:00)", "21 Nov 2025"),
            ("21 Nov 2025 00:30", "21 Nov 2025"),
        ]


@pytest.mark.parametrize("typed", ["T00009", "t00009", " T00009 "])
def test_an_order_is_found_by_its_number(owners_browser: Client, loyal: Customer, lapsed: Customer, typed: str) -> None:
    assert numbers(owners_browser, f"q={typed}") == ["T00009"]


def test_an_order_is_found_by_its_public_id(owners_browser: Client, loyal: Customer) -> None:
    order = Order.objects.all()[0]
    assert numbers(owners_browser, f"q={order.public_id}") == [order.number]


@pytest.mark.parametrize("typed", ["T0000", "%", "' or 1=1 --", "ord_"])
def test_a_part_of_a_number_finds_nothing(owners_browser: Client, loyal: Customer, typed: str) -> None:
    assert numbers(owners_browser, f"q={typed}") == []


def test_orders_are_narrowed_by_payment(owners_browser: Client, loyal: Customer, parcel: Order) -> None:
    assert numbers(owners_browser, "payment=part_refunded") == [parcel.number]
    assert len(numbers(owners_browser, "payment=nonsense")) == 9


def test_one_customers_orders_are_listed_by_their_id(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    response = owners_browser.get(f"{LIST}?customer={lapsed.public_id}")
    assert [entry.order.customer for entry in response.context["entries"]] == [lapsed]
    (chip,) = response.context["listing"].chips
    assert (str(chip.title), chip.value) == ("Customer", "A***")
    assert len(numbers(owners_browser, "customer=cus_nobody")) == 9


def test_a_guests_order_is_nobodys(owners_browser: Client, tea_house: Store) -> None:
    order = buy(None, tea_house, on=TODAY, goods_minor=900)
    assert "Guest" in owners_browser.get(LIST).content.decode()
    page = owners_browser.get(reverse("orders:order", args=[order.pk])).content.decode()
    assert "this order belongs to nobody" in page


def test_the_list_costs_the_same_for_three_and_for_fifty(
    owners_browser: Client, tea_house: Store, loyal: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(LIST_QUERIES):
        owners_browser.get(LIST)
    for nth in range(60):
        buy(loyal if nth % 2 else None, tea_house, on=TODAY, goods_minor=nth)
    with django_assert_num_queries(LIST_QUERIES):
        owners_browser.get(LIST)


def test_an_order_shows_its_states_lines_payments_and_refunds(owners_browser: Client, parcel: Order) -> None:
    page = owners_browser.get(reverse("orders:order", args=[parcel.pk])).content.decode()
    for words in (
        "Partly refunded", "Delivered", "交易成功", "寿眉饼", "BC-357", ">2.5<", "¥238.40", "¥596.00", "alipay",
        "R1", "broken", "−1 × 盖碗", "−¥150.00", "¥746.00", "林**",
    ):  # fmt: skip
        assert words in page, words


def test_an_order_tells_what_happened_to_it_on_its_stores_clock(owners_browser: Client, parcel: Order) -> None:
    (day,) = owners_browser.get(reverse("orders:order", args=[parcel.pk])).context["days"]
    assert (day.on, str(day.note)) == (TODAY, "Double 11")
    told = [(f"{each.at:%H:%M}", each.sentence, each.amount) for each in day.occurrences]
    assert told == [
        ("20:00", "Refund R1", "−¥150.00"),
        ("20:00", "Paid by alipay", "¥746.00"),
        ("20:00", "Ordered at 山房茶事", ""),
    ]


def test_a_line_leads_to_its_product(owners_browser: Client, parcel: Order) -> None:
    shelve([Good(sku="BC-357", name="寿眉饼")])
    variant = Variant.objects.get()
    parcel.lines.update(variant=variant)
    page = owners_browser.get(reverse("orders:order", args=[parcel.pk])).content.decode()
    assert reverse("catalog:product", args=[variant.product_id]) in page


def test_the_recipient_is_shown_masked(owners_browser: Client, parcel: Order) -> None:
    page = owners_browser.get(reverse("orders:order", args=[parcel.pk])).content.decode()
    assert "林** 183****2807" in page
    assert "浙江省杭州市西湖区 ***" in page
    for secret in ("林晓", "18300002807", "文三路"):
        assert secret not in page


def test_an_order_costs_the_same_however_long_it_is(
    owners_browser: Client, parcel: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("orders:order", args=[parcel.pk])
    with django_assert_num_queries(ORDER_QUERIES):
        owners_browser.get(address)
    for nth in range(2, 52):
        parcel.lines.create(line_number=nth, quantity=1, unit_price=1, amount_minor=100)
        parcel.payments.create(sequence=nth, amount_minor=100, paid_at=timezone.now())
        refund = parcel.refunds.create(
            store=parcel.store, number=f"R{nth}", refunded_at=timezone.now(), refunded_on=TODAY, currency="CNY",
            amount_minor=1, source="own",
        )  # fmt: skip
        refund.lines.create(line_number=1, quantity=-1, unit_price=1, amount_minor=-1)
    with django_assert_num_queries(ORDER_QUERIES):
        owners_browser.get(address)


@pytest.mark.parametrize("word", ["ord_0000000000000", "ord_9WDXWNVX5FJ1N", "1", "cus_9WDXWNVX5FJ1N"])
def test_an_unknown_order_is_not_found(owners_browser: Client, word: str) -> None:
    assert owners_browser.get(f"/orders/{word}/").status_code == 404


def test_a_customers_figures_say_what_they_bought(owners_browser: Client, loyal: Customer, parcel: Order) -> None:
    card = owners_browser.get(reverse("orders:customer-figures", args=[loyal.pk])).content.decode()
    for words in ("¥2,740", "¥150 refunded", ">9<", "¥304", f"?customer={loyal.public_id}"):
        assert words in card, words


def test_whoever_bought_nothing_is_told_what_will_stand_there(owners_browser: Client, db: None) -> None:
    nobody = Customer.objects.create(name="Walk-in")
    for route, words in (("customer-figures", "No paid order yet."), ("customer-orders", "No orders yet.")):
        assert words in owners_browser.get(reverse(f"orders:{route}", args=[nobody.pk])).content.decode()


def test_the_latest_ten_orders_stand_on_the_customers_page(
    owners_browser: Client, loyal: Customer, tea_house: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("orders:customer-orders", args=[loyal.pk])
    with django_assert_num_queries(5):
        assert owners_browser.get(address).content.decode().count("<tr>") == 9
    for nth in range(20):
        buy(loyal, tea_house, on=TODAY, goods_minor=nth)
    with django_assert_num_queries(5):
        card = owners_browser.get(address).content.decode()
    assert card.count("<tr>") == 11
    assert "All 28 orders" in card


def test_orders_are_for_whose_role_sees_them(loyal: Customer, outsider: Staff, monkeypatch: Any) -> None:
    monkeypatch.setitem(
        __import__("guanxi.accounts.roles", fromlist=["ALLOWED"]).ALLOWED, Role.CLERK, frozenset({"customers.view"})
    )
    clerk = hired("kit", "Kit", Role.CLERK)
    client = Client()
    client.force_login(clerk)
    assert client.get(LIST).status_code == 403
    assert list(Order.objects.visible_to(clerk)) == []
    assert list(Refund.objects.visible_to(outsider)) == []
    page = client.get(reverse("customers:customer", args=[loyal.pk])).content.decode()
    assert 'data-panel="orders"' not in page
