"""What the shell shows and does not know itself: other contexts provide it when the program starts."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

THEMES = ("light", "dark", "system")
THEME_COOKIE = "guanxi_theme"
CHANGE_COLOURS = ("red-up", "green-up", "plain")
CHANGE_COOKIE = "guanxi_change"


@dataclass(frozen=True)
class AsOf:
    """The moment up to which figures are complete, and how old they may grow before that is a fault."""

    at: dt.datetime
    promised: dt.timedelta = dt.timedelta(minutes=15)
    reason: str = ""

    @property
    def stale(self) -> bool:
        """Whether the figures are older than twice the promise."""
        return timezone.now() - self.at > 2 * self.promised


@dataclass(frozen=True)
class Shop:
    """Whose pages these are, and whether everything in them is made up."""

    name: str
    demo: bool = False


@dataclass(frozen=True)
class Banner:
    """What everybody has to know before anything else, on every page; `href` leads those who may to where it ends."""

    text: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True)
class Look:
    """Where the shop's own style and logo are; empty where it has none."""

    style: str = ""
    logo: str = ""


_shop: Callable[[], Shop] | None = None
_look: Callable[[], Look] | None = None
_banner: Callable[[HttpRequest], Banner | None] | None = None
_as_of: Callable[[], AsOf | None] | None = None
_search = ""


def provide(
    *,
    shop: Callable[[], Shop] | None = None,
    as_of: Callable[[], AsOf | None] | None = None,
    search: str = "",
    banner: Callable[[HttpRequest], Banner | None] | None = None,
    look: Callable[[], Look] | None = None,
) -> None:
    """Say where the shop's name, its look and the age of its figures come from, which route answers a search (`?q=`),
    and who knows of what everybody has to know.
    """
    global _shop, _as_of, _search, _banner, _look
    _shop, _as_of, _search = shop or _shop, as_of or _as_of, search or _search
    _banner, _look = banner or _banner, look or _look


def shop() -> Shop:
    """Give the shop, or the product's name where no shop is set up yet."""
    found = _shop() if _shop else None
    return found if found and found.name else Shop("Guanxi")


def look() -> Look:
    """Give the shop's own style and logo."""
    return _look() if _look else Look()


def as_of() -> AsOf | None:
    """Give the age of the figures, where something measures it."""
    return _as_of() if _as_of else None


def banner(request: HttpRequest) -> Banner | None:
    """Give what everybody who is signed in has to know, where there is something."""
    known = _banner and getattr(getattr(request, "user", None), "is_authenticated", False)
    return _banner(request) if _banner and known else None


def search_url() -> str:
    """Give the address that answers a search, or nothing where none is mounted."""
    try:
        return reverse(_search) if _search else ""
    except NoReverseMatch:
        return ""


def theme(request: HttpRequest) -> str:
    """Give the theme the reader chose: light, dark, or system where none was chosen."""
    chosen = getattr(getattr(request, "user", None), "theme", "") or request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"


def change_colours(request: HttpRequest) -> str:
    """Give the colours of up and down the reader chose, or nothing: then the language decides."""
    chosen = request.COOKIES.get(CHANGE_COOKIE, "")
    return chosen if chosen in CHANGE_COLOURS else ""
