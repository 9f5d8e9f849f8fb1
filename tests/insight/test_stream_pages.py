"""Paths, arrivals and search terms: what a small shop's visits add up to by hand."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.core.ids import reserve
from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.insight import arrivals, paths, searches
from guanxi.warehouse import dialect, queries
from guanxi.warehouse.sync import sync
from tests.insight.test_funnel_pages import COLUMNS, NOON, browser, page

__all__ = ["browser"]
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def visited(lake: Path, today: dt.date, loyal: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer who comes by a newsletter, searches, finds, orders; a stranger who searches in vain and leaves; both
    come back an hour later and look around.
    """
    known = SourceProfile.objects.filter(customer=loyal).first()
    stranger = SourceProfile.objects.create(source="web", key="d1", is_device=True)
    assert known
    letter, search = {"utm_source": "newsletter", "utm_campaign": "spring", "path": "/tea"}, "www.baidu.com/s"
    rows: list[tuple[str, int, int, dict[str, Any]]] = [
        ("Page Viewed", 0, known.pk, letter),
        ("Products Searched", 1, known.pk, {"query": " Puer ", "results": 3}),
        ("Product Viewed", 2, known.pk, {"path": "/p/1"}),
        ("Order Completed", 3, known.pk, {"order": 1}),
        ("Page Viewed", 0, stranger.pk, {"referrer": search, "path": "/"}),
        ("Products Searched", 1, stranger.pk, {"query": "chenpi", "results": 0}),
        ("Page Viewed", 61, stranger.pk, {"path": "/"}),
        ("Product Viewed", 62, stranger.pk, {"path": "/p/2"}),
        ("Consent Given", 2, known.pk, {}),
    ]
    told = [
        (key, name, at, at, "web", json.dumps(properties), profile)
        for key, (name, minute, profile, properties) in zip(reserve(Event, len(rows)), rows, strict=True)
        if (at := NOON + minute * MINUTE)
    ]
    Event.objects.append(COLUMNS, told)
    sync()


@pytest.mark.usefixtures("visited")
def test_paths_tell_what_came_next_within_a_visit(browser: Client) -> None:
    shown = page(browser, "/insight/funnels/paths/?event=Page+Viewed&range=30d")
    assert "After “Page Viewed” comes most often “Products Searched”: 66.7% of visits" in shown
    before = page(browser, "/insight/funnels/paths/?event=Product+Viewed&way=before&pages=1&range=30d")
    assert "Before “Product Viewed”" in before
    assert "/p/2" not in before, "what was viewed is no page before it"
    assert "No visit in these days had this event." in page(browser, "/insight/funnels/paths/?event=Nothing")


@pytest.mark.usefixtures("visited")
def test_search_terms_tell_what_is_looked_for_in_vain_and_who_bought(browser: Client) -> None:
    shown = page(browser, "/insight/funnels/searches/?range=30d")
    assert "50.0% of searches find nothing; “chenpi” was looked for in vain 1 time" in shown
    assert "1 · 100.0%" in shown.partition("puer</td>")[2], "whoever looked for Puer bought"
    assert "puer</td>" not in page(browser, "/insight/funnels/searches/?kind=vain&range=30d")


@pytest.mark.usefixtures("visited")
def test_arrivals_count_visits_by_what_led_to_them(browser: Client) -> None:
    shown = page(browser, "/insight/funnels/arrivals/?range=30d")
    for way in ("newsletter", "www.baidu.com", "Came directly"):
        assert f'<td data-card="who">{way}<' in shown
    assert '<td data-card="who">spring<' in page(browser, "/insight/funnels/arrivals/?by=campaign&range=30d")


@pytest.mark.usefixtures("visited")
@pytest.mark.parametrize("name", ["paths/", "arrivals/", "searches/"])
def test_the_pages_ask_the_book_no_more_for_more_events(
    browser: Client, django_assert_max_num_queries: Any, name: str
) -> None:
    browser.get(f"/insight/funnels/{name}")
    with django_assert_max_num_queries(24):
        browser.get(f"/insight/funnels/{name}?range=90d")


@pytest.mark.parametrize("name", ["paths/", "arrivals/", "searches/"])
def test_without_events_the_pages_teach(lake: Path, today: dt.date, browser: Client, name: str) -> None:
    assert "Connect your site, app or shop under Sources" in page(browser, f"/insight/funnels/{name}")


def test_the_queries_are_spelled_by_what_both_engines_mean_alike() -> None:
    asked = [arrivals.query(by) for by in arrivals.WAYS]
    asked += [paths.query(way, pages=pages) for way in (paths.AFTER, paths.BEFORE) for pages in (True, False)]
    for sql in [*asked, searches.QUERY]:
        assert list(dialect.strays(queries.parsed(sql))) == []
