"""A source is made, sends, and is seen to; what it sends wrongly waits in quarantine: in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from guanxi.ingest.collection import keys
from guanxi.ingest.collection.keys import KEYS
from guanxi.ingest.collection.working import work_off
from guanxi.ingest.models import EventSource, Quarantined, WriteKey
from tests.browser import DESK, PHONE, seen
from tests.ingest.collection.test_door import basic, send
from tests.measures import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CALL = {"type": "track", "event": "Product Viewed", "anonymousId": "b1"}
TOLD = {"sku": "T-1001", "price": 268, "email": "x@y.cn"}
CART, QUIZ = {"type": "page", "userId": "u1", "name": "Cart"}, {"type": "track", "event": "Quiz Finished"}


@pytest.fixture(autouse=True)
def door(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.HOME = tmp_path
    monkeypatch.setattr(keys, "close_old_connections", lambda: None)
    KEYS.forget()
    yield
    KEYS.forget()


def tell(*calls: dict[str, Any]) -> None:
    secret = WriteKey.objects.get().secret
    assert send("/v1/batch", {"batch": calls}, **basic(secret)).status == 200
    work_off()


@pytest.mark.parametrize("given", [{**DESK, "locale": "en-GB"}, {**PHONE, "locale": "zh-CN"}], ids=["desk", "phone"])
def test_a_source_sends_and_is_seen_and_what_it_sends_wrongly_waits(shop: Any, given: dict[str, Any]) -> None:
    page = shop(reverse("event-sources"), **given)
    name = f"{given['locale']}"
    seen(page, f"sources-none-{name}")
    page.locator(".gx-empty .gx-btn-primary").click()
    page.fill("#id_name", "Tea app")
    page.fill("#id_origins", "shop.example")
    seen(page, f"source-new-{name}")
    page.locator("main form[method=post] .gx-btn-primary").click()
    page.wait_for_selector("#secret")
    assert page.input_value("#secret") == WriteKey.objects.get().secret
    tag = page.locator("[id^=recipe-]").first
    assert (WriteKey.objects.get().secret in tag.inner_text(), page.locator("[data-gx-copy]:visible").count()) == (
        True,
        7,
    )
    assert Visit(page).faults() == []
    seen(page, f"source-key-{name}")
    page.locator("main a.gx-btn-primary").click()
    page.locator("[data-gx-live] .gx-caption").wait_for()
    tell({**CALL, "properties": TOLD}, CART, QUIZ)
    page.locator("[data-gx-live] li", has_text="T-1001").wait_for()
    page.reload()
    page.wait_for_load_state("networkidle")
    page.locator("details.gx-seen summary").first.click()
    seen(page, f"source-{name}")
    page.goto(page.url.split("/sources/")[0] + "/")
    page.wait_for_load_state("networkidle")
    seen(page, f"sources-{name}")
    page.goto(page.url + "quarantine/")
    page.wait_for_load_state("networkidle")
    seen(page, f"quarantine-{name}")
    page.locator("td a", has_text="Quiz Finished").click()
    page.locator("pre.gx-code").wait_for()
    seen(page, f"quarantined-{name}")
    page.locator("button[value=retry]").click()
    page.wait_for_selector("[data-gx-rows]")
    assert Quarantined.objects.get().tried_at
    page.locator("td a", has_text="Quiz Finished").click()
    page.locator("button[value=drop]").click()
    page.locator("main .gx-btn-danger").wait_for()
    seen(page, f"quarantine-drop-{name}")
    page.locator("main .gx-btn-danger").click()
    page.wait_for_selector(".gx-empty")
    assert (Quarantined.objects.count(), EventSource.objects.count(), page.heard) == (0, 1, [])
