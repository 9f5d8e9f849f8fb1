"""The components in a real browser: both languages, both themes, a desk and a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread

from guanxi.pages import navigation, shell
from tests.chromium import DESK, PHONE
from tests.measures import SMALL_TARGETS, Visit, picture
from tests.pages import gallery_site

pytestmark = pytest.mark.browser

NARROW = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'none'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tests.pages.gallery_site.signed_in",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tests.pages.test_gallery_in_browser.with_policy",
]


def with_policy(get_response: Any) -> Any:
    """Answer with the policy under which Guanxi serves its pages."""

    def answer(request: Any) -> Any:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return answer


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the gallery from a thread; it needs no database."""
    patch = pytest.MonkeyPatch()
    patch.setattr(navigation, "_entries", {})
    for name in ("_shop", "_as_of", "_search"):
        patch.setattr(shell, name, getattr(shell, name))
    gallery_site.furnish()
    with override_settings(
        DEBUG=True,
        ROOT_URLCONF="tests.pages.gallery_site",
        MIDDLEWARE=MIDDLEWARE,
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    ):
        server = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
        server.daemon = True
        server.start()
        server.is_ready.wait()
        yield f"http://127.0.0.1:{server.port}/gallery/"
        server.terminate()
    patch.undo()


@pytest.fixture
def opened(chromium: Any, site: str) -> Iterator[Any]:
    contexts: list[Any] = []
    gallery_site.name_the_shop()  # each test begins with a bare shell

    def open_page(**given: Any) -> Any:
        context = chromium.new_context(**{"locale": "en", **given})
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.goto(site)
        page.locator(".gx-panel-failed").wait_for()
        page.locator(".gx-chart").first.wait_for()
        page.locator("[data-gx-chart]:not([data-gx-drawn])").first.wait_for(state="detached")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_run_under_the_strict_policy_and_fit(opened: Any, locale: str, theme: str, device: Any) -> None:
    page = opened(locale=locale, color_scheme=theme, **device)
    assert [words for words in page.heard if "503" not in words] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(246, 243, 235)" if theme == "light" else "rgb(22, 21, 17)")
    picture(page, f"gallery-{locale[:2]}-{theme}-{device['viewport']['width']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_every_component_serves_everybody(opened: Any, theme: str, device: Any) -> None:
    found = Visit(opened(locale="en", color_scheme=theme, **device))
    assert found.faults() == []
    assert found.faults(opened=True) == []


def test_the_narrowest_phone_needs_no_sideways_scroll(opened: Any) -> None:
    page = opened(**NARROW)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_icons_are_drawn_from_the_sprite(opened: Any) -> None:
    page = opened()
    assert page.evaluate("[...document.querySelectorAll('svg.gx-icon')].filter(e => e.checkVisibility()).length") > 30
    assert page.evaluate("document.querySelector('.gx-nav-link use').getBBox().width") > 5


def test_a_rise_is_red_in_chinese_and_green_in_english(opened: Any) -> None:
    colour = "getComputedStyle(document.querySelector('.gx-change-up')).color"
    assert opened(locale="zh-CN", color_scheme="light").evaluate(colour) == "rgb(168, 52, 40)"
    assert opened(locale="en", color_scheme="light").evaluate(colour) == "rgb(39, 107, 69)"


def test_targets_are_large_enough_for_a_finger(opened: Any) -> None:
    assert opened(**PHONE).evaluate(SMALL_TARGETS, 40) == []
    assert opened(**DESK).evaluate(SMALL_TARGETS, 24) == []


def test_a_panel_that_failed_says_so_in_its_place_and_tries_again(opened: Any) -> None:
    page = opened()
    assert page.locator(".gx-panel-failed [role=alert]").is_visible()
    with page.expect_response("**/gallery/panel/failed/"):
        page.locator(".gx-panel-failed [data-gx-retry]").click()
    page.locator(".gx-panel-failed").wait_for()
    assert page.get_by_text("Loaded · 已加载").is_visible()


def test_an_explanation_opens_and_escape_returns_to_it(opened: Any) -> None:
    page = opened()
    why = page.locator("summary.gx-why").first
    why.click()
    assert page.locator("details[open] .gx-pop-body").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("details.gx-pop[open]").count() == 0
    assert why.evaluate("each => each === document.activeElement")


def test_a_question_before_erasing_is_modal_with_cancel_in_focus(opened: Any) -> None:
    page = opened()
    page.locator("main [popovertarget=erase]").first.click()
    dialog = page.locator("dialog#erase")
    assert dialog.evaluate("each => each.matches(':modal')")
    assert dialog.locator("[data-gx-cancel]").evaluate("each => each === document.activeElement")
    page.keyboard.press("Enter")
    assert not dialog.is_visible()


def test_the_theme_changes_at_once_and_is_remembered(opened: Any) -> None:
    page = opened(color_scheme="light")
    page.locator(".gx-bar-end details").last.locator("summary").click()
    with page.expect_response("**/choices/theme/"):
        page.locator("[name=theme][value=dark]").click()
    page.locator("html[data-bs-theme=dark]").wait_for()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_keys_move_through_rows_but_never_while_typing(opened: Any) -> None:
    page = opened()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 2
    page.keyboard.press("Control+k")
    page.keyboard.type("jk/")
    assert page.evaluate("document.activeElement.value") == "jk/"


def test_pages_work_without_javascript(opened: Any) -> None:
    context = opened().context.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(opened().url)
    page.locator("summary.gx-why").first.click()
    assert page.locator("details[open] .gx-pop-body").is_visible()
    page.keyboard.press("Escape")
    page.locator("main [popovertarget=erase]").first.click()
    assert page.locator("dialog#erase").is_visible()
    context.close()


def test_nothing_shifts_while_the_page_settles(opened: Any) -> None:
    page = opened()
    shift = page.evaluate(
        """() => new Promise(done => { let sum = 0;
        new PerformanceObserver(list => list.getEntries().forEach(each => { sum += each.value; }))
          .observe({type: 'layout-shift', buffered: true});
        setTimeout(() => done(sum), 500); })"""
    )
    assert shift < 0.01


def test_a_search_narrows_the_list_while_typing_and_keeps_the_address(opened: Any) -> None:
    page = opened()
    page.goto(page.url.split("/gallery/")[0] + "/people/")
    page.locator("[data-gx-search] [name=q]").click()
    page.keyboard.type("Emma")
    page.locator("#list [data-gx-announce]", has_text="1–1 of 1").wait_for()
    assert page.url.endswith("/people/?q=Emma")
    assert page.locator("[data-gx-search] [name=q]").evaluate("each => each === document.activeElement")
    assert page.locator("#gx-announce").text_content() == "1–1 of 1"
    page.keyboard.type("xx")
    page.locator("#list").get_by_text("Nothing meets all of this.").wait_for()
