"""A webhook in a real browser: added, tested, found in the log and replayed, on a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import rounds
from tests.browser import PHONE, seen
from tests.ingest.webhooks.conftest import Receiver, ordered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_webhook_is_added_tested_found_in_the_log_and_replayed(shop: Callable[..., Any], receiver: Receiver) -> None:
    page = shop("/settings/webhooks/")
    page.click("main >> text=Add a webhook")
    page.fill("#id_url", receiver.url)
    page.fill("#id_description", "ERP")
    page.fill("#sift", "order comp")
    assert page.locator("input[name=names]:visible").count() == 1
    page.press("#sift", "Enter")
    page.check("input[value='Order Completed']")
    page.fill("#sift", "")
    assert page.locator("input[name=names]:visible").count() == 0
    page.click("summary:has-text('Merges')")
    page.check("[name=whole][value=identity]")
    page.uncheck("input[value='Profiles Separated']")
    assert page.locator("[data-gx-chosen]").all_inner_texts() == ["1", "0", "0", "0", "0", "2"]
    page.reload()
    assert page.locator("[data-gx-chosen]").all_inner_texts() == ["1", "0", "0", "0", "0", "2"]
    seen(page, "webhook-form")
    page.click("text=Add the webhook")
    page.wait_for_selector("#secret")
    webhook = Webhook.objects.get()
    assert webhook.names == ["Customers Merged", "Customers Unmerged", "Order Completed"]
    assert page.input_value("#secret") == webhook.secret
    page.click("text=Send a test event")
    page.wait_for_selector("text=It is sent in a moment")
    rounds.send_all(webhook.pk)
    page.wait_for_selector("main >> text=Delivered")
    seen(page, "webhook-test")
    ordered()
    rounds.send_all(webhook.pk)
    page.click("main >> text=Delivery log")
    page.click("main >> text=Order Completed")
    page.click("text=Send it once more")
    page.wait_for_selector("dd:has-text('Waiting')")
    rounds.send_all(webhook.pk)
    page.wait_for_selector("dd:has-text('Delivered')")
    assert receiver.ids[1] == receiver.ids[2]
    assert WebhookDelivery.objects.count() == 3
    assert page.heard == []
    phone = shop(f"/settings/webhooks/{webhook.public_id}/", **PHONE)
    seen(phone, "webhook-phone")
    phone.goto(phone.url.replace(webhook.public_id, "deliveries"))
    seen(phone, "webhook-log-phone")
    assert phone.heard == []
