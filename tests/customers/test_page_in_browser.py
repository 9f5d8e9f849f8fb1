"""A customer's page, the palette and the keys in a real browser, by keyboard alone where people work by keyboard."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.accounts.models import Session, Staff
from guanxi.customers.models import Customer, Tag
from tests.browser import DESK, PHONE, arrived, seen
from tests.customers.conftest import scored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGNED_OUT = 401


def test_a_customer_is_found_and_opened_by_keyboard_alone(
    shop: Callable[..., Any], loyal: Customer, lapsed: Customer
) -> None:
    page = shop("/orders/")
    page.keyboard.press("Control+k")
    field = page.locator("#gx-palette input")
    assert field.get_attribute("aria-controls") == "gx-palette-list"
    page.keyboard.type("18300002807")
    line = page.locator("#gx-palette [role=option][aria-selected=true]", has_text="林**")
    line.wait_for()
    assert field.get_attribute("aria-activedescendant") == line.get_attribute("id")
    seen(page, "palette")
    page.keyboard.press("Enter")
    arrived(page, f"**/customers/{loyal.public_id}/")

    page.keyboard.press("Control+k")
    here = page.locator("#gx-palette [role=option]", has_text="Write a note")
    here.wait_for()
    assert here.locator("kbd").inner_text() == "N"
    page.keyboard.press("Escape")
    page.goto(page.url.replace(loyal.public_id, lapsed.public_id))
    page.keyboard.press("Control+k")
    recent = page.locator("#palette-recent-1", has_text="林**")
    recent.wait_for()
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert loyal.public_id in kept
    assert "林" not in kept
    assert "2807" not in kept
    assert page.heard == []


def test_the_palette_walks_up_and_down_and_closes(shop: Callable[..., Any], loyal: Customer) -> None:
    page = shop("/customers/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Control+k")
    chosen = page.locator("#gx-palette [aria-selected=true]")
    chosen.wait_for()
    first = chosen.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert chosen.get_attribute("id") != first
    page.keyboard.press("ArrowUp")
    assert chosen.get_attribute("id") == first
    page.keyboard.type("nothing of this name")
    page.locator(".gx-palette-none").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#gx-palette").is_visible()


def test_keys_lead_through_the_list_one_came_from(
    shop: Callable[..., Any], loyal: Customer, lapsed: Customer, opted_out: Customer
) -> None:
    for value, customer in ((5.0, loyal), (3.0, lapsed), (1.0, opted_out)):
        scored(customer, value, "high_value")
    page = shop("/customers/?class=high_value")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    arrived(page, f"**/customers/{loyal.public_id}/**")
    assert "1 of 3" in page.locator(".gx-way").inner_text()
    page.keyboard.press("j")
    arrived(page, f"**/customers/{lapsed.public_id}/**")
    page.keyboard.press("j")
    arrived(page, f"**/customers/{opted_out.public_id}/**")
    assert page.locator("[rel=next]").count() == 0
    page.keyboard.press("k")
    arrived(page, f"**/customers/{lapsed.public_id}/**")
    page.keyboard.press("n")
    page.locator("#note-text:focus").wait_for()
    page.keyboard.type("jk z")
    assert page.locator("#note-text").input_value() == "jk z"
    assert page.heard == []


def test_a_key_pressed_before_its_panel_is_there_is_answered_all_the_same(
    shop: Callable[..., Any], loyal: Customer
) -> None:
    page = shop("/customers/")
    held: list[Any] = []
    page.route("**/notes/", lambda route: route.continue_() if held else held.append(route))
    page.goto(page.url.replace("/customers/", f"/customers/{loyal.public_id}/"))
    page.keyboard.press("n")
    page.wait_for_url("**?tab=notes#notes")
    page.locator("#note-text:focus").wait_for()
    assert len(held) == 1


def test_an_attribute_is_edited_in_place_and_taken_back_by_a_key(shop: Callable[..., Any], loyal: Customer) -> None:
    page = shop(f"/customers/{loyal.public_id}/")
    page.locator("#attribute-city a").focus()
    page.keyboard.press("Enter")
    page.locator("#attribute-city input[name=city]").wait_for()
    page.keyboard.type("Hangz")
    page.keyboard.press("Escape")
    page.locator("#attribute-city a", has_text="Not given").wait_for()
    page.locator("#attribute-city a:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator("#attribute-city input[name=city]").wait_for()
    assert page.locator("#attribute-city input[name=city]").input_value() == "Hangz"
    seen(page, "edit-in-place")
    page.locator("#attribute-city input[name=city]").fill("Hangzhou")
    page.keyboard.press("Enter")
    page.locator("#customer-head", has_text="Hangzhou").wait_for()
    page.locator("[data-gx-undo]").wait_for()
    seen(page, "undo")
    page.locator("h1").click()
    page.keyboard.press("z")
    page.locator(".gx-toast", has_text="As it was before.").wait_for()
    loyal.refresh_from_db()
    assert loyal.city == ""
    assert page.heard == []


def test_what_was_typed_outlives_the_end_of_the_session(shop: Callable[..., Any], loyal: Customer) -> None:
    page = shop(f"/customers/{loyal.public_id}/")
    page.locator("#note-text").fill("Likes rice paper")
    Session.objects.all().delete()
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 401):
        # A panel scrolled into view may have asked for signing in first, and its dialog would keep a mouse away.
        page.locator("#notes-panel [type=submit]").dispatch_event("click")
    dialog = page.locator("#gx-sign-in")
    dialog.locator("[name=sign_in_name]").wait_for()
    seen(page, "sign-in-here")
    dialog.locator("[name=sign_in_name]").fill("mei")
    dialog.locator("[name=password]").fill("rain before the harvest")
    page.keyboard.press("Enter")
    page.locator(".gx-note", has_text="Likes rice paper").wait_for()
    assert loyal.notes.count() == 1
    assert [said for said in page.heard if str(SIGNED_OUT) not in said] == []


def test_a_form_sent_too_late_is_sent_after_signing_in(shop: Callable[..., Any], loyal: Customer) -> None:
    page = shop(f"/customers/{loyal.public_id}/edit/")
    page.locator("[name=city]").fill("Hangzhou")
    Session.objects.all().delete()
    page.locator("main [type=submit]").click()
    page.locator("[name=sign_in_name]").fill("mei")
    page.locator("[name=password]").fill("rain before the harvest")
    page.keyboard.press("Enter")
    page.locator(".gx-kept", has_text="Hangzhou").wait_for()
    page.get_by_role("button", name="Send what I typed").click()
    page.wait_for_url(f"**/customers/{loyal.public_id}/")
    loyal.refresh_from_db()
    assert loyal.city == "Hangzhou"


def test_a_draft_is_there_again_after_a_failure_and_gone_once_sent(shop: Callable[..., Any], loyal: Customer) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    page = shop(f"/customers/{loyal.public_id}/")
    page.locator("#note-text").fill("half a thought")
    page.reload()
    sync_api.expect(page.locator("#note-text")).to_have_value("half a thought")
    page.context.set_offline(True)
    page.locator("#notes-panel [type=submit]").click()
    page.locator("[data-gx-alert=offline]").wait_for()
    assert page.locator("#note-text").input_value() == "half a thought"
    page.context.set_offline(False)
    page.locator("#notes-panel [type=submit]").dblclick()
    page.locator(".gx-note", has_text="half a thought").wait_for()
    page.reload()
    page.locator(".gx-note").wait_for()
    assert page.locator("#note-text").input_value() == ""
    assert loyal.notes.count() == 1


def test_keys_of_one_letter_can_be_switched_off(shop: Callable[..., Any], loyal: Customer, owner: Staff) -> None:
    page = shop(f"/customers/{loyal.public_id}/")
    page.keyboard.press("?")
    page.locator("#gx-keys").wait_for()
    seen(page, "keys")
    page.locator("#gx-keys [type=submit]").click()
    page.wait_for_load_state("networkidle")
    page.locator("#note-text").wait_for()
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.id") != "note-text"
    owner.refresh_from_db()
    assert not owner.letter_keys


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["desk", "phone"])
def test_the_page_fits_both_widths(
    shop: Callable[..., Any], loyal: Customer, owner: Staff, locale: str, scheme: str, kind: str
) -> None:
    scored(loyal, 5.0, "high_value", monetary_minor=1_426_000)
    for word in ("白茶", "送礼多"):
        loyal.tag_with(Tag.objects.called(word), by=owner)
    loyal.opt_in("sms", source="checkout", by=owner)
    loyal.annotate_with("送长辈多，包装要稳，发票开公司抬头。", by=owner)
    Customer.objects.filter(pk=loyal.pk).update(gender="female", birthday="1988-03-14", province="浙江", city="杭州")
    page = shop(
        f"/customers/{loyal.public_id}/?list=&nth=1",
        **{**(PHONE if kind == "phone" else DESK), "locale": locale, "color_scheme": scheme},
    )
    page.locator("[hx-get*='timeline/'], .gx-timeline").first.scroll_into_view_if_needed()
    page.locator(".gx-timeline").first.wait_for()
    page.wait_for_load_state("networkidle")
    seen(page, f"customer-{kind}-{scheme}-{locale}")
    assert page.heard == []


def test_a_name_of_two_hundred_letters_and_hostile_ones_break_nothing(shop: Callable[..., Any]) -> None:
    for name in ("W" * 200, "<img src=x onerror=alert(1)><script>alert(1)</script>", "字" * 200):
        somebody = Customer.objects.create(name=name, city=name[:100])
        page = shop(f"/customers/{somebody.public_id}/", **PHONE)
        page.locator("h1").wait_for()
        seen(page, "long")
        assert page.heard == []
