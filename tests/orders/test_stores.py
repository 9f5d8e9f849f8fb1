"""Stores and the shop's name, changed without code."""

import pytest
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer
from guanxi.orders.models import Company, Store
from guanxi.orders.models.store import CurrencyFixed

PAGE = "/orders/stores/"
TOLD = {
    "name": "Market stall",
    "code": "stall",
    "channel": "counter",
    "currency": "eur",
    "time_zone": "Europe/Berlin",
    "colour": "3",
}


def test_an_owner_opens_a_store(owners_browser: Client, tea_house: Store) -> None:
    assert owners_browser.post(f"{PAGE}new/", TOLD).status_code == 302
    stall = Store.objects.get(code="stall")
    assert (stall.currency, stall.time_zone, stall.colour) == ("EUR", "Europe/Berlin", 3)
    assert AuditEntry.objects.filter(act="store.opened", subject=f"store:{stall.pk}").exists()
    page = owners_browser.get(PAGE).content.decode()
    assert ("Market stall" in page, "山房茶事" in page) == (True, True)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"code": "tea"}, "store of this code"),
        ({"code": "Stall!"}, "Small Latin letters"),
        ({"currency": "XXZ"}, "no currency"),
        ({"time_zone": "Europe/Nowhere"}, "no such time zone"),
        ({"time_zone": "../../etc/passwd"}, "no such time zone"),
        ({"channel": "moon"}, "not one of the available"),
        ({"name": "a\x00b"}, "haracter"),
        ({"name": "x" * 121}, "120"),
        ({"colour": "red"}, "not one of the available"),
    ],
)
def test_what_a_store_cannot_be_is_said_and_nothing_is_opened(
    owners_browser: Client, tea_house: Store, wrong: dict[str, str], why: str
) -> None:
    answer = owners_browser.post(f"{PAGE}new/", {**TOLD, **wrong})
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    assert Store.objects.count() == 1


def test_the_currency_stays_once_there_are_orders(
    owners_browser: Client, tea_house: Store, loyal: Customer, owner: Staff
) -> None:
    told = {"name": "山房", "channel": "own", "currency": "USD", "time_zone": "Asia/Shanghai", "colour": "1"}
    answer = owners_browser.post(f"{PAGE}{tea_house.pk}/", told)
    assert (answer.status_code, "has orders in CNY" in answer.content.decode()) == (422, True)
    tea_house.refresh_from_db()
    assert (tea_house.name, tea_house.currency) == ("山房茶事", "CNY")
    with pytest.raises(CurrencyFixed):
        tea_house.change({"currency": "USD"}, by=owner)


def test_before_the_first_order_the_currency_may_change(tea_house: Store, owner: Staff) -> None:
    assert tea_house.change({"currency": "USD"}, by=owner) == ["currency"]
    assert tea_house.change({"currency": "USD"}, by=owner) == []


def test_a_change_of_the_clock_says_what_it_changes_and_leaves_the_days_of_orders(
    owners_browser: Client, tea_house: Store, loyal: Customer
) -> None:
    assert "stay on the days they have" in owners_browser.get(f"{PAGE}{tea_house.pk}/").content.decode()
    days = list(loyal.orders.order_by("pk").values_list("placed_on", flat=True))
    told = {"name": "山房茶事", "channel": "own", "currency": "CNY", "time_zone": "Europe/London", "colour": "0"}
    assert owners_browser.post(f"{PAGE}{tea_house.pk}/", told).status_code == 302
    tea_house.refresh_from_db()
    assert tea_house.time_zone == "Europe/London"
    assert list(loyal.orders.order_by("pk").values_list("placed_on", flat=True)) == days


def test_the_shop_is_called_as_its_owner_says(owners_browser: Client, tea_house: Store) -> None:
    owners_browser.post(f"{PAGE}company/", {"name": "山房"})
    assert Company.objects.get().name == "山房"
    assert "山房" in owners_browser.get("/settings/").content.decode()
    assert owners_browser.post(f"{PAGE}company/", {"name": "a\x07"}).status_code == 422
    assert Company.objects.get().name == "山房"


def test_what_the_page_of_stores_costs_does_not_grow(
    owners_browser: Client, tea_house: Store, django_assert_max_num_queries: object
) -> None:
    for nth in range(5):
        Store.open(f"s{nth}", name=f"S{nth}", channel="own", currency="CNY", time_zone="UTC")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        owners_browser.get(PAGE)


def test_a_store_is_asked_for_the_name_of_a_thing_and_no_one_time_code(owners_browser: Client) -> None:
    page = owners_browser.get(f"{PAGE}new/", headers={"Accept-Language": "zh-CN"}).content.decode()
    labels = [label for label in ("姓名", "验证码", "名称", "代码") if f">{label}</label>" in page]
    assert labels == ["名称", "代码"]
