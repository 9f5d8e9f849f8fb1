"""The four libraries as their registries give them, told our host and nothing else, send every kind of call."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from segment.analytics import Client

from guanxi.customers.models import Customer, Event, Identifier
from guanxi.ingest.collection.snippet import recipes
from tests.ingest.sdks.conftest import BUNDLES, MODULES, Shop, worked

pytestmark = pytest.mark.django_db
SENT = Counter({"Product Viewed": 1, "Page Viewed": 1, "Screen Viewed": 1})
NO_SCREEN = SENT - Counter({"Screen Viewed": 1})
EVERY_CALL = """
  analytics.track("Product Viewed", { sku: "T-1" }); analytics.page("Tea"); %s
  analytics.identify("u-1", { name: "Ada Byron", email: "ada@example.com" });
  analytics.group("club", { name: "Tea club" }); analytics.alias("u-1", "old-1");
"""
NEXT = """<title>Tea</title><script src="/next.js"></script><script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: "%s", cdnURL: "%s" }%s);
  analytics.on("error", (error) => { throw error });
""" + EVERY_CALL % 'analytics.screen("Cart");'  # fmt: skip
RUDDER = """<title>Tea</title><script src="/rudder.js"></script><script>
  const analytics = new rudderanalytics.RudderAnalytics();
  analytics.load("%s", "%s", { configUrl: "%s"%s });
""" + EVERY_CALL % ""  # fmt: skip


def everybody_is_ada() -> None:
    """Check that all that happened is one person's, who is known by her number, her old one and her e-mail."""
    ada = Customer.objects.get(name="Ada Byron")
    assert set(Event.objects.filter(source="web").values_list("customer", flat=True)) == {ada.pk}
    kinds = Identifier.objects.filter(profile__customer=ada).values_list("kind", flat=True)
    assert Counter(kinds)[Identifier.Kind.EXTERNAL_ID] == 2
    assert Identifier.Kind.EMAIL in set(kinds)


@pytest.mark.parametrize("more", [{}, {"gzip": True, "upload_size": 1}], ids=["together", "packed one by one"])
def test_the_python_library_sends_every_call(key: str, shop: Shop, more: dict[str, Any]) -> None:
    heard: list[Any] = []
    client = Client(key, host=shop.host, on_error=lambda error, _items: heard.append(error), **more)
    client.track(anonymous_id="device-1", event="Product Viewed", properties={"sku": "T-1"})
    client.page(anonymous_id="device-1", name="Tea")
    client.screen(anonymous_id="device-1", name="Cart")
    client.alias("old-1", "u-1")
    client.group("u-1", "club", {"name": "Tea club"})
    client.identify("u-1", {"name": "Ada Byron", "email": "ada@example.com"}, anonymous_id="device-1")
    client.shutdown()
    assert (worked(6), heard) == (SENT, [])
    everybody_is_ada()


def test_the_library_of_node_sends_every_call(key: str, shop: Shop) -> None:
    node = shutil.which("node")
    if not node or not (MODULES / "@segment/analytics-node").exists():
        pytest.skip("Node or the packages of package-lock.json are missing")
    script = Path(__file__).with_name("every_call.mjs")
    ended = subprocess.run([node, script, shop.host, key], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert worked(6) == SENT
    everybody_is_ada()


def opened(browser: Any, shop: Shop, html: str) -> Any:
    """Open a page of the shop; whatever its console says is heard."""
    if not all(path.exists() for path in BUNDLES.values()):
        pytest.skip("the packages of package-lock.json are missing")
    shop.pages["/"] = html
    page = browser.new_context().new_page()
    page.heard = []
    page.on("console", lambda said: page.heard.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.goto(shop.site + "/")
    return page


@pytest.mark.browser
@pytest.mark.parametrize(
    "more",
    ["", ', { integrations: { "Segment.io": { deliveryStrategy: { strategy: "batching", config: { size: 6 } } } } }'],
    ids=["one by one", "in batches"],
)
def test_analytics_next_sends_every_call(browser: Any, key: str, shop: Shop, more: str) -> None:
    page = opened(browser, shop, NEXT % (key, shop.host, more) + "</script>")
    assert worked(6) == SENT
    assert page.heard == []
    page.context.close()
    everybody_is_ada()


@pytest.mark.browser
@pytest.mark.parametrize("more", ["", ", useBeacon: true, beaconQueueOptions: { flushQueueInterval: 300 }"])
def test_the_library_of_rudderstack_sends_every_call(browser: Any, key: str, shop: Shop, more: str) -> None:
    page = opened(browser, shop, RUDDER % (key, shop.host, shop.host, more) + "</script>")
    assert worked(5) == NO_SCREEN
    assert page.heard == []
    page.context.close()
    everybody_is_ada()


def test_the_recipes_name_this_host_and_key_and_no_other(key: str) -> None:
    for each in recipes("https://crm.example/", key):
        assert "https://crm.example" in each.code
        assert key in each.code
        assert "crm.example//" not in each.code
