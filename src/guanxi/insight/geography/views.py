"""The page of places, and its tables as files."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight.assortment.asked import Asked
from guanxi.insight.assortment.computed import Computed
from guanxi.insight.assortment.outcomes import MART
from guanxi.insight.geography.places import LEVELS, PlacesPage, sheet
from guanxi.pages import list_file


@require_GET
@needs("insight.view")
def places(request: StaffRequest) -> HttpResponse:
    """Show where orders go, and what each place brings."""
    asked = Asked.of(request.GET.dict())
    told = {
        "page": PlacesPage.read(asked),
        "asked": asked,
        "ever": Computed.is_there(MART),
        "may_import": request.user.may("imports.run"),
    }
    return render(request, "insight/places.html", told)


@require_GET
@needs("insight.view")
def table(request: StaffRequest, level: str) -> HttpResponseBase:
    """Send the places of a level as CSV."""
    if level not in LEVELS or not Computed.is_there(MART):
        raise Http404
    heads, rows = sheet(Asked.of(request.GET.dict()), level)
    AuditEntry.write("chart.exported", by=request.user, on=f"chart:places-{level}", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("places"), heads, rows)
