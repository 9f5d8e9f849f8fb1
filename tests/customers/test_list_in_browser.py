"""The list of customers in a real browser, by keyboard: found by initials, chosen, tagged together, taken back."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.accounts.models import ChosenColumns, SavedView, Staff
from guanxi.customers.models import Customer, Tag, Tagging
from tests.browser import PHONE, arrived, seen
from tests.customers.conftest import scored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/customers/"


@pytest.mark.parametrize("width", [768, 900, 1024, 1280])
def test_names_are_seen_on_every_width(shop: Callable[..., Any], loyal: Customer, width: int) -> None:
    page = shop(LIST, viewport={"width": width, "height": 800})
    name = page.locator("tbody tr .gx-who a").first
    assert name.bounding_box()["width"] >= 20
    page.get_by_role("link", name=name.inner_text()).click()
    page.wait_for_url("**/customers/cus_**")


def test_people_are_found_chosen_tagged_and_untagged_by_keyboard(
    shop: Callable[..., Any], loyal: Customer, lapsed: Customer, two_identities: Customer
) -> None:
    for each in (loyal, lapsed, two_identities):
        scored(each, 4.0, "high_value")
    page = shop(LIST)
    rows = page.locator("tbody tr")
    page.keyboard.press("/")
    page.keyboard.type("2807")
    page.wait_for_url("**q=2807**")
    assert rows.count() == 1
    page.keyboard.press("Control+a")
    page.keyboard.type("lx")
    page.wait_for_url("**q=lx**")
    assert rows.locator("[name=pick]").get_attribute("value") == loyal.public_id

    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    rows.nth(2).wait_for()
    page.evaluate("document.activeElement.blur()")
    bar = page.locator("[data-gx-chosen]")
    assert not bar.is_visible()
    for key in "jxjx":
        page.keyboard.press(key)
    assert page.locator("[data-gx-chosen-count]").inner_text() == "2 chosen"
    assert bar.is_visible()
    seen(page, "list-chosen")
    page.keyboard.press("Escape")
    assert not bar.is_visible()

    page.keyboard.press("x")
    bar.locator("[value=tag]").focus()
    page.keyboard.press("Enter")
    page.locator("[name=word]").wait_for()
    page.locator("[name=word]").focus()
    page.keyboard.type("gift")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tag 1 customer").wait_for()
    page.locator("[data-gx-sure]:focus").wait_for()  # it comes a moment after the button
    seen(page, "list-asked")
    assert not Tagging.objects.exists()
    page.keyboard.press("Enter")
    page.locator("[data-gx-toast]", has_text="Tagged 1 customer “gift”.").wait_for()
    assert Tagging.objects.count() == 1
    seen(page, "list-tagged")
    page.keyboard.press("z")
    page.locator("[data-gx-toast]", has_text="As before for 1 customer.").wait_for()
    assert not Tagging.objects.exists()
    assert page.heard == []


def test_a_page_is_chosen_whole_and_everything_works_without_scripts(
    shop: Callable[..., Any], loyal: Customer, lapsed: Customer
) -> None:
    page = shop(LIST)
    page.locator("[data-gx-pick-page]").check()
    assert page.locator("[data-gx-chosen-count]").inner_text() == "2 chosen"
    bare = shop(LIST, java_script_enabled=False)
    bare.locator("[name=pick]").first.check()
    bare.locator("[data-gx-chosen] [value=note]").click()
    bare.locator("[name=word]").fill("call back")
    bare.locator("[data-gx-sure]").click()
    bare.get_by_role("button", name="Write for 1 customer").click()
    assert "The note is kept for 1 customer." in bare.content()


def test_a_list_is_narrowed_kept_as_a_view_and_acted_upon_by_keyboard(
    shop: Callable[..., Any], loyal: Customer, lapsed: Customer, two_identities: Customer
) -> None:
    for each in (loyal, lapsed):
        scored(each, 4.0, "high_value")
    page = shop(LIST)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("f")
    page.locator("[data-gx-narrow-text]:focus").wait_for()
    page.keyboard.type("high")
    page.locator("[data-gx-narrow-group][open]", has_text="Class").locator("a", has_text="High-value").wait_for()
    seen(page, "list-narrowing")
    page.keyboard.press("Enter")
    arrived(page, "**class=high_value**")
    page.keyboard.press("f")
    page.locator("[data-gx-narrow-text]:focus").wait_for()
    page.keyboard.type("net")
    page.locator("[name=net_from]").wait_for()
    page.locator("[name=net_from]").focus()
    page.keyboard.type("1000")
    page.keyboard.press("Enter")
    page.wait_for_url("**net=1000..**")
    assert page.locator("tbody tr").count() == 1

    page.locator("summary", has_text="Save this view").focus()
    page.keyboard.press("Enter")
    page.locator(".gx-views-form [name=name]").focus()
    page.keyboard.type("Big and good")
    seen(page, "list-saving")
    page.keyboard.press("Enter")
    page.locator("[data-gx-toast]", has_text="Saved as “Big and good”.").wait_for()
    tab = page.locator("nav.gx-tabs a[aria-current]")
    assert tab.inner_text().startswith("Big and good")
    tab.locator(".gx-tabs-count", has_text="1").wait_for()
    assert SavedView.objects.get().query == "class=high_value&net=1000.."

    page.evaluate("document.activeElement.blur()")
    for key in "jx":
        page.keyboard.press(key)
    page.locator("[data-gx-chosen] [value=tag]").focus()
    page.keyboard.press("Enter")
    page.locator("[name=word]").focus()
    page.keyboard.type("gift")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tag 1 customer").wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-gx-toast]", has_text="Tagged 1 customer “gift”.").wait_for()
    assert Tagging.objects.get().tag == Tag.objects.get(name="gift")
    assert page.locator("nav.gx-tabs a[aria-current]").inner_text().startswith("Big and good")
    page.keyboard.press("z")
    page.locator("[data-gx-toast]", has_text="As before for 1 customer.").wait_for()
    assert not Tagging.objects.exists()

    assert page.heard == []


def test_a_view_is_deleted_and_comes_back(shop: Callable[..., Any], owner: Staff, loyal: Customer) -> None:
    SavedView.keep("customers", "Big and good", "net=1000..", by=owner)
    page = shop(f"{LIST}?net=1000..")
    page.locator("[aria-label*='Big and good']").click()
    page.get_by_role("button", name="Delete the view").click()
    page.locator("[data-gx-toast]", has_text="Deleted the view").wait_for()
    assert not page.locator("nav.gx-tabs a", has_text="Big and good").count()
    page.keyboard.press("z")
    page.locator("nav.gx-tabs a", has_text="Big and good").wait_for()
    assert page.heard == []


def test_columns_are_chosen_and_change_places(shop: Callable[..., Any], loyal: Customer) -> None:
    page = shop(LIST)
    page.locator("[data-gx-columns] summary").click()
    page.locator("[data-gx-columns] [value=place]").check()
    page.locator("[data-gx-columns] [value=average]").uncheck()
    moved = page.locator("[data-gx-columns] li", has=page.locator("[value=orders]"))
    moved.locator("input").focus()
    page.keyboard.press("Alt+ArrowUp")
    moved.locator("[data-gx-move='-1']").click()
    seen(page, "list-columns")
    page.get_by_role("button", name="Show these columns").click()
    page.wait_for_load_state("networkidle")
    heads = [text.strip(" ▼") for text in page.locator("thead th").all_inner_texts() if text.strip()]
    assert heads == ["Customer", "Orders", "Class", "Net spend", "Last order", "Reachable", "Tags", "City"]
    page.locator("[data-gx-columns] summary").click()
    page.get_by_role("button", name="As at first").click()
    page.wait_for_load_state("networkidle")
    assert not ChosenColumns.objects.exists()
    assert page.heard == []


def test_on_a_phone_rows_are_chosen_and_the_list_is_narrowed_from_below(
    shop: Callable[..., Any], loyal: Customer, lapsed: Customer
) -> None:
    scored(loyal, 4.0, "high_value")
    page = shop(LIST, **PHONE)
    page.locator("[name=pick]").first.check()
    assert page.locator("[data-gx-chosen]").is_visible()
    seen(page, "list-phone-chosen")
    page.locator("[data-gx-narrow] > summary").click()
    group = page.locator("[data-gx-narrow-group]", has_text="Class")
    group.locator("summary").click()
    value = group.locator("a", has_text="High-value")
    value.locator("span", has_text="1").wait_for()
    assert value.bounding_box()["height"] >= 40
    seen(page, "list-phone-narrowing")
    value.click()
    page.wait_for_url("**class=high_value**")
    assert page.locator("tbody tr").count() == 1
    assert page.heard == []
