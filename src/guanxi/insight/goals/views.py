"""The pages of goals."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.money import to_major
from guanxi.insight.goals import page
from guanxi.insight.goals.course import Course, history
from guanxi.insight.goals.forms import GoalChangeForm, GoalForm
from guanxi.insight.goals.models import Goal
from guanxi.insight.goals.page import Row
from guanxi.insight.goals.standing import Standing
from guanxi.insight.models import ShopRun
from guanxi.insight.scoring import present_day
from guanxi.orders.figures import base_currency
from guanxi.pages import list_file, toasts

CHANGE = "goals.change"
ON_CARD = 4


def known_day() -> dt.date:
    """The last day whose figures are known."""
    run = ShopRun.latest()
    return run.as_of if run else present_day()


@require_GET
@needs("insight.view")
def goals(request: StaffRequest) -> HttpResponse:
    """Show the goals, and what could be one where there is none."""
    today = known_day()
    rows = page.read(today)
    told = {
        "rows": rows, "finding": page.finding(rows), "suggested": [] if rows else page.suggestions(today),
        "as_of": today, "away": page.away(today), "may_change": request.user.may(CHANGE),
    }  # fmt: skip
    return render(request, "insight/goals.html", told)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def new(request: StaffRequest) -> HttpResponse:
    """Take a new goal; the address may fill it in."""
    today = known_day()
    initial: dict[str, Any] = {"starts_on": today + dt.timedelta(days=1), "owner": request.user.pk}
    given = {key: value for key, value in request.GET.items() if key in GoalForm.base_fields}
    form = GoalForm(request.POST if request.method == "POST" else None, today=today, initial=initial | given)
    if request.method == "POST" and form.is_valid():
        made = form.goal()
        made.set_by(request.user)
        toasts.say(request, _("The goal is set."))
        return redirect("insight:goal", made.pk)
    told = {"form": form, "suggested": page.suggestions(today)}
    return render(request, "insight/goal_new.html", told, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("insight.view")
def goal(request: StaffRequest, goal_id: int) -> HttpResponse:
    """Show a goal with its course and history; who may change goals changes its target, its day or its owner."""
    kept, today = get_object_or_404(Goal.objects.select_related("owner"), pk=goal_id), known_day()
    if request.method == "POST" and not request.user.may(CHANGE):
        raise PermissionDenied
    row = Row(Standing.read(kept, today))
    initial = {"amount": _amount(row), "ends_on": kept.ends_on, "owner": kept.owner_id}
    form = GoalChangeForm(request.POST or None, goal=kept, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        kept.change(target=form.target(), ends_on=told["ends_on"], owner=told["owner"], by=request.user)
        toasts.say(request, _("Changed."))
        return redirect("insight:goal", kept.pk)
    told = {"row": row, "course": Course(row), "form": form, "history": history(row), "as_of": today}
    told |= {"may_change": request.user.may(CHANGE), "away": kept.is_away}
    return render(request, "insight/goal.html", told, status=422 if form.errors else 200)


@require_POST
@needs(CHANGE)
def archiving(request: StaffRequest, goal_id: int) -> HttpResponse:
    """Put a goal away."""
    get_object_or_404(Goal, pk=goal_id).archive(by=request.user)
    toasts.say(request, _("Archived. It stands below, and can be brought back."))
    return redirect("insight:goals")


@require_POST
@needs(CHANGE)
def removal(request: StaffRequest, goal_id: int) -> HttpResponse:
    """Take a goal away, until somebody brings it back."""
    get_object_or_404(Goal, pk=goal_id).remove(by=request.user)
    toasts.say(request, _("Removed. It stands below, and can be brought back."))
    return redirect("insight:goals")


@require_POST
@needs(CHANGE)
def comeback(request: StaffRequest, goal_id: int) -> HttpResponse:
    """Undo that a goal was put or taken away."""
    get_object_or_404(Goal, pk=goal_id).bring_back(by=request.user)
    toasts.say(request, _("Brought back."))
    return redirect("insight:goals")


@require_GET
@needs("insight.view")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send the goals as CSV."""
    AuditEntry.write("chart.exported", by=request.user, on="chart:goals", changes={"form": (None, "CSV")})
    return list_file.as_csv("goals", page.columns(), map(page.cells, page.read(known_day())))


@require_GET
@needs("insight.view")
def home_goals(request: StaffRequest) -> HttpResponse:
    """Show the goals that end first."""
    return render(request, "insight/home_goals.html", {"rows": page.read(known_day())[:ON_CARD]})


def _amount(row: Row) -> str:
    target, form = row.goal.target, row.standing.figure.form
    if form == "money":
        return str(to_major(round(target), base_currency()))
    return f"{target * 100:.2f}" if form == "share" else f"{target:.0f}"
