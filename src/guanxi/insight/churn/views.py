"""The page of who will come back, its file, and the panel of a customer."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.models import Customer
from guanxi.insight.churn.page import COLUMNS, ChurnPage
from guanxi.insight.churn.return_panel import Return
from guanxi.pages import list_file


@require_GET
@needs("insight.view")
def churn(request: StaffRequest) -> HttpResponse:
    """Show who is at risk and worth most, and how good that is."""
    page = ChurnPage.now()
    may_see = request.user.may("customers.view")
    told = {
        "page": page,
        "people": page.people(request.user) if page.told and may_see else [],
        "may_export": request.user.may("customers.export"),
    }
    return render(request, "insight/churn.html", told)


@require_GET
@needs("insight.view")
@needs("customers.export")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send who is at risk as CSV, masked."""
    AuditEntry.write("list.exported", by=request.user, on="list:churn", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("at risk"), COLUMNS, ChurnPage.now().rows(request.user))


@require_GET
@needs("customers.view")
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show whether a customer will come back, and what they will need again."""
    found = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    told = {"back": Return.of(found), "may_open": request.user.may("insight.view")}
    return render(request, "insight/churn_panel.html", told)
