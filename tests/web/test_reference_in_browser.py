"""The page about the API in a browser: every call fits a phone, with what it takes in the reader's language."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests.browser import DESK, PHONE, chromium, seen, shop

__all__ = ["chromium", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)
OPEN = "document.querySelectorAll('details.gx-call').forEach(each => { each.open = true; })"


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_every_call_fits_the_window_when_it_is_opened(shop: Callable[..., Any], width: str) -> None:
    page = shop(
        reverse("api-reference-group", args=["customers"]),
        **{**(PHONE if width == "phone" else DESK), "locale": "zh-CN"},
    )
    page.evaluate(OPEN)
    seen(page, f"api-reference-group-zh-{width}")
    assert "自定义字段" in page.text_content("#list_customers table")
    assert page.heard == []


def test_a_call_is_opened_from_the_list_of_all(shop: Callable[..., Any]) -> None:
    page = shop(reverse("api-reference"), **DESK)
    page.click("a[href$='#send_orders']")
    page.locator("#send_orders[open] table").wait_for()
    seen(page, "api-reference-group-en-desk")
    assert page.locator("details[open]").count() == 1
    assert page.heard == []
