"""The page of layers, the people behind its figures, and its matrix as a file."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.money import to_major
from guanxi.insight.layer_people import SHOWN, LayerPeople
from guanxi.insight.layers import STATES, VALUES, Layers
from guanxi.pages import list_file


@require_GET
@needs("insight.view")
def layers(request: StaffRequest) -> HttpResponse:
    """Show what customers are worth, where they stand, and what they like."""
    return render(
        request, "insight/layers.html", {"page": Layers.read(), "may_import": request.user.may("imports.run")}
    )


@require_GET
@needs("insight.view")
def people(request: StaffRequest) -> HttpResponse:
    """List the customers behind a figure of the layers."""
    behind = LayerPeople.of(request.GET.dict())
    if behind is None or Layers.read() is None:
        raise Http404
    rows = behind.seen_by(request.user)
    return render(request, "insight/layer_people.html", {"behind": behind, "rows": rows, "cut": len(rows) == SHOWN})


@require_GET
@needs("insight.view")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send the matrix as CSV."""
    page = Layers.read()
    if page is None:
        raise Http404
    AuditEntry.write("chart.exported", by=request.user, on="chart:layers", changes={"form": (None, "CSV")})
    columns = [_("Value"), _("Stage"), _("Customers"), f"{_('Net sales')} ({page.currency})"]
    sums: list[tuple[str, str, int, int]] = [
        (worth, state, *page.sums(worth, state)) for worth in VALUES for state in STATES
    ]
    rows = (
        (str(VALUES[worth]), str(STATES[state]), customers, to_major(net, page.currency))
        for worth, state, customers, net in sums
    )
    return list_file.as_csv(_("layers"), columns, rows)
