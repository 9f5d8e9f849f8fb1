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
    page = shop(reverse("api-reference"), **{**(PHONE if width == "phone" else DESK), "locale": "zh-CN"})
    page.evaluate(OPEN)
    seen(page, f"api-reference-zh-{width}")
    assert "自定义字段" in page.text_content("#list_customers table")
    assert page.heard == []
