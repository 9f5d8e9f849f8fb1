"""The tree of places: ten groups in a fixed order, entries registered by the contexts that own the pages.

A context registers its entries in `AppConfig.ready()`; what is not built or not allowed is absent. Two levels only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Group:
    """One of the ten top places."""

    name: str
    title: Text
    icon: str


@dataclass(frozen=True)
class Entry:
    """A page of a group. `permission` is asked of the user (empty: every member of staff).

    `count` gives what is waiting there (None: no count); `hot` says whether that is about to breach; `also` names
    pages that lie elsewhere and belong under it.
    """

    group: str
    name: str
    title: Text
    url_name: str
    icon: str = ""
    order: int = 50
    permission: str = ""
    count: Callable[[HttpRequest], int | None] | None = None
    hot: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry as drawn for one request."""

    name: str
    title: Text
    url: str
    icon: str = ""
    active: bool = False
    count: int | None = None
    hot: bool = False


@dataclass(frozen=True)
class Branch:
    """A group as drawn for one request: its link, and its pages while it is open."""

    link: Link
    pages: list[Link] = field(default_factory=list)
    open: bool = False


GROUPS = (
    Group("home", _("Home"), "home-2"),
    Group("customers", _("Customers"), "users"),
    Group("orders", _("Orders"), "receipt-dollar"),
    Group("insight", _("Insight"), "chart-histogram"),
    Group("marketing", _("Marketing"), "send"),
    Group("loyalty", _("Loyalty"), "award"),
    Group("service", _("Service"), "message-2"),
    Group("sales", _("Sales"), "target-arrow"),
    Group("data", _("Data"), "database"),
    Group("settings", _("Settings"), "settings"),
)
PLACES = ("home", "customers", "inbox", "marketing")
CLERKS_PLACES = ("home", "orders", "stock", "imports")
SPARE_PLACES = ("home", "customers", "orders", "stock", "imports")

_entries: dict[tuple[str, str], Entry] = {}


def register(entry: Entry) -> None:
    """Add a page to the tree; registering it again replaces it."""
    if entry.group not in {group.name for group in GROUPS}:
        raise ValueError(f"{entry.group!r} is no group of the navigation; the groups are fixed in pages/navigation.py")
    _entries[entry.group, entry.name] = entry


def tree(request: HttpRequest) -> list[Branch]:
    """Draw the tree for a request: groups in their order, the active one open."""
    visible = _visible(request)
    active = _active(request, visible)
    branches = [_branch(group, visible, active, request) for group in GROUPS]
    return [branch for branch in branches if branch]


def pages(request: HttpRequest) -> list[Link]:
    """List every page the user may open, in the order of the tree."""
    icons = {group.name: group.icon for group in GROUPS}
    order = list(icons)
    visible = sorted(_visible(request), key=lambda pair: order.index(pair[0].group))
    return [Link(entry.name, entry.title, url, entry.icon or icons[entry.group]) for entry, url in visible]


def places(request: HttpRequest, branches: list[Branch]) -> list[Link]:
    """Choose the four places of the phone's bottom bar; the fifth is always "More"."""
    groups = {branch.link.name: replace(branch.link, active=branch.open) for branch in branches}
    pages = {entry.name: (entry, url) for entry, url in _visible(request)}
    names = [name for name in _wanted(groups.keys() | pages.keys()) if name in groups or name in pages]
    return [groups.get(name) or _place(request, *pages[name]) for name in names[:4]]


def allowed(user: Any, permission: str) -> bool:
    """Say whether a user may go where `permission` is asked."""
    if not user.is_authenticated:
        return False
    may = user.may if hasattr(user, "may") else user.has_perm
    return not permission or bool(may(permission))


def _wanted(reachable: set[str]) -> tuple[str, ...]:
    """Order the places by wish: one who may neither write nor sell gets the clerk's."""
    built = {name for key in _entries for name in key}
    if {"inbox", "marketing"} & built and not {"inbox", "marketing"} & reachable:
        return CLERKS_PLACES
    return tuple(dict.fromkeys((*PLACES, *SPARE_PLACES)))


def _place(request: HttpRequest, entry: Entry, url: str) -> Link:
    """Draw a page as a place of its own."""
    icon = entry.icon or next(group.icon for group in GROUPS if group.name == entry.group)
    return Link(entry.name, entry.title, url, icon, active=request.path.startswith(url), **_waiting([entry], request))


def _visible(request: HttpRequest) -> list[tuple[Entry, str]]:
    """Keep the entries the user may open and whose pages exist, each with its address."""
    open_to = (entry for entry in _entries.values() if allowed(request.user, entry.permission))
    pairs = [(entry, _address(entry.url_name)) for entry in open_to]
    return sorted(((entry, url) for entry, url in pairs if url), key=lambda pair: (pair[0].order, pair[0].name))


def _address(url_name: str) -> str:
    """Find the address of a page; one whose routes are not mounted has none."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _active(request: HttpRequest, visible: list[tuple[Entry, str]]) -> Entry | None:
    """Find the entry a request is under: the longest address its path begins with."""
    under = [
        (len(url), entry)
        for entry, own in visible
        for url in (own, *filter(None, map(_address, entry.also)))
        if request.path == url or (url != "/" and request.path.startswith(url))
    ]
    return max(under, key=lambda pair: pair[0])[1] if under else None


def _branch(
    group: Group, visible: list[tuple[Entry, str]], active: Entry | None, request: HttpRequest
) -> Branch | None:
    """Draw one group, or nothing where it has no page for this user; a group of its own single page is that page."""
    own = [(entry, url) for entry, url in visible if entry.group == group.name]
    if not own:
        return None
    is_open = active is not None and active.group == group.name
    alone = len(own) == 1 and own[0][0].name == group.name
    shown = [own[0][0]] if alone else [] if is_open else [entry for entry, _ in own if entry.hot]
    link = Link(group.name, group.title, own[0][1], group.icon, active=is_open and alone, **_waiting(shown, request))
    if alone or not is_open:
        return Branch(link, open=is_open)
    pages = [
        Link(
            entry.name, entry.title, url, entry.icon or group.icon, active=entry is active, **_waiting([entry], request)
        )
        for entry, url in own
    ]
    return Branch(link, pages, open=True)


def _waiting(entries: list[Entry], request: HttpRequest) -> dict[str, Any]:
    """Ask entries what is waiting there; a closed group speaks only for those about to breach."""
    counts = [entry.count(request) or 0 for entry in entries if entry.count]
    return {"count": sum(counts) or None, "hot": any(entry.hot for entry in entries)}
