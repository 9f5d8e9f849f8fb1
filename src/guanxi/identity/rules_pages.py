"""The page of the rules of who is who: looked at before they are written, kept as versions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.jobs.models import Job
from guanxi.identity.rules import OtherRulesMeanwhile, Rules, RuleSet, adopt
from guanxi.identity.rules_form import RulesForm
from guanxi.identity.tasks import rehearse_rules, resolve_everybody
from guanxi.pages import toasts
from guanxi.pages.work import UnderWay, under_way

CHANGE = "rules.change"


def _work() -> UnderWay | None:
    return UnderWay.last(
        resolve_everybody.module_path, _("Finding anew who is who"), reverse("identity:rules-progress")
    )


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def rules(request: StaffRequest) -> HttpResponse:
    """Show the rules to be changed; take a change in, or say what it would do."""
    current = RuleSet.current()
    if request.method == "GET":
        return _page(request, RulesForm.of(current.rules, base=current.version))
    form = RulesForm(request.POST)
    if not form.is_valid() or form.proposed is None:
        return _page(request, form, status=422)
    if request.POST.get("act") == "preview":
        job = rehearse_rules.enqueue(form.proposed.kept())
        return _page(request, form, rehearsal=_rehearsal(int(job.id)))
    return _saved(request, form, form.proposed)


@require_GET
@needs(CHANGE)
def progress(request: StaffRequest) -> HttpResponse:
    """Show how far the resolving by new rules is; once it is over, the page loads anew."""
    return under_way(request, _work())


@require_GET
@needs(CHANGE)
def rehearsal(request: StaffRequest, rehearsal_id: int) -> HttpResponse:
    """Show what rules that were looked at would change, or how far the look is."""
    told = {"rehearsal": _rehearsal(rehearsal_id)}
    page = "rules_rehearsal" if not request.htmx else "rules_rehearsed"
    return render(request, f"identity/{page}.html", told)


def _rehearsal(pk: int) -> UnderWay:
    job = get_object_or_404(Job, pk=pk, task=rehearse_rules.module_path)
    return UnderWay(job, _("Looking who would change"), reverse("identity:rules-rehearsal", args=[pk]))


def _saved(request: StaffRequest, form: RulesForm, proposed: Rules) -> HttpResponse:
    before = RuleSet.current()
    try:
        adopted = adopt(proposed, by=request.user, over=form.cleaned_data["base"])
    except OtherRulesMeanwhile as error:
        form.add_error(None, str(error))
        form.data = {**request.POST.dict(), "base": str(RuleSet.current().version)}  # saving again is saving over them
        return _page(request, form, status=409)
    if adopted == before:
        toasts.say(request, _("Nothing was changed: these are the rules in force."))
    else:
        said = {"version": adopted.version}
        toasts.say(request, _("Saved as version %(version)s. Who is who is found anew now.") % said)
    return redirect("identity:rules")


def _page(request: HttpRequest, form: RulesForm, *, status: int = 200, **told: Any) -> HttpResponse:
    shown = {"form": form, "current": RuleSet.current(), "work": _work(), **told}
    return render(request, "identity/rules.html", shown, status=status)
