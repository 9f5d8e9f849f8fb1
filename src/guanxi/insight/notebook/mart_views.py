"""How a mart is computed: its page, and the same in brief behind the “How?” of a figure."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight.notebook import computed

SEE, QUERY = "insight.view", "insight.query"


@require_GET
@needs(SEE)
def mart(request: StaffRequest, mart: str) -> HttpResponse:
    """Show a mart: what it is, its SQL, its columns, its runs, what it reads and what reads it."""
    return render(request, "insight/mart.html", _told(request, mart))


@require_GET
@needs(SEE)
def glance(request: StaffRequest, mart: str) -> HttpResponse:
    """Show the same in brief, for a popover."""
    return render(request, "insight/mart_glance.html", _told(request, mart))


@require_GET
@needs(SEE)
def marts(request: StaffRequest) -> HttpResponse:
    """List the marts."""
    return render(request, "insight/marts.html", {"marts": computed.listed()})


def _told(request: StaffRequest, name: str) -> dict[str, object]:
    found = computed.of(name)
    if found is None:
        raise Http404
    return {"mart": found, "may_query": request.user.may(QUERY)}
