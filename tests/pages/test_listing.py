"""A list answers only what it declares, whatever its address asks for."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.pages import listing as lists
from guanxi.pages.filters import Between, Days, Filter, joined
from guanxi.pages.listing import PAGE_ROWS, Column, Listing, Table

KINDS = Table(
    name="kinds",
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


def walk(rows: Any, query: str, step: str) -> list[Listing[Any]]:
    """The pages met from one on."""
    pages = [page(rows, query)]
    while address := getattr(pages[-1], step):
        pages.append(page(rows, address.removeprefix("?")))
    return pages


def test_a_page_has_fifty_rows_and_knows_the_whole(kinds: Any) -> None:
    listing = page(kinds)
    assert (len(listing.rows), listing.total, listing.first, listing.last) == (PAGE_ROWS, 120, 1, 50)
    assert listing.previous == ""
    assert listing.next.endswith("&from=51")


@pytest.mark.parametrize("query", ["", "sort=-model", "sort=-size", "app=a&sort=model", "q=kind00"])
def test_pages_forwards_and_backwards_are_the_same_and_leave_nothing_out(kinds: Any, query: str) -> None:
    pages = walk(kinds, query, "next")
    rows = [row.pk for each in pages for row in each.rows]
    assert len(rows) == len(set(rows)) == pages[0].total
    assert [(each.first, each.last) for each in pages][-1][1] == pages[0].total
    back = walk(kinds, pages[-1].address.removeprefix("?"), "next")[-1]
    backwards = walk(kinds, f"{query}&{last_address(pages)}", "previous") if len(pages) > 1 else [back]
    assert [row.pk for each in reversed(backwards) for row in each.rows] == rows


def last_address(pages: list[Listing[Any]]) -> str:
    """How the page before the last one leads to the last."""
    return pages[-2].next.removeprefix("?")


def test_the_last_page_holds_the_rest(kinds: Any) -> None:
    listing = walk(kinds, "", "next")[-1]
    assert (listing.first, listing.last, listing.next) == (101, 120, "")
    assert "before=" in listing.previous


@pytest.mark.parametrize(
    "asked",
    ["after=0&from=51", "after=999999999&from=51", "after=x&from=51", "before=1", "from=51", "after=٣&from=9",
     "before=9999&from=101", "after=" + "9" * 40 + "&from=" + "9" * 40],
)  # fmt: skip
def test_a_place_that_does_not_exist_is_the_beginning(kinds: Any, asked: str) -> None:
    listing = page(kinds, asked)
    assert (listing.first, listing.rows[0].model) == (1, "kind000")


def test_a_row_that_was_narrowed_away_still_marks_its_place(kinds: Any) -> None:
    marker = page(kinds, "sort=model").rows[-1]
    listing = page(kinds.exclude(pk=marker.pk), f"sort=model&after={marker.pk}&from=50")
    assert listing.rows[0].model == "kind050"


def test_too_many_rows_are_not_sorted_without_an_index(kinds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(
        "kinds", (Column("model", "Model", order_by="model"), Column("app", "App", "app_label", indexed=False)), "model"
    )
    request = RequestFactory().get("/kinds/?sort=-app")
    assert table.page(request, kinds).rows[0].app_label == "b"
    monkeypatch.setattr(lists, "MOST_COUNTED", 10)
    monkeypatch.setattr(lists, "MOST_SORTED", 100)
    listing = table.page(request, kinds)
    assert listing.rows[0].model == "kind000"
    assert (listing.unsorted, [heading.sorted for heading in listing.headings]) == ("App", ["ascending", ""])


def test_the_readers_columns_stand_in_the_readers_order(kinds: Any) -> None:
    request = RequestFactory().get("/kinds/")
    assert KINDS.page(request, kinds, ["note", "nonsense", "model", "note"]).columns == ["model", "note"]
    assert KINDS.page(request, kinds, ["nonsense"]).columns == ["model", "size", "note"]


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
    listing = page(kinds, "app=a&sort=-model&after=5&from=51")
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
    seen = [row.pk for each in walk(ContentType.objects.all(), "", "next") for row in each.rows]
    assert len(seen) == len(set(seen)) == 60


def test_an_empty_list_has_one_page(db: None) -> None:
    listing = page(ContentType.objects.none(), "q=x")
    assert (listing.total, listing.first, listing.last, listing.narrowed) == (0, 0, 0, True)


SIZE = Between(
    "size", "Size", {"1..9": "small"}, lambda rows, ends: ends, unit=lambda minor: f"¥{minor // 100}", scale=100
)
DAY = Days("day", "Day", {"7": "last 7 days"}, lambda rows, days: days)


@pytest.mark.parametrize(
    ("asked", "read", "told"),
    [("1..9", "1..9", "small"), ("5..20", "5..20", "¥5 – ¥20"), ("20..5", "5..20", "¥5 – ¥20"),
     ("5..", "5..", "at least ¥5"), ("..20", "..20", "at most ¥20"), ("7..7", "7..7", "¥7"),
     (" 5 .. 7 ", "5..7", "¥5 – ¥7")],
)  # fmt: skip
def test_a_range_is_read_and_told(asked: str, read: str, told: str) -> None:
    assert (SIZE.read(asked), SIZE.told(read)) == (read, told)


@pytest.mark.parametrize("asked", ["", "..", "5", "-5..9x", "a..b", "1..2..3", "٣..٥", "1e9..", "9" * 40 + ".."])
def test_a_range_that_makes_no_sense_is_none(asked: str) -> None:
    assert SIZE.read(asked) == ""


def test_money_is_typed_whole_and_kept_in_minor_units() -> None:
    assert SIZE.apply(None, "5..20") == (500, 2000)
    assert SIZE.apply(None, "..20") == (None, 2000)


def test_days_are_a_range_or_the_last_so_many() -> None:
    first, last = dt.date(2026, 11, 1), dt.date(2026, 11, 11)
    assert DAY.apply(None, DAY.read("2026-11-11..2026-11-01")) == (first, last)
    assert DAY.told("2026-11-01..2026-11-11") == "1 Nov 2026 – 11 Nov 2026"
    assert DAY.told("2026-11-11..2026-11-11") == "11 Nov 2026"
    assert DAY.apply(None, "7") == (timezone.localdate() - dt.timedelta(days=6), None)
    assert [DAY.read(bad) for bad in ("2026-13-01..", "yesterday..", "0", "..")] == ["", "", "", ""]


def test_two_ends_that_a_form_sent_become_one_range() -> None:
    sent = QueryDict("app=a&size_from=20&size_to=5&day_from=&day_to=")
    changed = joined(sent, [SIZE, DAY])
    assert changed is not None
    assert changed.urlencode() == "app=a&size=5..20"
    assert joined(QueryDict("app=a&size=5..20"), [SIZE, DAY]) is None


def test_where_nothing_meets_all_each_filter_says_what_it_keeps_away(kinds: Any) -> None:
    (chip,) = page(kinds.filter(app_label="a"), "app=b&q=kind001").chips
    assert chip.count == 1
    assert page(kinds, "app=b").chips[0].count is None


def test_the_values_of_a_filter_are_counted_among_what_else_is_asked_for(kinds: Any) -> None:
    asked = QueryDict("app=a&q=kind00&after=3&from=51")
    first, second = KINDS.choices(asked, KINDS.filters[0], kinds)
    assert (first.title, first.count, first.chosen, first.href) == ("First", 5, True, "?q=kind00")
    assert (second.title, second.count, second.chosen, second.href) == ("Second", 5, False, "?q=kind00&app=b")
