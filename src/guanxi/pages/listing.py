"""Lists: searched, filtered, sorted and paged by names that the list declares.

What the address asks for is looked up in the declaration; an unknown sort or filter is ignored, values travel as
parameters. A page of a list costs two queries, however many rows there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise

from guanxi.pages.formats import MOST_COUNTED

Text = str | Promise
Row = TypeVar("Row", bound=models.Model)
Narrow = Callable[[Any, str], Any]
Order = Callable[[Any, bool], Any]

PAGE_ROWS = 50
SEARCH_LETTERS = 100


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it sorts by, and whether it holds figures.

    `order_by` is a field (none: it does not sort), or a function that is given the rows and whether they go down, and
    answers something whose slices are pages. `falls` says that the first click puts the largest on top, as in figures.
    """

    name: str
    title: Text
    order_by: str | Order = ""
    numeric: bool = False
    falls: bool = False


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter of the address: `choices` are the values it knows, `narrow` applies one to the query set."""

    name: str
    title: Text
    choices: Mapping[str, Text]
    narrow: Narrow


@dataclass(frozen=True)
class Heading:
    """A column's head as drawn: where a click leads, and how it sorts now."""

    column: Column
    href: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it says, and the address without it."""

    title: Text
    value: Text
    without: str


@dataclass(frozen=True)
class Choice:
    """A value a list could be narrowed to, and the address that does."""

    title: Text
    href: str
    chosen: bool = False


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list, ready to be drawn."""

    rows: list[Row]
    total: int
    number: int
    query: str
    headings: list[Heading]
    chips: list[Chip]
    previous: str = ""
    next: str = ""
    cleared: str = "?"
    choices: list[tuple[Text, list[Choice]]] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The place of the first row shown."""
        return (self.number - 1) * PAGE_ROWS + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self.query or self.chips)


@dataclass(frozen=True)
class Table:
    """The declaration of a list. `sort` is a column's name, with `-` before it for descending."""

    columns: tuple[Column, ...]
    sort: str
    search: Narrow | None = None
    filters: tuple[Filter, ...] = field(default=())

    def page(self, request: HttpRequest, rows: "models.QuerySet[Row]") -> Listing[Row]:
        """Answer what the address of a request asks for."""
        query, chosen = _query(request), self._chosen(request)
        narrowed = self._narrowed(rows, query, chosen)
        total = counted(narrowed)
        sort, number = self.sort_of(request), _page_number(request, total)
        start = (number - 1) * PAGE_ROWS
        return Listing(
            rows=list(self._sorted(narrowed, sort)[start : start + PAGE_ROWS]),
            total=total,
            number=number,
            query=query,
            headings=[self._heading(request, column, sort) for column in self.columns],
            chips=[
                Chip(each.title, each.choices[value], _address(request, **{each.name: None})) for each, value in chosen
            ],
            previous=_address(request, page=number - 1) if number > 1 else "",
            next=_address(request, page=number + 1) if start + PAGE_ROWS < total else "",
            choices=[(each.title, _choices(request, each, dict(chosen).get(each, ""))) for each in self.filters],
            cleared=_address(request, q=None, **{each.name: None for each in self.filters}),
        )

    def is_narrowed(self, request: HttpRequest) -> bool:
        """Tell whether the address leaves rows out."""
        return bool(_query(request) or self._chosen(request))

    def narrowed(self, request: HttpRequest, rows: Any) -> Any:
        """Keep all the rows the address asks for, for a sum or a file of the whole selection."""
        return self._narrowed(rows, _query(request), self._chosen(request))

    def _chosen(self, request: HttpRequest) -> list[tuple[Filter, str]]:
        """Read the filters in force; an unknown value is none."""
        asked = [(each, request.GET.get(each.name, "")) for each in self.filters]
        return [(each, value) for each, value in asked if value in each.choices]

    def _narrowed(self, rows: Any, query: str, chosen: list[tuple[Filter, str]]) -> Any:
        """Apply the search and the filters."""
        if query and self.search:
            rows = self.search(rows, query)
        for each, value in chosen:
            rows = each.narrow(rows, value)
        return rows

    def sort_of(self, request: HttpRequest) -> str:
        """Read the sort; a column that is not declared as sortable gives the list's own."""
        asked = request.GET.get("sort", "")
        sortable = {column.name for column in self.columns if column.order_by}
        return asked if asked.removeprefix("-") in sortable else self.sort

    def _sorted(self, rows: Any, sort: str) -> Any:
        """Sort by a declared column, missing values last, then by key, so that pages never overlap."""
        field = next(column.order_by for column in self.columns if column.name == sort.removeprefix("-"))
        if callable(field):
            return field(rows, sort.startswith("-"))
        last = True if _may_be_missing(rows, field) else None  # an index of PostgreSQL serves only the plain order
        if sort.startswith("-"):
            return rows.order_by(models.F(field).desc(nulls_last=last), "-pk")
        return rows.order_by(models.F(field).asc(nulls_last=last), "pk")

    def _heading(self, request: HttpRequest, column: Column, sort: str) -> Heading:
        """Draw a head: the first click on figures sorts the largest first."""
        if not column.order_by:
            return Heading(column)
        now = sort.removeprefix("-") == column.name
        descending = not sort.startswith("-") if now else column.numeric or column.falls
        href = _address(request, sort=("-" if descending else "") + column.name)
        return Heading(column, href, ("descending" if sort.startswith("-") else "ascending") if now else "")


def counted(rows: Any) -> int:
    """Count rows, and stop one after MOST_COUNTED: a list of millions says "10,000+" and does not count them all."""
    found: int = rows.order_by()[: MOST_COUNTED + 1].count()
    return found


def _choices(request: HttpRequest, declared: Filter, now: str) -> list[Choice]:
    """Draw the values of a filter; the one in force leads back to all."""
    return [
        Choice(title, _address(request, **{declared.name: None if value == now else value}), chosen=value == now)
        for value, title in declared.choices.items()
    ]


def _query(request: HttpRequest) -> str:
    """Read what is looked for."""
    typed = request.GET.get("q", "").replace("\0", "").encode(errors="ignore").decode()
    return typed.strip()[:SEARCH_LETTERS]


def _may_be_missing(rows: Any, name: str) -> bool:
    """Say whether a field has rows without a value; what is no field of the row's own may always."""
    fields = {field.name: field.null for field in rows.model._meta.concrete_fields}  # noqa: SLF001
    return bool(fields.get(name, True))


def _page_number(request: HttpRequest, total: int) -> int:
    """Read the page's number, held between the first and the last."""
    asked = request.GET.get("page", "")
    pages = max(1, -(-total // PAGE_ROWS))
    return min(max(1, int(asked)), pages) if asked.isdecimal() and len(asked) < 10 else 1


def _address(request: HttpRequest, **changes: object) -> str:
    """Write the address with some parts changed; any change but the page's own leads back to page one."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None and (name, value) != ("page", 1):
            query[name] = str(value)
    return "?" + query.urlencode()
