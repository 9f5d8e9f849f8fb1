"""Lists: searched, filtered, sorted and paged by names that the list declares.

What the address asks for is looked up in the declaration; an unknown sort or filter is ignored, values travel as
parameters. Pages are walked by key, so that the last one costs what the first one does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Generic, TypeVar

from django.db import models
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise

from guanxi.core.ids import key_of
from guanxi.pages.filters import Filter
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.paging import ByFields, Line, keys_of

Text = str | Promise
Row = TypeVar("Row", bound=models.Model)
Order = Callable[["Found", bool], Line]

PAGE_ROWS = 50
MOST_SORTED = 30_000  # a column without an index sorts no more rows than that
SEARCH_LETTERS = 100
PLACE = ("after", "before", "from")  # which page an address shows
PASSING = (*PLACE, "count", "counts", "values", "columns")  # what no address is built from
CHOICES_COUNTED = 30
UNCOUNTED_SECONDS = 600
_uncounted: dict[tuple[str, int], float] = {}
PLACE_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it sorts by, and whether it holds figures.

    `order_by` is a field that always has a value (none: it does not sort), or a function that is given what was found
    and whether it falls, and answers a line. `falls` says that the first click puts the largest on top, as in
    figures. `indexed` is False where sorting reads every row: a selection too large for that is not sorted by it. A
    column that is not `shown` waits among the reader's choices; the first column always stands.
    """

    name: str
    title: Text
    order_by: str | Order = ""
    numeric: bool = False
    falls: bool = False
    indexed: bool = True
    shown: bool = True


@dataclass(frozen=True)
class Heading:
    """A column's head as drawn: where a click leads, and how it sorts now."""

    column: Column
    href: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it says, the address without it, and how many rows that would show where it is asked."""

    title: Text
    value: Text
    without: str
    count: int | None = None


@dataclass(frozen=True)
class Choice:
    """A value a list could be narrowed to, the address that does, and how many rows that would show."""

    title: Text
    href: str
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list, ready to be drawn; `first` is the place of its first row.

    `choosable` counts the columns there are; `unsorted` names the one that the rows are too many to be sorted by.
    """

    asked: QueryDict
    rows: list[Row]
    total: int
    first: int
    headings: list[Heading]
    chips: list[Chip]
    previous: str = ""
    next: str = ""
    cleared: str = "?"
    filters: Sequence[Filter] = ()
    choosable: int = 0
    unsorted: Text = ""

    @property
    def query(self) -> str:
        """What is looked for."""
        return query_of(self.asked)

    @property
    def address(self) -> str:
        """What is asked for, from the first page on."""
        return address(self.asked)

    @property
    def besides(self) -> list[tuple[str, str]]:
        """What is asked for besides the search."""
        return [(name, str(value)) for name, value in self.asked.items() if name not in {*PASSING, "q"}]

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self.query or self.chips)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the reader's order."""
        return [heading.column.name for heading in self.headings]


@dataclass(frozen=True)
class Found:
    """Rows that were looked for; how many they are, as far as lists count; their keys, where finding them told these.

    `total` is below nought until they are counted. `scattered` says that they stand anywhere in every order, as people
    of one name do, and those of one class do not.
    """

    rows: Any
    total: int = -1
    keys: Sequence[int] | None = None
    scattered: bool = False


@dataclass(frozen=True)
class Table:
    """The declaration of a list. `sort` is a column's name, with `-` before it for descending.

    `by_keys` says that its orders ask for the keys of what was found, which are then read instead of counted. `search`
    answers the rows that a text means, or what it found.
    """

    name: str
    columns: tuple[Column, ...]
    sort: str
    search: Callable[[Any, str], Any] | None = None
    filters: tuple[Filter, ...] = field(default=())
    by_keys: bool = False
    known: Callable[[QueryDict], int | None] = lambda asked: None  # a count of a selection that costs less elsewhere

    def page(self, request: HttpRequest, rows: "models.QuerySet[Row]", layout: Sequence[str] = ()) -> Listing[Row]:
        """Answer what the address of a request asks for, with the columns in the reader's order."""
        asked, sort = request.GET, self.sort_of(request)
        found = self.selected(request, rows)
        total = found.total
        shown = self._laid_out(layout)
        unsorted = "" if self._sortable(sort, found) else sort.removeprefix("-")
        sort = self.sort if unsorted else sort
        page = _read(self.line(found, sort), asked, rows.model)
        return Listing(
            asked=asked,
            rows=page.rows,
            total=total,
            first=page.first,
            headings=[self._heading(asked, column, sort) for column in shown],
            chips=self._chips(asked, rows, empty=not total),
            previous=page.previous,
            next=page.next,
            cleared=address(asked, q=None, **{each.name: None for each in self.filters}),
            filters=self.filters,
            choosable=len(self.columns),
            unsorted=self._column(unsorted).title if unsorted else "",
        )

    def selected(self, request: HttpRequest, rows: Any) -> Found:
        """Keep all the rows the address asks for, and count them."""
        found = self._found(request.GET, rows)
        if found.total >= 0:
            return found
        known = self.known(request.GET)
        if known is not None or not self.by_keys or not self.chosen(request.GET):
            return replace(found, total=counted(found.rows) if known is None else known)
        keys = keys_of(found.rows.order_by()[: MOST_COUNTED + 1])
        return replace(found, total=len(keys), keys=keys if len(keys) <= MOST_COUNTED else None)

    def is_narrowed(self, request: HttpRequest) -> bool:
        """Tell whether the address leaves rows out."""
        return bool(query_of(request.GET) or self.chosen(request.GET))

    def narrowed(self, request: HttpRequest, rows: Any) -> Any:
        """Keep all the rows the address asks for, whichever page they are on."""
        return self._found(request.GET, rows).rows

    def chosen(self, asked: QueryDict) -> dict[Filter, str]:
        """Read the filters in force."""
        read = {each: each.read(asked.get(each.name, "")) for each in self.filters if asked.get(each.name)}
        return {each: value for each, value in read.items() if value}

    def sort_of(self, request: HttpRequest) -> str:
        """Read the sort; a column that is not declared as sortable gives the list's own."""
        asked = request.GET.get("sort", "")
        sortable = {column.name for column in self.columns if column.order_by}
        return asked if asked.removeprefix("-") in sortable else self.sort

    def line(self, found: Found, sort: str) -> Line:
        """Put rows in the order of a declared column, then of their keys, so that pages never overlap."""
        order, falls, rows = self._column(sort).order_by, sort.startswith("-"), found.rows
        if callable(order):
            return order(found, falls)
        return ByFields(rows, (order, "pk"), falls, whole=rows.model._default_manager.all())  # noqa: SLF001

    def choices(self, asked: QueryDict, declared: Filter, rows: Any = None) -> list[Choice]:
        """Give the values of a filter, the one in force leading back to all, with counts where rows are given."""
        now, others = self.chosen(asked).get(declared, ""), asked.copy()
        others.pop(declared.name, None)
        rest = None if rows is None or len(declared.choices) > CHOICES_COUNTED else self._found(others, rows).rows
        return [
            Choice(
                title,
                address(others, **{declared.name: None if value == now else value}),
                None if rest is None else counted(declared.apply(rest, value)),
                chosen=value == now,
            )
            for value, title in declared.choices.items()
        ]

    def _found(self, asked: QueryDict, rows: Any) -> Found:
        query, chosen = query_of(asked), self.chosen(asked)
        answer = self.search(rows, query) if query and self.search else rows
        found = answer if isinstance(answer, Found) else Found(answer)
        if not chosen:
            return found
        rows = found.rows
        for each, value in chosen.items():
            rows = each.apply(rows, value)
        return Found(rows)

    def _chips(self, asked: QueryDict, rows: Any, *, empty: bool) -> list[Chip]:
        """Name the filters in force; where nothing meets them all, with what each of them alone keeps away."""
        chips = []
        for each, value in self.chosen(asked).items():
            others = asked.copy()
            others.pop(each.name)
            count = counted(self._found(others, rows).rows) if empty else None
            chips.append(Chip(each.title, each.told(value), address(asked, **{each.name: None}), count))
        return chips

    def choosable(self, layout: Sequence[str]) -> list[tuple[Column, bool]]:
        """Give every column and whether it is shown, in the reader's order, those left out at the end."""
        shown = self._laid_out(layout)
        return [(each, True) for each in shown] + [(each, False) for each in self.columns if each not in shown]

    def _laid_out(self, layout: Sequence[str]) -> list[Column]:
        """Give the columns to be shown; a layout that knows none of ours is none."""
        known = {column.name: column for column in self.columns}
        chosen = [known[name] for name in dict.fromkeys(layout) if name in known and name != self.columns[0].name]
        return [self.columns[0], *(chosen or (column for column in self.columns[1:] if column.shown))]

    def _sortable(self, sort: str, found: Found) -> bool:
        """Tell whether an index sorts by the column, or the selection is small enough to do without."""
        few = self._column(sort).indexed or found.total <= MOST_COUNTED
        return few or counted(found.rows, MOST_SORTED) <= MOST_SORTED

    def _column(self, sort: str) -> Column:
        return next(column for column in self.columns if column.name == sort.removeprefix("-"))

    def _heading(self, asked: QueryDict, column: Column, sort: str) -> Heading:
        """Draw a head: the first click on figures sorts the largest first."""
        if not column.order_by:
            return Heading(column)
        now = sort.removeprefix("-") == column.name
        falls = not sort.startswith("-") if now else column.numeric or column.falls
        href = address(asked, sort=("-" if falls else "") + column.name)
        return Heading(column, href, ("descending" if sort.startswith("-") else "ascending") if now else "")


def counted(rows: Any, most: int = 0) -> int:
    """Count rows, and stop one after `most`: a list of millions says "10,000+" and does not count them all."""
    found: int = rows.order_by()[: (most or MOST_COUNTED) + 1].count()
    return found


def counted_as(name: str, rows: Any) -> int:
    """Count rows that every page of a list tells of; past counting, they are taken to be so for ten minutes more."""
    key, now = (name, MOST_COUNTED), monotonic()
    if _uncounted.get(key, 0) > now:
        return MOST_COUNTED + 1
    found = counted(rows)
    if found > MOST_COUNTED:
        _uncounted[key] = now + UNCOUNTED_SECONDS
    return found


def query_of(asked: QueryDict) -> str:
    """Read what is looked for."""
    typed = asked.get("q", "").replace("\0", "").encode(errors="ignore").decode()
    return typed.strip()[:SEARCH_LETTERS]


def address(asked: QueryDict, **changes: object) -> str:
    """Write the address with some parts changed; it leads to the first page unless a change says otherwise."""
    query = asked.copy()
    for name in PASSING:
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return "?" + query.urlencode()


@dataclass(frozen=True)
class _Page:
    rows: list[Any]
    first: int
    previous: str = ""
    next: str = ""


def _read(line: Line, asked: QueryDict, model: type[models.Model]) -> _Page:
    """Read the page that follows a row, or leads up to one; one row more tells whether there is another page."""
    after, before = (_key(model, asked.get(name, "")) for name in PLACE[:2])
    place = int(asked.get("from", "")) if PLACE_NUMBER.fullmatch(asked.get("from", "")) else 1
    if place > 1 and before is not None and line.has(before):
        rows = line.before(before, PAGE_ROWS + 1)
        if len(rows) > PAGE_ROWS:
            return _paged(asked, rows[1:], place, more=True)
    elif place > 1 and after is not None and line.has(after):
        rows = line.after(after, PAGE_ROWS + 1)
        return _paged(asked, rows[:PAGE_ROWS], place, more=len(rows) > PAGE_ROWS)
    rows = line.after(None, PAGE_ROWS + 1)
    return _paged(asked, rows[:PAGE_ROWS], 1, more=len(rows) > PAGE_ROWS)


def _paged(asked: QueryDict, rows: list[Any], first: int, *, more: bool) -> _Page:
    if not rows:
        return _Page([], 0)
    ends = [_word(row) for row in (rows[0], rows[-1])]
    earlier = address(asked, before=ends[0], **{"from": max(1, first - PAGE_ROWS)}) if first > 1 else ""
    later = address(asked, after=ends[1], **{"from": first + len(rows)}) if more else ""
    return _Page(rows, first, earlier, later)


def _word(row: Any) -> str:
    """Write the key of a row as addresses carry it."""
    return getattr(row, "public_id", str(row.pk))


def _key(model: Any, word: str) -> int | None:
    """Read the key of a row back."""
    prefix = getattr(model, "PREFIX", "")
    if prefix:
        return key_of(prefix, word)
    return int(word) if PLACE_NUMBER.fullmatch(word) else None
