"""A story goes on by itself where somebody scrolls, on a desk and on a phone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guanxi.customers.models import Customer
from tests.browser import DESK, PHONE, seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOLD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Product Added", {"name": "Ceramic teapot", "value": 128, "currency": "CNY"}),
    ("Product Viewed", {"name": "Ceramic teapot", "price": 128, "currency": "CNY"}),
    ("Products Searched", {"query": "乌龙", "results": 0}),
    ("Page Viewed", {"title": "Spring teas", "utm_campaign": "Double 11"}),
    ("Quiz Finished", {"score": 7, "taste": "floral"}),
)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_scrolling_goes_on_to_the_beginning(shop: Callable[..., Any], loyal: Customer, size: Any) -> None:
    for nth in range(70):
        name, told = TOLD[nth % len(TOLD)]
        loyal.events.create(name=name, occurred_at=NOON - nth * dt.timedelta(hours=7), source="web", properties=told)
    page = shop(f"/customers/{loyal.public_id}/", **size)
    story = page.locator("#timeline-panel .gx-story")
    story.locator(".gx-event").nth(15).wait_for()
    seen(page, "timeline-desk" if size is DESK else "timeline-phone")
    for count in (30, 50, 70):
        story.locator(".gx-event").last.scroll_into_view_if_needed()
        story.locator(".gx-event").nth(count - 1).wait_for()
    assert story.locator(".gx-event").count() == 70
    assert story.locator(".gx-timeline-more").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.heard == []
