"""The pages of channel economics: what ways bring, and what they cost."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.guard.errors import BadFile
from guanxi.guard.uploads import Upload
from guanxi.insight import costs as entered
from guanxi.insight.costs import BadCosts, CostFileForm, CostForm
from guanxi.insight.economics import ChannelsPage
from guanxi.insight.models import MarketingCost
from guanxi.orders.figures import base_currency
from guanxi.pages import toasts
from guanxi.pages.formats import count
from guanxi.pages.period import Period

CHANGE = "costs.change"
SHOWN = 200


@require_GET
@needs("insight.view")
def channels(request: StaffRequest) -> HttpResponse:
    """Show what each way brought, and what it cost."""
    period = Period.of(request)
    page = ChannelsPage.read(request.GET.dict(), period)
    told = {"page": page, "period": period, "may_enter": request.user.may(CHANGE)}
    return render(request, "insight/channels.html", told)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def costs(request: StaffRequest) -> HttpResponse:
    """List the costs that were entered, and take another one."""
    form = CostForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        MarketingCost.objects.enter([form.cost(by=request.user, currency=base_currency())], by=request.user)
        toasts.say(request, _("Entered. The page of channels counts it from now on."))
        return redirect("insight:costs")
    return _costs(request, form=form)


@require_POST
@needs(CHANGE)
def cost_file(request: StaffRequest) -> HttpResponse:
    """Take a file of costs, all of it or nothing."""
    form = CostFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = _read(request, form.cleaned_data["file"])
        except (BadCosts, BadFile) as error:
            form.add_error("file", str(error))
        else:
            MarketingCost.objects.enter(made, by=request.user)
            said = ngettext("%(count)s cost entered.", "%(count)s costs entered.", len(made))
            toasts.say(request, said % {"count": count(len(made))})
            return redirect("insight:costs")
    return _costs(request, file_form=form)


@require_POST
@needs(CHANGE)
def cost_removal(request: StaffRequest, cost_id: int) -> HttpResponse:
    """Delete a cost."""
    get_object_or_404(MarketingCost, pk=cost_id).remove(by=request.user)
    toasts.say(request, _("Removed. Enter it again if that was a mistake."))
    return redirect("insight:costs")


def _read(request: StaffRequest, file: Any) -> list[MarketingCost]:
    kept = Upload.keep(file.chunks(), name=file.name, size_bytes=file.size)
    try:
        return entered.read(kept.path, name=kept.name, by=request.user, currency=base_currency())
    finally:
        kept.discard()


def _costs(
    request: StaffRequest, *, form: CostForm | None = None, file_form: CostFileForm | None = None
) -> HttpResponse:
    rows = MarketingCost.objects.select_related("by").order_by("-ends_on", "source", "campaign")
    form, file_form = form or CostForm(), file_form or CostFileForm()
    told = {"rows": rows[:SHOWN], "currency": base_currency(), "form": form, "file_form": file_form}
    return render(request, "insight/costs.html", told, status=422 if form.errors or file_form.errors else 200)
