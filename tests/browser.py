"""Pages in a real Chromium, opened by somebody signed in: fixtures and helpers of the browser's tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.pages import build
from tests import chromium as browsers
from tests.chromium import CHROMIUM, DESK, PHONE
from tests.measures import picture
from tests.web.process import until

__all__ = ["DESK", "PHONE"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists() or not (build.VENDOR / "gx.css").exists():
        pytest.skip("Chromium or the built front-end files are missing")
    patch = pytest.MonkeyPatch()
    patch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # Playwright keeps a loop in this thread, which asks nothing of the book
    with browsers.chromium() as browser:
        yield browser
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
    let_requests_end()


def let_requests_end() -> None:
    """Wait until nothing that a closed window asked for is at work: tables emptied under it are a deadlock."""
    if connection.vendor == "postgresql":
        until(lambda: at_work() == 0, 20, strict=False)


def at_work() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
        )
        return int(cursor.fetchone()[0])


def seen(page: Any, name: str) -> None:
    """Check that the page fits its window, and keep a picture where one is wanted."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is too wide"
    picture(page, name)


def arrived(page: Any, url: str) -> None:
    """Wait until a page listens to keys: its address changes before its scripts run."""
    page.wait_for_url(url)
    page.wait_for_function("Boolean(window.gxDo)")


@contextmanager
def posted(page: Any) -> Iterator[None]:
    """Wait until what is pressed inside was done: a page may change its address without going anywhere."""
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status < 400):
        yield
