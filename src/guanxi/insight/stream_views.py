"""The pages of the stream: funnels, paths, arrivals, search terms."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight import funnel_table as funnel_table_of
from guanxi.insight import funnels as funnel_pages
from guanxi.insight.arrivals import ArrivalsPage
from guanxi.insight.asked import Asked
from guanxi.insight.funnel import NoFunnel
from guanxi.insight.paths import PathsPage, Way
from guanxi.insight.searches import SearchesPage
from guanxi.pages import list_file
from guanxi.pages.components import Tab
from guanxi.pages.period import Period


@require_GET
@needs("insight.view")
def funnels(request: StaffRequest) -> HttpResponse:
    """Show a funnel, where people turn back, and the form that asks for another one."""
    asked, period = Asked.of(request.GET.dict()), Period.of(request)
    shown = {"asked": asked, **_around(request, "funnels")}
    try:
        page = funnel_pages.FunnelPage.read(asked, period)
    except NoFunnel as refused:
        told = funnel_pages.told_in(period)
        return render(request, "insight/funnels.html", {**shown, "refused": str(refused), "told": told}, status=422)
    shelf = funnel_pages.shelf(asked, request.user)
    return render(request, "insight/funnels.html", {**shown, "page": page, "told": page.told, "shelf": shelf})


@require_GET
@needs("insight.view")
def funnel_table(request: StaffRequest) -> HttpResponseBase:
    """Send the steps of a funnel with who turned back, and the same by a property where it is broken down, as CSV."""
    try:
        page = funnel_pages.FunnelPage.read(Asked.of(request.GET.dict()), Period.of(request))
    except NoFunnel as refused:
        raise Http404 from refused
    AuditEntry.write("chart.exported", by=request.user, on="chart:funnel", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("funnel"), funnel_table_of.columns(page), funnel_table_of.rows(page))


@require_GET
@needs("insight.view")
def funnel_incidents(request: StaffRequest) -> HttpResponse:
    """Tell on which days fewer went on than usual."""
    try:
        found = funnel_pages.fallen(Asked.of(request.GET.dict()), Period.of(request))
    except NoFunnel as refused:
        raise Http404 from refused
    return render(request, "insight/funnel_incidents.html", {"incidents": found})


@require_GET
@needs("insight.view")
def funnel_people(request: StaffRequest) -> HttpResponse:
    """List the customers who reached a step of a funnel, or turned back after it."""
    asked, period = Asked.of(request.GET.dict()), Period.of(request)
    step, dropped = request.GET.get("step", "1"), request.GET.get("dropped") == "1"
    if step not in {str(row.nth) for row in asked.rows}:
        raise Http404
    try:
        rows = funnel_pages.people_behind(asked, period, int(step), dropped=dropped, viewer=request.user)
    except NoFunnel as refused:
        raise Http404 from refused
    back = f"{reverse('insight:funnels')}?{urlencode(asked.address | period.query)}"
    told = {"rows": rows, "step": asked.names[int(step) - 1], "dropped": dropped, "period": period, "back": back}
    return render(request, "insight/funnel_people.html", told)


@require_GET
@needs("insight.view")
def paths(request: StaffRequest) -> HttpResponse:
    """Show what people do after an event, or did before it."""
    page = PathsPage.read(Way.of(request.GET.dict()), Period.of(request))
    return render(request, "insight/paths.html", {"page": page, **_around(request, "paths")})


@require_GET
@needs("insight.view")
def arrivals(request: StaffRequest) -> HttpResponse:
    """Show by which ways visits came, and what was sold to them."""
    page = ArrivalsPage.read(request.GET.dict(), Period.of(request))
    return render(request, "insight/arrivals.html", {"page": page, **_around(request, "arrivals")})


@require_GET
@needs("insight.view")
def searches(request: StaffRequest) -> HttpResponse:
    """Show what people look for, and what they do not find."""
    page = SearchesPage.read(request.GET.dict(), Period.of(request))
    return render(request, "insight/searches.html", {"page": page, **_around(request, "searches")})


def _around(request: StaffRequest, here: str) -> dict[str, Any]:
    """What stands around each of the pages."""
    titles = {"funnels": _("Funnels"), "paths": _("Paths"), "arrivals": _("Arrivals"), "searches": _("Search terms")}
    tabs = [Tab(words, reverse(f"insight:{name}"), active=name == here) for name, words in titles.items()]
    return {"tabs": tabs, "period": Period.of(request), "may_connect": request.user.may("events.view")}
