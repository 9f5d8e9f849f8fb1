"""The page of retention: what is kept how long, and what a rule would reach before it is switched on."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.lifetimes import Lifetime, lifetimes
from guanxi.pages import toasts
from guanxi.privacy.forms import RetentionForm
from guanxi.privacy.models import RetentionRule, RetentionRun
from guanxi.privacy.retention import in_force
from guanxi.privacy.wording_pages import CHANGE, tabs

LISTED = 50


@require_GET
@needs(CHANGE)
def retention(request: StaffRequest) -> HttpResponse:
    """List what can be forgotten, with the rule of each."""
    running = {each.name: days for each, days in in_force()}
    told = {
        "rows": [(each, running.get(each.name)) for each in lifetimes()],
        "tabs": tabs("retention"),
        "last": RetentionRun.objects.first(),
    }
    return render(request, "privacy/retention.html", told)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def rule(request: StaffRequest, rule: str) -> HttpResponse:
    """Ask for how long; show what that would reach today, and keep the rule."""
    found = next((each for each in lifetimes() if each.name == rule), None)
    if found is None:
        raise Http404
    kept = RetentionRule.objects.filter(subject=rule).first()
    form = RetentionForm(request.POST or None, initial=_initial(request, found, kept))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        RetentionRule.decide(rule, days=told["days"], is_on=told["is_on"], by=request.user)
        toasts.say(request, _("Kept. It runs every night.") if told["is_on"] else _("Kept; nothing runs."))
        return redirect("privacy:retention")
    return render(request, "privacy/retention_rule.html", _reach(found, form), status=422 if form.errors else 200)


def _initial(request: StaffRequest, lifetime: Lifetime, kept: RetentionRule | None) -> dict[str, Any]:
    """Begin with the days asked for in the address, else with the rule's, else with what is usual."""
    asked = RetentionForm({"days": request.GET.get("days", "")})
    days = asked.cleaned_data["days"] if asked.is_valid() else kept.days if kept else lifetime.days
    return {"days": days, "is_on": kept.is_on if kept else lifetime.usual}


def _reach(lifetime: Lifetime, form: RetentionForm) -> dict[str, Any]:
    days: int = form.cleaned_data["days"] if form.is_bound and form.is_valid() else form.initial["days"]
    before = timezone.now() - dt.timedelta(days=days)
    listed = lifetime.listed(before, LISTED)
    return {
        "lifetime": lifetime, "form": form, "days": days, "before": before, "count": lifetime.count(before),
        "listed": listed,
    }  # fmt: skip
