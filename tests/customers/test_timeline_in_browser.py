"""A story goes on by itself where somebody scrolls, on a desk and on a phone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guanxi.customers.models import Customer
from tests.browser import DESK, PHONE, seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_scrolling_goes_on_to_the_beginning(shop: Callable[..., Any], loyal: Customer, size: Any) -> None:
    for nth in range(70):
        loyal.record("Quiz Finished", at=NOON - nth * dt.timedelta(hours=7), score=nth)
    page = shop(f"/customers/{loyal.public_id}/", **size)
    story = page.locator("#timeline-panel .gx-story")
    story.locator(".gx-event").nth(15).wait_for()
    seen(page, f"timeline")
    for count in (30, 50, 70):
        story.locator(".gx-event").last.scroll_into_view_if_needed()
        story.locator(".gx-event").nth(count - 1).wait_for()
    assert story.locator(".gx-event").count() == 70
    assert story.locator(".gx-timeline-more").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.heard == []
