"""The pages of the weekly review: the week, its decisions, and the text that is kept of it."""

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight.goals.digest import html
from guanxi.insight.goals.forms import DecisionForm
from guanxi.insight.goals.models import Decision
from guanxi.insight.goals.review import DAYS, BadWeek, Review, kept, last_full, week_name, week_of
from guanxi.insight.goals.views import CHANGE, known_day
from guanxi.pages import home, moments, toasts

CHOICES = 26  # weeks


@require_GET
@needs("insight.view")
def review(request: StaffRequest) -> HttpResponse:
    """Tell a week, the last full one unless another is asked for."""
    return _page(request, _monday(request.GET.get("week", "")), DecisionForm(initial={"owner": request.user.pk}))


@require_POST
@needs(CHANGE)
def decisions(request: StaffRequest) -> HttpResponse:
    """Write down what was decided."""
    monday, form = _monday(request.GET.get("week", "")), DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, monday, form)
    made = Decision.make(monday, by=request.user, **form.cleaned_data)
    toasts.say(request, _("Written down. It is carried over until it is ticked."))
    return _back(made.week)


@require_POST
@needs(CHANGE)
def decision_done(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Tick a decision."""
    get_object_or_404(Decision, pk=decision_id).tick(by=request.user)
    return _back(_monday(request.GET.get("week", "")))


@require_GET
@needs("insight.view")
def digest(request: StaffRequest) -> HttpResponse:
    """Send the text of a week: as it was kept on its Monday, else as it is told now."""
    monday = _monday(request.GET.get("week", ""))
    AuditEntry.write("chart.exported", by=request.user, on="chart:review", changes={"form": (None, "MD")})
    found = Review.read(monday, today=known_day())
    text = kept(monday, get_language() or "en") or found.markdown
    named = {"Content-Disposition": f'attachment; filename="review-{found.name}.md"'}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=named)


@require_GET
@needs("insight.view")
def digest_file(request: StaffRequest) -> HttpResponse:
    """Send a week as one HTML file that can be sent on or printed."""
    found = Review.read(_monday(request.GET.get("week", "")), today=known_day())
    AuditEntry.write("chart.exported", by=request.user, on="chart:review", changes={"form": (None, "HTML")})
    named = {"Content-Disposition": f'attachment; filename="review-{found.name}.html"'}
    return HttpResponse(html(found), headers=named)


def _page(request: StaffRequest, monday: dt.date, form: DecisionForm) -> HttpResponse:
    last = last_full(known_day())
    told = {
        "review": Review.read(monday, today=known_day()), "form": form, "may_change": request.user.may(CHANGE),
        "last": last, "weeks": _weeks(monday, last), "queues": home.waiting(request) if monday == last else [],
    }  # fmt: skip
    return render(request, "insight/goals_review.html", told, status=422 if form.errors else 200)


def _weeks(monday: dt.date, last: dt.date) -> list[tuple[str, str]]:
    """List the weeks one can choose: half a year of them, and the one that is shown."""
    mondays = {last - nth * DAYS for nth in range(CHOICES)} | {monday}
    return [
        (week_name(each), f"{moments.full_day(each)} – {moments.full_day(each + dt.timedelta(days=6))}")
        for each in sorted(mondays, reverse=True)
    ]


def _monday(text: str) -> dt.date:
    last = last_full(known_day())
    try:
        monday = week_of(text) if text else last
    except BadWeek as error:
        raise Http404 from error
    if not dt.date(2000, 1, 1) < monday <= last:  # of a week that runs there is nothing fair to say
        raise Http404
    return monday


def _back(monday: dt.date) -> HttpResponse:
    return redirect(f"{reverse('insight:goals-review')}?week={week_name(monday)}")
