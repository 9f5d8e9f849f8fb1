"""The page of layers and its file."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight.layers.page import COLUMNS, LayersPage
from guanxi.pages import list_file


@require_GET
@needs("insight.view")
def layers(request: StaffRequest) -> HttpResponse:
    """Show value against lifecycle, and what customers like."""
    told = {"page": LayersPage.now(), "may_export": request.user.may("customers.export")}
    return render(request, "insight/layers.html", told)


@require_GET
@needs("insight.view")
@needs("customers.export")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send the layers of every customer as CSV, masked."""
    AuditEntry.write("list.exported", by=request.user, on="list:layers", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("layers"), COLUMNS, LayersPage.now().rows(request.user))
