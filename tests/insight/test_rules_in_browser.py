"""Changing the rules of value in a real browser: who would move is seen before anything is written."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guanxi.customers.models import Customer
from guanxi.insight import scoring
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.warehouse.sync import sync
from tests.browser import DESK, PHONE, seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {"locale": "en-GB", "moves": "1 customer would change class", "saved": "Version 2"},
    "zh": {"locale": "zh-CN", "moves": "1 位客户会换类别", "saved": "第 2 版"},
}


@pytest.fixture
def scored(lake: Any, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> RfmRun:
    """Three customers: one potential, two lost."""
    sync()
    return scoring.score_customers()


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", WORDS)
def test_the_owner_changes_the_rules_and_sees_who_moves_before_and_after(
    shop: Callable[..., Any], scored: RfmRun, *, language: str, device: Any
) -> None:
    words = WORDS[language]
    assert scored.classes["potential"]["customers"] == 1
    page = shop("/insight/rfm/rules/", locale=words["locale"], **device)
    page.fill("[name=class_2_from]", "3.7")
    page.locator("#outcome .gx-finding", has_text=words["moves"]).wait_for()
    assert RfmScheme.objects.count() == 1, "looking writes nothing"
    seen(page, f"rules-{language}-{'phone' if device is PHONE else 'desk'}")
    page.click("button[value=save]")
    page.wait_for_url("**/insight/rfm/")
    assert RfmScheme.current().version == 2
    after = scoring.score_customers()
    assert after.classes["potential"]["customers"] == 0
    page.reload()
    page.locator("#main", has_text=words["saved"]).wait_for()
    assert page.heard == []
