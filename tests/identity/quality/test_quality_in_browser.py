"""Data quality in a real browser: an offered e-mail is accepted and taken back, on the desk and on the phone."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from guanxi.customers.models import Channel, Identifier
from guanxi.identity.models import QualityCount
from guanxi.identity.quality.counting import count_everybody
from guanxi.identity.quality.figures import EVERYBODY
from guanxi.orders.models import Store
from tests.browser import DESK, PHONE, posted, seen
from tests.cast import met
from tests.identity.quality.test_quality import mistyped, shared_by

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("given", [{**DESK, "locale": "zh-CN"}, {**PHONE, "locale": "en-GB"}], ids=["desk", "phone"])
def test_a_mistyped_address_is_put_right_and_taken_back(shop: Any, tea_house: Store, given: dict[str, Any]) -> None:
    mo = mistyped(tea_house)
    shared_by(22)
    for nth in range(9):
        ada = met(tea_house, key=f"a{nth}", name="Ada", email=f"ada{nth}@example.com")
        ada.opt_in(Channel.EMAIL, source="checkout")
    at = timezone.now() - dt.timedelta(days=31)
    QualityCount.objects.keep({EVERYBODY: 30, "mistyped": 3, "reachable": 5, "no_phone": 4, "broken": 2}, at=at)
    count_everybody()
    page = shop(reverse("identity:quality"), **given)
    seen(page, f"quality-{given['locale']}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with posted(page):
        page.locator(f"form[action$='/{mo.public_id}/email/'] button").click()
    assert Identifier.objects.filter(profile__customer=mo, kind="email", ends_on=None).get().plain == "mo@gmail.com"
    with posted(page):
        page.locator("[data-gx-undo]").click()
    assert Identifier.objects.filter(profile__customer=mo, kind="email", ends_on=None).get().plain == "mo@gmial.com"
    assert page.heard == []
