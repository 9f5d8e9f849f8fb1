"""Our own script in a real Chromium, on a page of another origin that allows no script of its own text."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from guanxi.customers.models import Customer, Event
from guanxi.ingest.collection.snippet import STUB, recipes
from tests.ingest.sdks.conftest import Shop, calls, worked
from tests.web.process import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
EARLY = (
    STUB
    + """
guanxi.track("Product Viewed", { sku: "T-1", price: 268 });
guanxi.identify("u-1", { name: "Ada Byron", email: "ada@example.com" });
guanxi.group("club"); guanxi.alias("u-1", "old-1");
guanxi.ready(function () { document.title = "Ready" });
"""
)


@pytest.fixture
def pages(browser: Any, key: str, shop: Shop) -> Iterator[Any]:
    """Open the shop's page with the tag and more attributes, in a window of its own or in one given."""
    contexts: list[Any] = []

    def opened(
        attributes: str = "", *, early: str = STUB, path: str = "/tea", inside: Any = None, init: str = ""
    ) -> Any:
        page = (inside or browser.new_context(locale="en-GB", timezone_id="Asia/Shanghai")).new_page()
        contexts.append(page.context)
        shop.pages["/early.js"] = early
        shop.headers = [
            ("Content-Security-Policy", f"default-src 'none'; script-src 'self' {shop.host}; connect-src {shop.host}")
        ]
        shop.pages[path] = (
            '<title>Tea</title><link rel="icon" href="data:,"><script src="/early.js"></script>'
            f'<script async src="{shop.host}/v1/guanxi.js" data-write-key="{key}" {attributes}></script>'
        )
        page.add_init_script(init) if init else None
        page.goto(f"{shop.site}{path}?utm_source=wechat&utm_campaign=%E5%8F%8C%2011&id=7")
        comes(page, "window.guanxi && window.guanxi.version")
        return page

    yield opened
    for context in contexts:
        context.close()


def comes(page: Any, true: str) -> None:
    """Wait for something to be so in a page; Playwright's own waiting evaluates text, which the page forbids."""
    until(lambda: page.evaluate(true), 30)


def kept(page: Any) -> tuple[list[str], list[str]]:
    """Give the names of what the browser keeps: cookies, and what stands in its storage."""
    return sorted(each["name"] for each in page.context.cookies()), sorted(page.evaluate("Object.keys(localStorage)"))


def test_calls_made_before_it_is_loaded_are_sent_and_say_where_they_were_made(pages: Any, key: str, shop: Shop) -> None:
    page = pages("data-first-page", early=EARLY)
    comes(page, "document.title === 'Ready'")
    until(lambda: len(calls()) >= 5, 30)
    first = calls()[0]
    (cookie,) = page.context.cookies()
    assert first["anonymousId"] == cookie["value"]
    assert (cookie["domain"], cookie["sameSite"], cookie["httpOnly"]) == ("localhost", "Lax", False)
    context = first["context"]
    assert (context["campaign"], context["timezone"]) == ({"source": "wechat", "name": "双 11"}, "Asia/Shanghai")
    assert (context["page"]["path"], context["locale"]) == ("/tea", "en-GB")
    assert worked(5) == Counter({"Page Viewed": 1, "Product Viewed": 1})
    ada = Customer.objects.get(name="Ada Byron")
    assert set(Event.objects.filter(source="web").values_list("customer", flat=True)) == {ada.pk}
    seen = Event.objects.get(name="Page Viewed").properties
    assert (seen["utm_campaign"], seen["device"], seen["path"]) == ("双 11", "desktop", "/tea")
    assert "OPTIONS" not in {method for method, _path in shop.asked}


def test_a_visitor_keeps_the_device_and_gets_another_one_at_sign_out(pages: Any, key: str) -> None:
    page = pages()
    page.evaluate("guanxi.identify('u-1'); guanxi.page()")
    page = pages(path="/two", inside=page.context)
    page.evaluate("guanxi.page(); guanxi.reset(); guanxi.page()")
    until(lambda: len(calls()) >= 4, 30)
    told = {each["messageId"]: (each["anonymousId"], each.get("userId")) for each in calls()}
    (one, many), (other, once) = Counter(told.values()).most_common()
    assert (one[1], many, other[1], once) == ("u-1", 3, None, 1)
    assert one[0] != other[0]


def test_what_cannot_be_sent_waits_over_pages_and_counts_once(pages: Any, key: str, shop: Shop) -> None:
    shop.down = True
    page = pages()
    page.evaluate("guanxi.track('Product Added', { sku: 'T-1' })")
    until(lambda: ("POST", "/v1/batch") in shop.asked, 30)
    page.context.set_offline(True)
    page.evaluate("guanxi.track('Cart Viewed')")
    page.context.set_offline(False)
    page.close()
    shop.down = False
    page = pages(path="/two", inside=page.context)
    assert worked(2) == Counter({"Product Added": 1, "Cart Viewed": 1})
    comes(page, "localStorage.getItem('guanxi.queue') === null")


def test_what_is_told_at_leave_is_sent(pages: Any, key: str, shop: Shop) -> None:
    page = pages()
    page.evaluate("XMLHttpRequest.prototype.send = function () {}; guanxi.track('Product Clicked', { sku: 'T-1' })")
    page.goto("about:blank")
    assert worked(1) == Counter({"Product Clicked": 1})


def test_nothing_is_kept_or_sent_before_consent_and_all_is_forgotten_at_a_no(pages: Any, key: str, shop: Shop) -> None:
    page = pages('data-first-page data-consent="required"', early=EARLY)
    comes(page, "document.title === 'Ready'")
    assert kept(page) == ([], [])
    page.evaluate("guanxi.consent(true)")
    until(lambda: len(calls()) >= 5, 30)
    comes(page, "localStorage.getItem('guanxi.queue') === null")
    page.evaluate("guanxi.track('Cart Viewed'); guanxi.consent(false); guanxi.track('Cart Viewed')")
    assert kept(page) == ([], ["guanxi.consent"])
    page = pages(path="/two", inside=page.context, attributes="data-first-page")
    assert kept(page) == ([], ["guanxi.consent"])
    assert worked(5) == Counter({"Page Viewed": 1, "Product Viewed": 1})


@pytest.mark.parametrize("signal", ["globalPrivacyControl', { value: true }", "doNotTrack', { value: '1' }"])
def test_who_asks_not_to_be_tracked_is_not(pages: Any, key: str, shop: Shop, signal: str) -> None:
    init = f"Object.defineProperty(navigator, '{signal})"
    page = pages("data-first-page", early=EARLY, init=init)
    comes(page, "document.title === 'Ready'")
    page.evaluate("guanxi.consent(true); guanxi.page()")
    assert kept(page) == ([], [])
    page.goto("about:blank")
    page = pages('data-first-page data-respect-do-not-track="false"', path="/two", init=init, inside=page.context)
    until(calls, 30)
    assert {each["context"]["page"]["path"] for each in calls()} == {"/two"}


def test_the_tag_that_is_copied_works_as_it_is(browser: Any, key: str, shop: Shop) -> None:
    tag = recipes(shop.host, key)[0].code
    shop.pages["/"] = f"<title>Tea</title>{tag}<script>guanxi.track('Cart Viewed', {{ circle: window }})</script>"
    shop.pages["/"] += "<script>guanxi.track('Cart Viewed', { cart_id: 'c-1' })</script>"
    page = browser.new_context().new_page()
    page.goto(shop.site + "/")
    assert worked(2) == Counter({"Page Viewed": 1, "Cart Viewed": 1})
    page.context.close()
