"""A list answers only what it declares, whatever its address asks for."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from guanxi.pages.listing import PAGE_ROWS, Column, Filter, Listing, Table

KINDS = Table(
    columns=(
        Column("model", "Model", order_by="model"),
        Column("size", "Size", order_by="id", numeric=True),
        Column("note", "Note"),
    ),
    sort="model",
    search=lambda rows, query: rows.filter(model__contains=query),
    filters=(Filter("app", "App", {"a": "First", "b": "Second"}, lambda rows, value: rows.filter(app_label=value)),),
)


@pytest.fixture
def kinds(db: None) -> Any:
    ContentType.objects.all().delete()
    ContentType.objects.bulk_create(
        ContentType(app_label="a" if number % 2 else "b", model=f"kind{number:03}") for number in range(120)
    )
    return ContentType.objects.all()


def page(rows: Any, query: str = "") -> Listing[Any]:
    request: HttpRequest = RequestFactory().get("/kinds/?" + query)
    return KINDS.page(request, rows)


def test_a_page_has_fifty_rows_and_knows_the_whole(kinds: Any) -> None:
    listing = page(kinds)
    assert (len(listing.rows), listing.total, listing.first, listing.last) == (PAGE_ROWS, 120, 1, 50)
    assert (listing.previous, listing.next) == ("", "?page=2")


def test_the_last_page_holds_the_rest(kinds: Any) -> None:
    listing = page(kinds, "page=3")
    assert (listing.first, listing.last, listing.next) == (101, 120, "")
    assert listing.previous == "?page=2"


@pytest.mark.parametrize("asked", ["0", "-1", "99", "1e9", "٣", "9" * 40, "'; drop table"])
def test_a_page_that_does_not_exist_is_held_between_first_and_last(kinds: Any, asked: str) -> None:
    assert page(kinds, f"page={asked}").number in {1, 3}


def test_a_declared_sort_is_followed_in_both_directions(kinds: Any) -> None:
    assert page(kinds, "sort=-model").rows[0].model == "kind119"
    assert page(kinds, "sort=model").rows[0].model == "kind000"


@pytest.mark.parametrize("asked", ["app_label", "note", "password", "-", "--model", "model__id", "?", "id); --"])
def test_a_sort_that_is_not_declared_is_ignored(kinds: Any, asked: str) -> None:
    assert [row.model for row in page(kinds, f"sort={asked}").rows[:2]] == ["kind000", "kind001"]


def test_a_click_on_figures_sorts_the_largest_first(kinds: Any) -> None:
    model, size, note = page(kinds).headings
    assert (model.sorted, model.href) == ("ascending", "?sort=-model")
    assert (size.sorted, size.href) == ("", "?sort=-size")
    assert note.href == ""


@pytest.mark.parametrize("query", ["kind00", "%", "' or 1=1 --", "\0kind00"])
def test_a_search_is_a_value_never_a_query(kinds: Any, query: str) -> None:
    assert page(kinds, f"q={query}").total in {0, 10}


def test_a_filter_in_force_shows_how_to_take_it_away(kinds: Any) -> None:
    listing = page(kinds, "app=a&sort=-model&page=2")
    assert listing.total == 60
    (chip,) = listing.chips
    assert (chip.title, chip.value, chip.without) == ("App", "First", "?sort=-model")
    assert listing.cleared == "?sort=-model"


def test_an_unknown_filter_value_filters_nothing(kinds: Any) -> None:
    assert page(kinds, "app=zzz&model=kind001").total == 120


def test_a_page_costs_two_queries(kinds: Any, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        page(kinds, "q=kind&app=a&sort=-size")


def test_pages_never_overlap_where_the_sort_is_equal(db: None) -> None:
    ContentType.objects.all().delete()
    ContentType.objects.bulk_create(ContentType(app_label=f"a{number}", model="same") for number in range(60))
    seen = [row.pk for number in (1, 2) for row in page(ContentType.objects.all(), f"page={number}").rows]
    assert len(set(seen)) == 60


def test_an_empty_list_has_one_page(db: None) -> None:
    listing = page(ContentType.objects.none(), "q=x")
    assert (listing.total, listing.number, listing.first, listing.last, listing.narrowed) == (0, 1, 0, 0, True)
