"""The pages of a shop that holds nothing yet: whoever opens it first can use them."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.accounts.models import OwnerLink
from tests.e2e.conftest import READERS
from tests.measures import NARROW, SMALL_TARGETS, Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMPTY = ("/", "/customers/", "/orders/", "/imports/", "/insight/rfm/", "/insight/rfm/rules/", "/insight/cooling/")


@pytest.mark.parametrize("reader", READERS)
def test_the_owners_first_page_serves_everybody(chromium: Any, live_server: Any, reader: str) -> None:
    context = chromium.new_context(**READERS[reader])
    found = visit(context, f"{live_server.url}/welcome/{OwnerLink.issue()}/")
    assert (found.heard, found.refused, found.faults()) == ([], [], [])
    found.page.click("main [type=submit]")
    found.page.locator(".gx-errors, :invalid").first.wait_for()
    assert found.faults() == []
    assert found.width(NARROW) <= NARROW
    context.close()


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_page_serves_everybody(shop: Callable[..., Any], reader: str) -> None:
    page = shop(EMPTY[0], **READERS[reader])
    base = page.url.rstrip("/")
    for path in EMPTY:
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        assert Visit(page).faults(opened=True) == [], path
        assert page.evaluate(SMALL_TARGETS, 24 if reader == "desk" else 40) == [], path
    assert page.heard == []
