"""The page of products, its panels, and its tables as files."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.guard.fileout import Cell
from guanxi.insight.assortment import baskets, prices, ranking, trend
from guanxi.insight.assortment import needs as sought
from guanxi.insight.assortment.asked import SCALES, Asked
from guanxi.insight.assortment.baskets import Rules
from guanxi.insight.assortment.computed import Computed
from guanxi.insight.assortment.needs import Needs
from guanxi.insight.assortment.page import ProductsPage
from guanxi.insight.assortment.prices import Bands
from guanxi.insight.assortment.ranking import Ranking
from guanxi.insight.assortment.seasons import Aligned, seasons
from guanxi.insight.assortment.trend import DAY, Trend
from guanxi.orders.figures import base_currency
from guanxi.pages import list_file
from guanxi.shop import calendar
from guanxi.warehouse.reading import Lake, snapshot

Sheet = tuple[Sequence[str], Iterable[Sequence[Cell]]]


@require_GET
@needs("insight.view")
def products(request: StaffRequest) -> HttpResponse:
    """Show what was sold: the days, the orders, and which products brought most."""
    asked = Asked.of(request.GET.dict())
    told = {
        "page": ProductsPage.read(asked),
        "asked": asked,
        "may_import": request.user.may("imports.run"),
        "may_see": request.user.may("catalog.view"),
    }
    return render(request, "insight/products.html", told)


@require_GET
@needs("insight.view")
def season(request: StaffRequest) -> HttpResponse:
    """Show the days around a festival beside those of the year before."""
    asked, computed = Asked.of(request.GET.dict()), Computed.last(trend.MART)
    finished = timezone.localdate() - DAY  # a day that is not over would end the line near nothing
    told = aligned(asked, min(computed.as_of, finished)) if computed else None
    return render(request, "insight/season_panel.html", {"aligned": told, "asked": asked, "run": computed})


@require_GET
@needs("insight.view")
def bands(request: StaffRequest) -> HttpResponse:
    """Show at which prices the shop sells."""
    asked, computed = Asked.of(request.GET.dict()), Computed.last(prices.MART)
    with snapshot() as lake:
        found = Bands.read(lake, asked, base_currency()) if computed else None
    told = {"bands": found, "asked": asked, "tabs": asked.tabs("scale", SCALES, "#prices"), "run": computed}
    return render(request, "insight/prices_panel.html", told)


@require_GET
@needs("insight.view")
def rules(request: StaffRequest) -> HttpResponse:
    """Show what is bought together."""
    computed = Computed.last(baskets.PAIRS) if Computed.is_there(baskets.MART) else None
    with snapshot() as lake:
        found = Rules.read(lake) if computed else None
    told = {"rules": found, "run": computed, "may_see": request.user.may("catalog.view")}
    return render(request, "insight/baskets_panel.html", told)


@require_GET
@needs("insight.view")
def unmet(request: StaffRequest) -> HttpResponse:
    """Show what people look for and do not buy."""
    asked, computed = Asked.of(request.GET.dict()), Computed.last(sought.MART)
    with snapshot() as lake:
        found = Needs.read(lake, asked) if computed else None
    return render(request, "insight/needs_panel.html", {"needs": found, "asked": asked, "run": computed})


def aligned(asked: Asked, as_of: dt.date) -> Aligned | None:
    """Lay the days of trade around festivals beside each other; None where there are none."""
    currency = base_currency()
    with snapshot() as lake:
        days = Trend.read(lake, asked, as_of, currency).days
    if not days:
        return None
    years = range(min(days).year - 1, as_of.year + 2)
    windows = (each for year in years for each in calendar.windows(year))
    return Aligned(asked, seasons(windows, min(days), as_of), days, as_of, currency)


@require_GET
@needs("insight.view")
def table(request: StaffRequest, sheet: str) -> HttpResponseBase:
    """Send a table as CSV, all rows of it."""
    if sheet not in SHEETS:
        raise Http404
    mart, title, read = SHEETS[sheet]
    if not Computed.is_there(mart):
        raise Http404
    with snapshot() as lake:
        headings, rows = read(lake, Asked.of(request.GET.dict()))
    AuditEntry.write("chart.exported", by=request.user, on=f"chart:goods-{sheet}", changes={"form": (None, "CSV")})
    return list_file.as_csv(str(title), headings, rows)


def _ranking(lake: Lake, asked: Asked) -> Sheet:
    found = Ranking.read(lake, asked, base_currency(), most=ranking.MANY)
    return found.headings, found.cells


def _rules(lake: Lake, _asked: Asked) -> Sheet:
    found = Rules.read(lake, most=baskets.MOST)
    return found.headings, found.cells


def _needs(lake: Lake, asked: Asked) -> Sheet:
    found = Needs.read(lake, asked, most=sought.MOST)
    return found.headings, found.cells


SHEETS: dict[str, tuple[str, Promise, Callable[[Lake, Asked], Any]]] = {
    "sales": (ranking.MART, gettext_lazy("products"), _ranking),
    "baskets": (baskets.MART, gettext_lazy("baskets"), _rules),
    "searches": (sought.MART, gettext_lazy("searches"), _needs),
}
