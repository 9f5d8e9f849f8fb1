"""What stands around a list: its views as tabs, the reader's columns, and the small answers its page asks for later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from guanxi.accounts.models import AuditEntry, ChosenColumns, SavedView
from guanxi.accounts.models.saved_view import plain
from guanxi.pages.components import Tab
from guanxi.pages.filters import Filter, joined
from guanxi.pages.formats import count_to
from guanxi.pages.listing import PASSING, Choice, Listing, Table, address, counted, query_of


@dataclass(frozen=True)
class Shelf:
    """The views of a list: the ones everyone has, then those that were saved.

    `mine` is the reader's own one that is shown now, `query` what could be saved now.
    """

    tabs: Sequence[Tab]
    mine: SavedView | None
    query: str
    savable: bool
    views_url: str
    columns_url: str


@dataclass(frozen=True)
class Group:
    """A filter as the menu shows it: its values, what it says now, and what else is asked for."""

    filter: Filter
    values: Sequence[Choice]
    now: str
    rest: Sequence[tuple[str, str]]
    counts: str

    @property
    def told(self) -> object:
        """What it says now, in words."""
        return self.filter.told(self.now) if self.now else ""

    @property
    def ends(self) -> Sequence[str]:
        """Both ends of a range in force."""
        return self.now.split("..") if self.filter.input and ".." in self.now else ("", "")


def exported(request: HttpRequest, table: Table, form: str, *, act: str = "", **more: Any) -> None:
    """Write into the access log that a selection leaves as a file: narrowed by what, and whether by a search."""
    said = [f"{each.title}: {each.told(value)}" for each, value in table.chosen(request.GET).items()]
    searched = "q" if query_of(request.GET) else None  # what was looked for may be a name or a phone
    changes = {
        "form": (None, form),
        "filters": (None, said or None),
        "search": (None, searched),
        **more.pop("changes", {}),
    }
    act = act or f"{table.name}.exported"
    AuditEntry.write(act, by=request.user, on=f"{table.name}:list", changes=changes, **more)


def listed(
    request: HttpRequest, table: Table, rows: Any, tabs: Callable[[Listing[Any]], Sequence[Tab]] = lambda listing: ()
) -> dict[str, Any]:
    """Read a page of a list with the reader's columns, and its views, as its template draws them."""
    listing: Listing[Any] = table.page(request, rows, _layout(request.user, table))
    return {"listing": listing, "shelf": shelf(request, table, tabs(listing))}


def shelf(request: HttpRequest, table: Table, tabs: Sequence[Tab]) -> Shelf:
    """Put the saved views behind the views everyone has; where one shows just this, it alone is active."""
    now, saved = plain(request.GET.urlencode()), list(_views(request.user, table))
    active = next((view for view in saved if view.query == now), None)
    standing = [replace(tab, active=False) for tab in tabs] if active else list(tabs)
    kept = [_tab(view, request.path, active=view == active) for view in saved]
    return Shelf(
        tabs=[*standing, *kept],
        mine=active if active and active.owner_id == request.user.pk else None,
        query=now,
        savable=bool(now) and active is None and not any(plain(tab.href) == now for tab in standing),
        views_url=reverse("list-views", args=[table.name]),
        columns_url=_columns_url(table),
    )


def part(request: HttpRequest, table: Table, rows: Any) -> HttpResponse | None:
    """Answer what the page of a list asks for besides itself; None where the page itself is meant."""
    if changed := joined(request.GET, table.filters):
        return redirect(f"{request.path}?{changed.urlencode()}")
    if "count" in request.GET:
        return HttpResponse(count_to(counted(table.narrowed(request, rows))))
    if declared := next((each for each in table.filters if each.name == request.GET.get("counts")), None):
        values = table.choices(request.GET, declared, rows)
        return render(request, "pages/list_values.html", {"values": values})
    if "columns" in request.GET:
        told = {"choosable": table.choosable(_layout(request.user, table)), "back": _back(request)}
        return render(request, "pages/list_columns.html", {**told, "columns_url": _columns_url(table)})
    if "values" in request.GET:
        return render(request, "pages/list_filters.html", {"groups": _groups(request, table), "path": request.path})
    return None


def _groups(request: HttpRequest, table: Table) -> list[Group]:
    """Draw every filter with its values, and both ends of a range in force."""
    groups, chosen = [], table.chosen(request.GET)
    for each in table.filters:
        rest = [(name, str(value)) for name, value in request.GET.items() if name not in {*PASSING, each.name}]
        counts = address(request.GET, counts=each.name)
        groups.append(Group(each, table.choices(request.GET, each), chosen.get(each, ""), rest, counts))
    return groups


def _columns_url(table: Table) -> str:
    return reverse("list-columns", args=[table.name])


def _back(request: HttpRequest) -> str:
    """Give the address that the list stands under."""
    return request.path + address(request.GET).removesuffix("?")


def _tab(view: SavedView, path: str, *, active: bool) -> Tab:
    return Tab(view.name, f"?{view.query}", active=active, count_url=f"{path}?{view.query}&count=1")


def _layout(reader: Any, table: Table) -> Sequence[str]:
    names = ChosenColumns.objects.filter(owner=reader, list_name=table.name).values_list("names", flat=True).first()
    return names or ()


def _views(reader: Any, table: Table) -> Any:
    return SavedView.objects.seen_by(reader).filter(list_name=table.name)
