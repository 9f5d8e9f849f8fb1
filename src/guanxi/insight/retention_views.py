"""The page of retention, its panels, the people behind its figures, and its table as a file."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight import cohort_table, repurchase_charts
from guanxi.insight.asked_cohorts import AskedCohorts
from guanxi.insight.cohort_people import SHOWN, Behind
from guanxi.insight.models import ShopRun
from guanxi.insight.repurchase_charts import Beginnings, Soon
from guanxi.insight.retention import RetentionPage
from guanxi.pages import list_file


@require_GET
@needs("insight.view")
def retention(request: StaffRequest) -> HttpResponse:
    """Show what became of the customers who began in a month."""
    asked = AskedCohorts.of(request.GET.dict())
    told = {"page": RetentionPage.read(asked), "asked": asked, "may_import": request.user.may("imports.run")}
    return render(request, "insight/retention.html", told)


@require_GET
@needs("insight.view")
def repurchase(request: StaffRequest) -> HttpResponse:
    """Show how soon the chosen customers buy again."""
    asked = AskedCohorts.of(request.GET.dict())
    found = repurchase_charts.read(asked)
    return render(request, "insight/repurchase_panel.html", {**_run(), "soon": found and Soon(asked, found)})


@require_GET
@needs("insight.view")
def beginnings(request: StaffRequest) -> HttpResponse:
    """Show which beginnings make customers come back."""
    return render(request, "insight/beginnings_panel.html", _beginnings(request))


@require_GET
@needs("insight.view")
def intervals(request: StaffRequest) -> HttpResponse:
    """Show after which beginnings the next order comes how soon."""
    return render(request, "insight/intervals_panel.html", _beginnings(request))


@require_GET
@needs("insight.view")
def people(request: StaffRequest) -> HttpResponse:
    """List the customers behind a figure of retention."""
    behind = Behind.of(request.GET.dict())
    if behind is None:
        raise Http404
    back = f"{reverse('insight:retention')}?{behind.asked.query()}"
    rows = behind.seen_by(request.user)
    return render(
        request, "insight/cohort_people.html", {"behind": behind, "rows": rows, "back": back, "cut": len(rows) == SHOWN}
    )


@require_GET
@needs("insight.view")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send the table of cohorts, all months of it, as CSV."""
    page = RetentionPage.read(AskedCohorts.of(request.GET.dict()))
    if page is None:
        raise Http404
    AuditEntry.write("chart.exported", by=request.user, on="chart:cohorts", changes={"form": (None, "CSV")})
    return list_file.as_csv(
        _("cohorts"), cohort_table.columns(page.currency), cohort_table.rows(page.cohorts, page.currency)
    )


def _beginnings(request: StaffRequest) -> dict[str, Any]:
    asked = AskedCohorts.of(request.GET.dict())
    found = repurchase_charts.read(asked)
    return {**_run(), "found": found and Beginnings(asked, found)}


def _run() -> dict[str, Any]:
    return {"run": ShopRun.latest()}
