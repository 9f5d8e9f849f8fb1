"""The panel of habits in a real browser, at a desk and on a phone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guanxi.customers import dispatch
from guanxi.customers.models import Customer, Event
from guanxi.orders.models import Order, OrderLine, Payment
from tests.browser import PHONE, seen
from tests.customers.dynamics.test_keeping import browses, did

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_habits_are_read_at_a_desk_and_on_a_phone(shop: Callable[..., Any], loyal: Customer) -> None:
    browses(loyal, sundays=12)
    tea = {"name": "2018 老白茶饼 357g 礼盒装", "price": 468, "currency": "CNY"}
    for nth in range(30):
        at = dt.datetime(2024, 9, 1, 3, tzinfo=dt.UTC) + nth * dt.timedelta(days=2, hours=7)
        did(
            loyal, "Product Added" if nth % 9 == 0 else "Product Viewed", at, sku=f"S{nth % 4}", device="desktop", **tea
        )
    for order in Order.objects.filter(customer=loyal):
        told = {"sku": "T9", "category": "白茶", "quantity": 1, "unit_price": 268, "amount_minor": 26_800}
        OrderLine.objects.create(order=order, line_number=1, **told)
        Payment.objects.create(order=order, method="微信支付", amount_minor=26_800, paid_at=order.placed_at)
    dispatch.tell_all()
    assert Event.objects.exists()
    address = f"/customers/{loyal.public_id}/"
    for name, language in (("desk", "en-GB"), ("desk-zh", "zh-CN")):
        page = shop(address, locale=language)
        card = page.locator("#habits")
        card.locator("svg").last.wait_for()
        seen(page, f"habits-{name}")
        assert page.heard == []
    card.locator("summary").click()
    assert card.locator(".gx-pop-body").is_visible()
    for name, language in (("phone", "en-GB"), ("phone-zh", "zh-CN")):
        page = shop(f"{address}?tab=about", locale=language, **PHONE)
        page.locator("#habits").scroll_into_view_if_needed()
        page.locator("#habits svg").last.wait_for()
        seen(page, f"habits-{name}")
