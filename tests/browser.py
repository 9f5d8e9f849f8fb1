"""Pages in a real Chromium, opened by somebody signed in: fixtures and helpers of the browser's tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.pages import build

CHROMIUM = Path(os.environ.get("GUANXI_CHROMIUM") or "/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"viewport": {"width": 1440, "height": 1010}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists() or not (build.VENDOR / "gx.css").exists():
        pytest.skip("Chromium or the built front-end files are missing")
    patch = pytest.MonkeyPatch()
    patch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # Playwright keeps a loop in this thread, which asks nothing of the book
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()
    patch.undo()


@pytest.fixture
def shop(chromium: Any, live_server: Any, owner: Staff) -> Iterator[Callable[..., Any]]:
    """Open pages as the owner; whatever the console says is heard."""
    contexts: list[Any] = []
    client = Client()
    client.force_login(owner)

    def opened(path: str, **given: Any) -> Any:
        context = chromium.new_context(**{"locale": "en-GB", **DESK, **given})
        contexts.append(context)
        cookie = client.cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.heard = []
        page.on("console", lambda said: page.heard.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


def seen(page: Any, name: str) -> None:
    """Check that the page fits its window, and keep a picture where one is wanted."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is too wide"
    if folder := os.environ.get("GUANXI_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial")
