"""Two customers become one and two again, in a real browser."""

from typing import Any

import pytest
from django.urls import reverse

from guanxi.customers.models import Customer
from guanxi.orders.models import Store
from tests.browser import DESK, PHONE, posted, seen
from tests.identity.people import bought, person, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("given", [{**DESK, "locale": "en-GB"}, {**PHONE, "locale": "zh-CN"}], ids=["desk", "phone"])
def test_a_duplicate_is_merged_seen_as_one_and_taken_back(shop: Any, tea_house: Store, given: dict[str, Any]) -> None:
    lin, chen = person(1, name="林晓", city="杭州"), person(2, name="Lin Xiao", gender="female")
    for nth, each in enumerate((lin, chen, chen)):
        bought(each.founders.get(), tea_house, f"n{nth}")
    before = picture()
    page = shop(reverse("identity:merging", args=[chen.pk]), **given)
    seen(page, f"merging-{given['locale']}")
    page.fill("#id_q", "林晓")
    page.keyboard.press("Enter")
    page.locator("a[href^='?with=']").click()
    page.locator("main form[method=post] button.gx-btn-primary").wait_for()
    seen(page, f"merging-preview-{given['locale']}")
    page.locator("main form[method=post] button.gx-btn-primary").click()
    page.wait_for_url(f"**{reverse('customers:customer', args=[lin.pk])}")
    assert Customer.objects.get(pk=chen.pk).survivor == lin
    with posted(page):
        page.locator("[data-gx-undo]").click()
    assert picture() == before
    assert page.heard == []
