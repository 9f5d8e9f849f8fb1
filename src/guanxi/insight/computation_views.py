"""The page of the runs of marts."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight import computations
from guanxi.insight.computations import Computations
from guanxi.pages import toasts

CHANGE = "operation.change"


@require_GET
@needs("insight.view")
def shown(request: StaffRequest) -> HttpResponse:
    """Show how the computation of each mart stands."""
    found, may_change = Computations.now(), request.user.may(CHANGE)
    context = {
        "found": found,
        "progress": found.progress(may_stop=may_change),
        "may_change": may_change,
        "here": request.get_full_path(),
    }
    return render(request, "insight/computations.html", context)


@require_POST
@needs(CHANGE)
def new(request: StaffRequest) -> HttpResponse:
    """Have the marts computed; while they are being computed it is that."""
    if computations.begin():
        toasts.say(request, _("The results are being computed. You may leave this page."))
    return redirect("insight:computations")
