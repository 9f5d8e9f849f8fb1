"""Home on a phone, as each role sees it."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer
from tests.browser import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = "[...document.querySelectorAll('.gx-home > *')].map((card) => Math.round(card.getBoundingClientRect().width))"


@pytest.fixture(params=list(Role))
def reader(request: pytest.FixtureRequest, owner: Staff) -> Staff:
    """Whoever looks, in one role after the other."""
    owner.role = request.param
    owner.save(update_fields=["role"])
    return owner


def test_every_card_is_as_wide_as_the_phone(reader: Staff, shop: Callable[..., Any], loyal: Customer) -> None:
    page = shop("/", **PHONE)
    widths = page.evaluate(WIDTHS)
    assert len(widths) >= 2
    assert set(widths) == {390 - 2 * 16}
