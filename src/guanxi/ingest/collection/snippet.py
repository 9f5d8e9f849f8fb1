"""What one copies to have events sent here: the tag of our own script, and how libraries are told this address."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

STUB = (
    "window.guanxi=window.guanxi||[];"
    '["identify","track","page","group","alias","reset","ready","consent"].forEach(function(m){'
    "guanxi[m]=guanxi[m]||function(){guanxi.push([m].concat([].slice.call(arguments)))}})"
)
TAG = f"""<script>{STUB}</script>
<script async src="%(host)s/v1/guanxi.js" data-write-key="%(key)s" data-first-page></script>"""
NEXT = """import { AnalyticsBrowser } from "@segment/analytics-next"

const analytics = AnalyticsBrowser.load({ writeKey: "%(key)s", cdnURL: "%(host)s" })
analytics.track("Product Viewed", { sku: "T-1001", price: 268, currency: "CNY" })"""
RUDDER = """import { RudderAnalytics } from "@rudderstack/analytics-js/bundled"

const analytics = new RudderAnalytics()
analytics.load("%(key)s", "%(host)s", { configUrl: "%(host)s" })
analytics.track("Product Viewed", { sku: "T-1001", price: 268, currency: "CNY" })"""
PYTHON = """from segment.analytics import Client

analytics = Client("%(key)s", host="%(host)s")
analytics.track("customer-7", "Order Completed", {"order_id": "A-1", "total": 268, "currency": "CNY"})
analytics.shutdown()  # before the program ends: sends what still waits"""
NODE = """import { Analytics } from "@segment/analytics-node"

const analytics = new Analytics({ writeKey: "%(key)s", host: "%(host)s" })
analytics.track({
  userId: "customer-7", event: "Order Completed", properties: { order_id: "A-1", total: 268, currency: "CNY" },
})
await analytics.closeAndFlush() // before the program ends: sends what still waits"""
CURL = """curl %(host)s/v1/track -u %(key)s: -H 'Content-Type: application/json' -d '{
  "anonymousId": "a-device", "event": "Product Viewed", "properties": {"sku": "T-1001", "price": 268, "currency": "CNY"}
}'"""


@dataclass(frozen=True)
class Recipe:
    """One way of sending: `code` is copied as it is, `language` is that of the code, as in a fence of Markdown."""

    name: str
    title: str
    language: str
    code: str


def recipes(host: str, write_key: str) -> list[Recipe]:
    """Give every way of sending to a host, an address without a slash at its end, our own script first.

    >>> [each.name for each in recipes("https://crm.example", "gxw_1")]
    ['guanxi', 'analytics-next', 'rudderstack', 'python', 'node', 'curl']
    """
    page, server = _("In pages, by %(library)s"), _("On a server, by %(library)s")
    told = {"host": host.rstrip("/"), "key": write_key}
    ways = (
        ("guanxi", _("Guanxi’s own script, in the head of every page"), "html", TAG),
        ("analytics-next", page % {"library": "@segment/analytics-next"}, "js", NEXT),
        ("rudderstack", page % {"library": "@rudderstack/analytics-js"}, "js", RUDDER),
        ("python", server % {"library": "segment-analytics-python"}, "python", PYTHON),
        ("node", server % {"library": "@segment/analytics-node"}, "js", NODE),
        ("curl", _("A first event, to try it"), "sh", CURL),
    )
    return [Recipe(name, title, language, code % told) for name, title, language, code in ways]
