"""The page of data quality: read from what was counted, counted anew on demand, one person put right at a time."""

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.jobs.models import Job
from guanxi.customers.models import Customer
from guanxi.identity.quality import accepting
from guanxi.identity.quality.report import Report
from guanxi.identity.tasks import count_quality
from guanxi.pages import toasts
from guanxi.pages.work import UnderWay, under_way

VIEW, CHANGE = "quality.view", "customers.change"
UNDO = "quality_email"


def _work() -> UnderWay | None:
    return UnderWay.last(count_quality.module_path, _("Counting data quality"), reverse("identity:quality-progress"))


@require_GET
@needs(VIEW)
def quality(request: StaffRequest) -> HttpResponse:
    """Show what was counted last."""
    report = Report.now(request.user)
    told = {
        "report": report,
        "work": _work(),
        "anybody": bool(report.total) or Customer.objects.visible_to(request.user).exists(),
        "may_change": request.user.may(CHANGE),
        "may_import": request.user.may("imports.run"),
    }
    return render(request, "identity/quality.html", told)


@require_POST
@needs(VIEW)
def count(request: StaffRequest) -> HttpResponse:
    """Have everybody counted anew in the background; does nothing where that is under way."""
    if not Job.objects.unfinished().filter(task=count_quality.module_path).exists():
        count_quality.enqueue()
    return redirect("identity:quality")


@require_GET
@needs(VIEW)
def progress(request: StaffRequest) -> HttpResponse:
    """Show how far the counting is; once it is over, the page loads anew."""
    return under_way(request, _work())


@require_POST
@needs(CHANGE)
def email_acceptance(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Put a mistyped e-mail right as it was offered; what was typed stays in the trail, and can be put back."""
    found = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    try:
        accepted = accepting.accept(found, by=request.user)
    except accepting.AlreadyTaken as error:
        toasts.say(request, str(error))
        return redirect("identity:quality")
    if accepted:
        request.session[UNDO] = asdict(accepted)
        toasts.say(request, _("The e-mail was put right."), undo_url=reverse("identity:quality-email-undo"))
    else:
        toasts.say(request, _("Nothing was different."))
    return redirect("identity:quality")


@require_POST
@needs(CHANGE)
def email_undo(request: StaffRequest) -> HttpResponse:
    """Have the e-mail be as it was typed again."""
    kept = request.session.pop(UNDO, None)
    if kept:
        accepting.take_back(accepting.Accepted(**kept), by=request.user)
        toasts.say(request, _("As it was before."))
    return redirect(toasts.way_back(request) or "identity:quality")
