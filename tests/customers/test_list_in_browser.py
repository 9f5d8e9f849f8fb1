"""The list of customers in a real browser, by keyboard: found by initials, chosen, tagged together, taken back."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, Tagging
from guanxi.pages import build
from tests.customers.conftest import scored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHROMIUM = Path(os.environ.get("GUANXI_CHROMIUM") or "/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def listed(live_server: Any, owner: Staff, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Open the list as the owner; whatever the console says is heard."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists() or not (build.VENDOR / "gx.css").exists():
        pytest.skip("Chromium or the built front-end files are missing")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
    client = Client()
    client.force_login(owner)
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)

        def opened(**given: Any) -> Any:
            context = chromium.new_context(**{"locale": "en-GB", **DESK, **given})
            cookie = client.cookies["sessionid"]
            context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
            page = context.new_page()
            page.heard = []
            page.on("console", lambda said: page.heard.append(said.text) if said.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: page.heard.append(str(error)))
            page.goto(f"{live_server.url}/customers/")
            page.wait_for_load_state("networkidle")
            return page

        yield opened
        chromium.close()


def seen(page: Any, name: str) -> None:
    """Keep a picture where one is wanted."""
    if folder := os.environ.get("GUANXI_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", caret="initial")


def test_people_are_found_chosen_tagged_and_untagged_by_keyboard(
    listed: Callable[..., Any], loyal: Customer, lapsed: Customer, two_identities: Customer
) -> None:
    for each in (loyal, lapsed, two_identities):
        scored(each, 4.0, "high_value")
    page = listed()
    rows = page.locator("[data-gx-customer]")
    page.keyboard.press("/")
    page.keyboard.type("2807")
    page.wait_for_url("**q=2807**")
    assert rows.count() == 1
    page.keyboard.press("Control+a")
    page.keyboard.type("lx")
    page.wait_for_url("**q=lx**")
    assert rows.get_attribute("data-gx-customer") == loyal.public_id

    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    rows.nth(2).wait_for()
    page.evaluate("document.activeElement.blur()")
    bar = page.locator("[data-gx-chosen]")
    assert not bar.is_visible()
    for key in "jxjx":
        page.keyboard.press(key)
    assert page.locator("[data-gx-chosen-count]").inner_text() == "2 chosen"
    assert bar.is_visible()
    seen(page, "list-chosen")
    page.keyboard.press("Escape")
    assert not bar.is_visible()

    page.keyboard.press("x")
    bar.locator("[value=tag]").focus()
    page.keyboard.press("Enter")
    page.locator("[name=word]").wait_for()
    page.locator("[name=word]").focus()
    page.keyboard.type("gift")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tag 1 customer").wait_for()
    seen(page, "list-asked")
    assert not Tagging.objects.exists()
    page.keyboard.press("Enter")
    page.locator("[data-gx-toast]", has_text="Tagged 1 customer “gift”.").wait_for()
    assert Tagging.objects.count() == 1
    seen(page, "list-tagged")
    page.keyboard.press("z")
    page.locator("[data-gx-toast]", has_text="As before for 1 customer.").wait_for()
    assert not Tagging.objects.exists()
    assert page.heard == []


def test_a_page_is_chosen_whole_and_everything_works_without_scripts(
    listed: Callable[..., Any], loyal: Customer, lapsed: Customer
) -> None:
    page = listed()
    page.locator("[data-gx-pick-page]").check()
    assert page.locator("[data-gx-chosen-count]").inner_text() == "2 chosen"
    bare = listed(java_script_enabled=False)
    bare.locator("[data-gx-pick]").first.check()
    bare.locator("[data-gx-chosen] [value=note]").click()
    bare.locator("[name=word]").fill("call back")
    bare.locator("[data-gx-sure]").click()
    bare.get_by_role("button", name="Write for 1 customer").click()
    assert "The note is kept for 1 customer." in bare.content()
