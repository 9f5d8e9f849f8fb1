"""The demo shop by keyboard, without motion, in the system's own colours, and as quick as the hand."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import READERS, patience
from tests.measures import Visit

pytestmark = pytest.mark.browser

NEXT_PAINT = 200
MOST_STOPS = 60
# What has the focus, whether a line is drawn around it or its field, and whether something lies over it.
FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const box = each.getClientRects()[0] ?? each.getBoundingClientRect();
  const parts = [each, each.closest('.gx-search, .gx-palette-field'), ...(each.labels ?? [])].filter(Boolean);
  const ringed = parts.map(part => getComputedStyle(part)).some(
    ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const clear = over && parts.some(part => part.contains(over) || over.contains(part));
  return [each.outerHTML.slice(0, 140), ringed ? '' : 'no line', clear ? '' : `under ${over?.outerHTML.slice(0, 80)}`];
}"""
MOVING = """() => [...document.querySelectorAll('*')].flatMap(each => [undefined, '::before', '::after'].map((part) => {
  const { animationName, transitionProperty, transitionDuration } = getComputedStyle(each, part);
  const moves = transitionDuration.split(', ').some((time) => parseFloat(time) > 0) && transitionProperty !== 'opacity';
  return animationName !== 'none' || moves ? each.cloneNode().outerHTML.slice(0, 120) : '';
})).filter(Boolean)"""
BARE = """() => [...document.querySelectorAll('main :is(.gx-card, .gx-btn, input, select, textarea)')]
  .filter(each => each.checkVisibility() && !each.matches('.gx-search *, [type=checkbox], [type=file]'))
  .filter(each => parseFloat(getComputedStyle(each).borderTopWidth) < 1)
  .map(each => each.cloneNode().outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["home", "customers", "customer", "import-columns"])
def test_the_focus_is_seen_wherever_it_goes(reads: Callable[..., Visit], name: str, reader: str) -> None:
    page = reads(name, reader).page
    assert [stop for stop in walked(page, "Tab") if stop[1] or stop[2]] == []
    page.locator("main :is(a, button, input, summary):visible").last.focus()
    assert [stop for stop in walked(page, "Shift+Tab") if stop[1] or stop[2]] == []


def walked(page: Any, key: str) -> list[list[str]]:
    """Where the focus stops on its way through a page."""
    stops: list[list[str]] = []
    while len(stops) < MOST_STOPS:
        page.keyboard.press(key)
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        stops.append(stop)
    return stops


def test_the_first_stop_leads_past_the_navigation(reads: Callable[..., Visit]) -> None:
    page = reads("customers", "desk").page
    page.keyboard.press("Tab")
    skip = page.locator(".gx-skip")
    assert skip.evaluate("each => each === document.activeElement && each.getBoundingClientRect().height >= 24")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_nothing_moves_for_who_asked_for_stillness(reads: Callable[..., Visit]) -> None:
    page = reads("home", "desk").page
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == []


@pytest.mark.parametrize("name", ["customers", "customer-new", "rfm"])
def test_borders_stay_where_the_system_chooses_the_colours(reads: Callable[..., Visit], name: str) -> None:
    page = reads(name, "desk").page
    page.emulate_media(forced_colors="active")
    assert page.evaluate(BARE) == []
    here = page.locator(".gx-nav-link[aria-current=page]").first
    assert here.evaluate("each => getComputedStyle(each).outlineStyle") == "solid", "a background is not seen there"


def test_what_is_touched_answers_with_the_next_paint(reads: Callable[..., Visit]) -> None:
    page = reads("customers", "desk").page
    page.locator(".gx-filters summary").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.locator("#gx-palette [role=option]").first.wait_for()
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    acts = page.evaluate("gx.acts")
    assert {name for name, _ in acts} >= {"keydown"}
    assert max(took for _, took in acts) < NEXT_PAINT * patience(), acts


def test_a_sorted_list_stands_as_soon_as_the_list_did(reads: Callable[..., Visit]) -> None:
    page = reads("customers", "desk").page
    page.locator("thead a").first.click()
    page.wait_for_url("**sort=**")
    page.locator("th[aria-sort]").wait_for()
    page.wait_for_timeout(200)
    assert page.evaluate("gx.painted") < 1000 * patience()
