"""An analyst in a real browser: a query is inserted, typed, run by the keyboard and drawn; drafts outlive the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guanxi.core.jobs.worker import Worker
from guanxi.insight.notebook.models import Notebook
from guanxi.warehouse.sync import sync
from tests.browser import DESK, PHONE, seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SQL = "select placed_on, sum(net_minor) as net_minor\nfrom orders\ngroup by placed_on\norder by placed_on"
WORDS = {"en": ("en-GB", "9 rows in"), "zh": ("zh-CN", "9 行")}


@pytest.fixture
def stocked(home: Path, lake: Path, loyal: Any, lapsed: Any) -> None:
    sync()


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", WORDS)
def test_a_query_is_written_run_by_keyboard_and_drawn(
    shop: Callable[..., Any], stocked: None, *, language: str, device: Any
) -> None:
    locale, rows = WORDS[language]
    page = shop("/insight/notebook/new/", locale=locale, **device)
    page.fill("#title", "Sales by day")
    field = page.locator("[data-gx-sql]")
    field.fill(SQL)
    assert page.locator(".gx-sql pre").inner_text().split() == ["1", "2", "3", "4"]
    page.locator("details:has([name^=chart]) summary").click()
    page.select_option("[name^=chart]", "line")
    field.press("Control+Enter")
    page.wait_for_url("**/insight/notebook/*/#cell-1")
    Worker().drain()
    page.locator("#answer-1", has_text=rows).wait_for()
    page.locator("#answer-1 [data-gx-chart] :is(svg, canvas)").first.wait_for()
    assert page.locator("#answer-1 figcaption").inner_text() != ""
    assert page.locator("#answer-1 > .gx-table-wrap tbody tr").count() == 9
    seen(page, f"notebook-{language}-{'phone' if device is PHONE else 'desk'}")
    assert Notebook.objects.get().title == "Sales by day"
    assert page.heard == []


def test_what_was_typed_outlives_the_page_and_a_table_is_inserted(shop: Callable[..., Any], stocked: None) -> None:
    page = shop("/insight/notebook/new/")
    page.fill("[data-gx-sql]", "select 'half a thought")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.input_value("[data-gx-sql]") == "select 'half a thought"
    page.fill("[data-gx-sql]", "")
    page.locator(".gx-shelf summary", has_text="refund_lines").click()
    page.locator("[data-gx-insert]").click()
    assert page.input_value("[data-gx-sql]").startswith("select ")
    assert "from refund_lines" in page.input_value("[data-gx-sql]")
    page.locator("[data-gx-sql]").press("Tab")
    assert page.evaluate("document.activeElement.tagName") != "TEXTAREA", "the keyboard is not caught in the field"
    assert page.heard == []


def test_a_query_is_stopped_and_how_a_figure_is_computed_opens_where_it_stands(
    shop: Callable[..., Any], stocked: None
) -> None:
    page = shop("/insight/notebook/new/")
    page.fill("[data-gx-sql]", "select 1 as one")
    page.locator("[data-gx-sql]").press("Control+Enter")
    page.locator("#answer-1 form button").click()
    page.locator("#answer-1", has_text="It was stopped before it was answered").wait_for()
    page.goto(page.url.partition("/insight/")[0] + "/insight/marts/customer_rfm/")
    assert page.locator("h1").inner_text() == "Recency, frequency and monetary value of customers"
    assert page.heard == []
