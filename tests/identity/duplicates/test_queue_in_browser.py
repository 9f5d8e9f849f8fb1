"""An agent goes through the queue of probable duplicates, by keys on a desk and by thumb on a phone."""

from typing import Any

import pytest
from django.urls import reverse

from guanxi.core.jobs.models import Job
from guanxi.customers.models import Customer
from guanxi.identity.models import Apart, DuplicatePair
from guanxi.identity.tasks import search_duplicates
from guanxi.orders.models import Store
from tests.browser import DESK, PHONE, posted, seen
from tests.identity.people import bought, person, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVIDENCE = [["given", "sounds alike", 6.1], ["surname", "same", 5.0], ["phones", "typo", 7.4]]


@pytest.fixture
def pairs(tea_house: Store) -> list[DuplicatePair]:
    people = [person(nth, name=name) for nth, name in enumerate(("林婉清", "林婉晴", "Ada Byron", "Ada Byrom"), 1)]
    for nth, each in enumerate((people[0], people[1], people[1])):
        bought(each.founders.get(), tea_house, f"n{nth}")
    return [
        DuplicatePair.objects.create(left=people[at], right=people[at + 1], weight=weight, evidence=EVIDENCE)
        for at, weight in ((0, 6.0), (2, 3.0))
    ]


def test_keys_merge_and_undo_and_the_next_pair_is_there_at_once(shop: Any, pairs: list[DuplicatePair]) -> None:
    lin, before = pairs[0].left_id, picture()
    page = shop(reverse("identity:duplicates"), **DESK, locale="en-GB")
    seen(page, "duplicates-desk")
    assert page.locator(".gx-queue-table").get_by_text("林*清").count() == 2  # as they stand, not what they become
    assert "3 ·" in page.locator("tr", has_text="Orders").locator(".gx-queue-after").inner_text()
    page.keyboard.press("m")
    page.locator("#case-title", has_text="88.9%").wait_for()  # the next pair
    page.goto(page.url.partition("/customers/")[0] + reverse("customers:customer", args=[lin]))
    for number in ("n0", "n1", "n2"):
        page.locator("main").get_by_text(number).first.wait_for()
    page.go_back()
    page.keyboard.press("z")
    page.locator("#case-title", has_text="98.5%").wait_for()
    assert picture() == before
    page.keyboard.press("ArrowDown")
    page.locator("#case-title", has_text="88.9%").wait_for()
    page.keyboard.press("n")
    page.locator(".gx-toast", has_text="Not the same").wait_for()
    assert Apart.objects.in_force().count() == 1
    page.keyboard.press("z")
    page.locator(".gx-toast", has_text="Taken back").wait_for()
    assert DuplicatePair.objects.waiting().count() == 2
    assert page.heard == []


def test_a_thumb_finds_both_customers_above_each_other_and_the_verbs_at_the_bottom(
    shop: Any, pairs: list[DuplicatePair]
) -> None:
    page = shop(reverse("identity:duplicates"), **PHONE, locale="zh-CN")
    seen(page, "duplicates-phone")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("#dup-merge").bounding_box()["y"] < PHONE["viewport"]["height"]
    with posted(page):
        page.locator("#dup-merge").click()
    assert Customer.objects.get(pk=pairs[0].right_id).survivor_id == pairs[0].left_id
    with posted(page):
        page.locator(".gx-toast [data-gx-undo]").click()
    assert DuplicatePair.objects.waiting().count() == 2
    assert page.heard == []


def test_a_search_is_stopped_by_a_press_that_outlasts_its_news(shop: Any) -> None:
    search_duplicates.enqueue()
    page = shop(reverse("identity:duplicates"), **DESK, locale="en-GB")
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    with page.expect_response(lambda answer: "progress" in answer.url):
        stop.hover()
        page.mouse.down()
    page.wait_for_load_state("networkidle")
    assert stop.evaluate("button => button === document.activeElement")
    page.mouse.up()
    page.locator(".gx-toast", has_text="stops as soon as it can").wait_for()
    assert Job.objects.get(task=search_duplicates.module_path).cancel_requested_at is not None
    assert page.heard == []
