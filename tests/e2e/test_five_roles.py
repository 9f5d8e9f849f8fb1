"""As each of the five roles in the browser: what somebody may not see is not there, and who looks says why."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.roles import Role
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Variant
from guanxi.customers.models import Customer
from guanxi.guard.sealing import seal
from guanxi.orders.models import Order
from tests.browser import seen
from tests.cast import TODAY, hired
from tests.chromium import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACES = {
    "/customers/": "OMANC", "/orders/": "OMANC", "/products/": "OMANC", "/insight/rfm/": "OMN", "/imports/": "ONC",
    "/jobs/": "O", "/settings/staff/": "O", "/settings/keys/": "O", "/settings/audit/": "O", "/settings/access/": "O",
}  # fmt: skip
BUTTONS = {  # of the list of customers, and of a customer's page
    "#main a[href='/customers/new/']": "OMA",
    "#main a[href='/imports/new/']": "OC",
    "#main a[href*='/export.csv']": "OMAN",
    "#main a[href*='/export/plainly/']": "O",
}
ON_ONE = {"#main a[href$='/reveal/']": "OA", "#main a[href$='/edit/']": "OMA", "#note-text": "OMA"}
ON_AN_ORDER = {"#main a[href$='/reveal/']": "OAC"}
LETTERS = {Role.OWNER: "O", Role.MARKETER: "M", Role.AGENT: "A", Role.ANALYST: "N", Role.CLERK: "C"}
LINKS = "[...document.querySelectorAll('nav a[href]')].map((each) => each.getAttribute('href'))"
Visit = Callable[..., Any]


@pytest.fixture
def order(loyal: Customer) -> Order:
    """An order that says where it goes."""
    found = Order.objects.latest("pk")
    told = {"recipient_name": "林晓", "address": "杭州市西湖区文三路 90 号"}
    found.recipient = seal(json.dumps(told), Order.place("tea", found.number))
    found.save()
    shelve([Good(sku="BC-357", name="寿眉饼", price_minor=26_800, currency="CNY")])
    Variant.objects.get(sku="BC-357").costs.create(cost_minor=13_400, currency="CNY", valid_from=TODAY)
    return found


@pytest.fixture
def visit(chromium: Any, live_server: Any) -> Iterator[Visit]:
    """Have somebody open pages, each in a browser of their own."""
    contexts: list[Any] = []

    def opened(staff: Staff, path: str, **given: Any) -> Any:
        client = Client()
        client.force_login(staff)
        contexts.append(chromium.new_context(**{"locale": "en-GB", **DESK, **given}))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        contexts[-1].add_cookies([cookie])
        page = contexts[-1].new_page()
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


def there(page: Any, selectors: dict[str, str]) -> dict[str, bool]:
    return {selector: page.locator(selector).count() > 0 for selector in selectors}


def meant(selectors: dict[str, str], role: Role) -> dict[str, bool]:
    return {selector: LETTERS[role] in letters for selector, letters in selectors.items()}


@pytest.mark.parametrize("role", LETTERS)
def test_what_a_role_may_not_see_is_not_there(visit: Visit, order: Order, loyal: Customer, role: Role) -> None:
    staff = hired(f"the-{role}", role.label.title(), role)
    page = visit(staff, "/customers/")
    base = page.url.removesuffix("/customers/")
    assert there(page, BUTTONS) == meant(BUTTONS, role)
    links = set(page.evaluate(LINKS))
    for group in [link for link in links if link and link.startswith("/")]:
        answer = page.goto(base + group)
        assert answer.ok, f"{group} answers {answer.status}"
        links |= set(page.evaluate(LINKS))
    assert {place: place in links for place in PLACES} == meant(PLACES, role)
    for place, letters in PLACES.items():
        status = page.goto(base + place).status
        assert (status == 200) is (LETTERS[role] in letters), f"{place} answers {status}"
    page.goto(f"{base}/customers/{loyal.public_id}/?tab=notes")
    page.wait_for_load_state("networkidle")
    assert there(page, ON_ONE) == meant(ON_ONE, role)
    assert "18300002807" not in page.content().replace(" ", "")
    page.goto(f"{base}/products/")
    assert ("Margin" in page.inner_text("#main thead")) is (role != Role.AGENT)
    page.goto(f"{base}/orders/{order.public_id}/")
    page.wait_for_load_state("networkidle")
    assert there(page, ON_AN_ORDER) == meant(ON_AN_ORDER, role)
    assert "文三路" not in page.content()


def test_a_phone_s_bar_leads_a_clerk_where_a_clerk_may_go(visit: Visit) -> None:
    page = visit(hired("kit", "Kit", Role.CLERK), "/", **PHONE)
    links = page.evaluate(LINKS)
    assert "/imports/" in links
    assert not [link for link in links if link.startswith(("/settings/staff", "/insight"))]


def test_who_looks_at_a_phone_says_why_and_an_owner_finds_it(
    visit: Visit, loyal: Customer, agent: Staff, owner: Staff
) -> None:
    page = visit(agent, f"/customers/{loyal.public_id}/")
    page.click("#main a[href$='/reveal/'].gx-btn")
    page.click(".gx-reveal [type=submit]")
    page.wait_for_selector(".gx-errors")
    assert not AuditEntry.objects.accesses().exists()
    page.check("[name=reason][value=other]")
    page.fill("[name=words]", "the parcel came back")
    page.click(".gx-reveal [type=submit]")
    page.wait_for_selector(".gx-reveal-value")
    assert "18300002807" in page.inner_text(".gx-reveal")
    seen(page, "revealed")
    log = visit(owner, "/settings/access/")
    line = log.locator("tbody tr").first.inner_text()
    assert "Bo" in line
    assert "the parcel came back" in line
    assert "18300002807" not in log.content()
