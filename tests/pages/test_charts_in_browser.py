"""Charts in a real browser: drawn under the strict policy in both themes, told as tables by one key, saved as files."""

from pathlib import Path
from typing import Any

import pytest

from guanxi.pages import chart_file
from tests.chromium import DESK, PHONE
from tests.measures import picture
from tests.pages.test_gallery_in_browser import opened, site

__all__ = ["opened", "site"]

pytestmark = pytest.mark.browser

DRAWN = 9
BOX = "#chart-net-sales-by-day .gx-chart-box"
# Whether a colour stands somewhere on the canvas of a chart.
PAINTED = """([box, wanted]) => {
  const canvas = document.querySelector(box + ' canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === wanted[0] && data[at + 1] === wanted[1] && data[at + 2] === wanted[2]) return true;
  }
  return false;
}"""
PINE = {"light": [31, 92, 72], "dark": [79, 160, 127]}


# The words above the plot, the ground they need, and where the plot begins.
STRIP = """(box) => {
  const chart = echarts.getInstanceByDom(document.querySelector(box));
  const { height } = chart.getDom().getBoundingClientRect();
  const shapes = chart.getZr().storage.getDisplayList(true);
  const words = shapes.filter((each) => each.style.text && /Double 11|Presale/.test(each.style.text)).map((each) => {
    const box = each.getBoundingRect().clone();
    box.applyTransform(each.transform ?? [1, 0, 0, 1, 0, 0]);
    return { left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height };
  });
  const top = chart.convertToPixel({ yAxisIndex: 0 }, chart.getModel().getComponent('yAxis').axis.scale.getExtent()[1]);
  return { words, top, width: chart.getWidth() };
}"""


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_festivals_are_named_above_the_marks_and_beside_each_other(opened: Any, device: Any) -> None:
    found = opened(**device).evaluate(STRIP, BOX)
    assert len(found["words"]) == 2
    assert all(each["bottom"] <= found["top"] for each in found["words"])
    assert all(each["left"] >= 0 and each["right"] <= found["width"] for each in found["words"])
    one, other = found["words"]
    apart = one["right"] < other["left"] or other["right"] < one["left"]
    assert apart or one["bottom"] <= other["top"] or other["bottom"] <= one["top"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_every_kind_is_drawn_in_its_themes_colours_without_a_complaint(opened: Any, theme: str, device: Any) -> None:
    page = opened(color_scheme=theme, **device)
    assert page.locator("[data-gx-drawn]:has(canvas)").count() == DRAWN
    assert page.evaluate(PAINTED, [BOX, PINE[theme]])
    assert [words for words in page.heard if "503" not in words] == []
    picture(page, f"charts-{theme}-{device['viewport']['width']}")


def test_a_change_of_theme_draws_again(opened: Any) -> None:
    page = opened(color_scheme="light")
    page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'dark')")
    page.wait_for_timeout(200)
    assert page.evaluate(PAINTED, [BOX, PINE["dark"]])
    assert not page.evaluate(PAINTED, [BOX, PINE["light"]])


def test_one_key_turns_charts_into_their_tables_and_back(opened: Any) -> None:
    page = opened()
    twin = page.locator("#twin-net-sales-by-day")
    assert not twin.is_visible()
    page.keyboard.press("t")
    assert twin.is_visible()
    assert not page.locator(BOX).is_visible()
    assert twin.get_by_text("11 Nov 2026").is_visible()
    page.keyboard.press("t")
    assert page.locator(BOX).is_visible()


def test_the_key_turns_the_chart_alone_whose_switch_has_the_focus(opened: Any) -> None:
    page = opened()
    page.locator("#chart-hours [data-gx-twin]").focus()
    page.keyboard.press("t")
    assert page.locator("#twin-hours").is_visible()
    assert not page.locator("#twin-net-sales-by-day").is_visible()


def test_the_pointer_reads_a_day_with_its_festival(opened: Any) -> None:
    page = opened()
    box = page.locator(BOX)
    box.scroll_into_view_if_needed()
    size = box.bounding_box()
    for step in range(60, int(size["width"]), 6):
        box.hover(position={"x": step, "y": 140})
        if "Double 11" in (box.locator(".gx-tip").text_content() or ""):
            break
    words = box.locator(".gx-tip").text_content()
    assert "Wednesday 11 November" in words
    assert "Returning" in words
    assert "Total" in words


def test_a_click_on_a_mark_opens_what_is_behind_it(opened: Any) -> None:
    page = opened()
    box = page.locator("#chart-plan-to-order .gx-chart-box")
    box.scroll_into_view_if_needed()
    with page.expect_navigation():
        box.click(position={"x": 120, "y": 20})
    assert "/gallery/?stage=Planned" in page.url


def test_a_picture_of_a_chart_is_saved(opened: Any) -> None:
    page = opened()
    page.locator("#chart-net-sales-by-day .gx-pop > summary").click()
    with page.expect_download() as saved:
        page.locator("#chart-net-sales-by-day [data-gx-png]").click()
    assert saved.value.suggested_filename == "net-sales-by-day.png"
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")


def test_figures_are_saved_as_a_file(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_file, "_listeners", [])  # the gallery has no staff for the access log to name
    page = opened()
    page.locator("#chart-orders-by-month .gx-pop > summary").click()
    with page.expect_download() as saved:
        page.locator("#chart-orders-by-month [value=csv]").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[:2] == ["Month,Orders", "2025-12-01,1620"]


def test_where_the_library_does_not_come_the_tables_speak(opened: Any) -> None:
    page = opened()
    page.route("**/vendor/echarts*.js", lambda route: route.abort())
    page.reload()
    page.locator("#twin-net-sales-by-day").wait_for()
    assert page.locator("#twin-net-sales-by-day").get_by_text("11 Nov 2026").is_visible()


def test_charts_and_their_library_come_only_where_a_chart_is(opened: Any) -> None:
    page = opened()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.split("/gallery/")[0] + "/people/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "echarts" in url or "/chart/" in url]


def test_the_key_of_days_opens_the_control_and_the_address_says_the_days(opened: Any) -> None:
    page = opened()
    assert "range=30d&compare=year" in page.url
    page.keyboard.press("d")
    page.locator(".gx-period .gx-menu").get_by_text("Last 7 days").click()
    assert "range=7d" in page.url
    assert page.locator(".gx-period > summary").get_by_text("Last 7 days").is_visible()
