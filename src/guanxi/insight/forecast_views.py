"""The page of the forecast, and its days as a file."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.money import to_major
from guanxi.insight.forecast_page import KNOWN_DAYS, MEASURES, Asked, ForecastPage
from guanxi.pages import list_file


@require_GET
@needs("insight.view")
def forecast(request: StaffRequest) -> HttpResponse:
    """Show what will probably be sold, how sure that is, and what changes by channel would come to."""
    told = request.GET.dict()
    page = ForecastPage.read(Asked.of(told))
    return render(request, "insight/forecast.html", {"page": page, "scenario": page.scenario(told)})


@require_GET
@needs("insight.view")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send the days known and those to come, with their intervals, as CSV."""
    page = ForecastPage.read(Asked.of(request.GET.dict()))
    if page.line is None:
        raise Http404
    AuditEntry.write("chart.exported", by=request.user, on="chart:sales-forecast", changes={"form": (None, "CSV")})
    title, form = MEASURES[page.asked.measure]
    unit = f" ({page.currency})" if form == "money" else ""
    names = ("seen", "expected", "low80", "high80", "low95", "high95")
    words = (str(title), _("Forecast"), _("80% from"), _("80% to"), _("95% from"), _("95% to"))
    rows = (
        [row["day"], *(_cell(row.get(name), page.currency, is_money=form == "money") for name in names)]
        for row in page.days(drawn=KNOWN_DAYS)
    )
    return list_file.as_csv(_("forecast"), [_("Day"), *(f"{each}{unit}" for each in words)], rows)


def _cell(value: int | None, currency: str, *, is_money: bool) -> object:
    return to_major(value, currency) if is_money and value is not None else value
