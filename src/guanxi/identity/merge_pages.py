"""The pages of merges: whom to merge with, whom to split off, and what was done, each seen before it is done."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.faces import called, hidden_from, masked, source_name
from guanxi.customers.models import Customer, SourceProfile
from guanxi.identity.duplicates.pair import AUTOMATIC
from guanxi.identity.duplicates.pair import RULE as PROBABLE
from guanxi.identity.merging import NotOnePerson, merge, split, unmerge
from guanxi.identity.models import Merge
from guanxi.identity.rehearsal import rehearse
from guanxi.identity.somebody_else import search, visible
from guanxi.pages import toasts

SHOWN = 30
RULES = {
    "by hand": gettext_lazy("by hand"),
    "split": gettext_lazy("kept together at a split"),
    "rules": gettext_lazy("by the rules of who is who"),
    "by program": gettext_lazy("by a program"),
    PROBABLE: gettext_lazy("probable duplicate"),
    AUTOMATIC: gettext_lazy("surer than the limit for merging by itself"),
}


@require_GET
@needs("customers.view")
def panel(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Lead to what can be done where one customer is two people, or two are one."""
    told = {"customer": visible(request, customer_id), "may_change": request.user.may("customers.change")}
    return render(request, "identity/panel.html", told)


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def merging(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Look for the other customer (`?q=`), show what a merge would make of both (`?with=`), and merge."""
    customer = visible(request, customer_id)
    other = _other(request, customer)
    told: dict[str, Any] = {"customer": customer, "name": called(customer), "other": other}
    if other is None:
        told |= search(request, customer, asked=_("Who else is it?"))
        return render(request, "identity/merging.html", told)
    both, act = [customer.pk, other.pk], partial(merge, [customer.pk, other.pk], by=request.user)
    try:
        if request.method == "POST":
            return _merged(request, act()[-1])
        told["rehearsal"] = rehearse(act, both, request.user)
    except NotOnePerson as error:
        return render(request, "identity/merging.html", {**told, "refusal": str(error)}, status=409)
    return render(request, "identity/merging.html", told)


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def splitting(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Choose identities that are somebody else (`?pick=`), show what would become of both, and split."""
    customer = visible(request, customer_id)
    told = {"customer": customer, "name": called(customer), "profiles": _profiles(request, customer)}
    asked = request.POST if request.method == "POST" else request.GET
    picks = [int(pick) for pick in asked.getlist("pick") if pick.isdecimal()]
    if not asked.getlist("pick"):
        return render(request, "identity/splitting.html", {**told, "picks": picks})
    act = partial(split, customer, picks, by=request.user)
    try:
        if request.method == "POST":
            done = act()
            toasts.say(request, _("Split: they are two customers from now on."))
            return redirect("customers:customer", done.survivor_id)
        told["rehearsal"] = rehearse(act, [customer.pk], request.user)
    except NotOnePerson as error:
        return render(request, "identity/splitting.html", {**told, "picks": picks, "refusal": str(error)}, status=409)
    return render(request, "identity/splitting.html", {**told, "picks": picks})


@require_GET
@needs("customers.view")
def merges(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Tell everything that was done about who this customer is, the newest first."""
    customer = visible(request, customer_id)
    whose = [*SourceProfile.objects.filter(customer=customer).values_list("home", flat=True), customer.pk]
    acts = Merge.objects.visible_to(request.user).about([pk for pk in whose if pk])
    told = {"customer": customer, "name": called(customer), **_acts(request, acts)}
    return render(request, "identity/merges.html", told)


@require_GET
@needs("customers.view")
def history(request: StaffRequest) -> HttpResponse:
    """Tell everything that was done about who is whom, the newest first."""
    acts = Merge.objects.visible_to(request.user).order_by("-pk")
    return render(request, "identity/merges.html", _acts(request, acts))


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def unmerging(request: StaffRequest, merge_id: int) -> HttpResponse:
    """Show who there would be again if a merge was taken back, and take it back."""
    act = get_object_or_404(Merge.objects.visible_to(request.user).select_related("survivor", "other"), pk=merge_id)
    stands = Customer.objects.survivor_of(act.survivor_id) or act.survivor
    told: dict[str, Any] = {"act": act, "customer": stands, "name": called(stands)}
    undo = partial(unmerge, act, by=request.user)
    try:
        if request.method == "POST":
            undo()
            toasts.say(request, _("The merge was taken back: both are as they were before."))
            return redirect(toasts.way_back(request) or reverse("customers:customer", args=[act.other_id]))
        told["rehearsal"] = rehearse(undo, [stands.pk], request.user)
    except NotOnePerson as error:
        return render(request, "identity/unmerging.html", {**told, "refusal": str(error)}, status=409)
    return render(request, "identity/unmerging.html", told)


def _merged(request: StaffRequest, done: Merge) -> HttpResponse:
    toasts.say(request, _("Merged into one customer."), undo_url=reverse("identity:unmerging", args=[done.pk]))
    return redirect("customers:customer", done.survivor_id)


def _other(request: HttpRequest, customer: Customer) -> Customer | None:
    word = (request.POST if request.method == "POST" else request.GET).get("with", "")
    key = Customer.key_of(word) if word else None
    if key is None:
        return None
    return Customer.objects.filter(pk=key, survivor=None).exclude(pk=customer.pk).first() or customer


def _profiles(request: StaffRequest, customer: Customer) -> list[tuple[SourceProfile, str, str]]:
    hidden = hidden_from(request.user)
    rows = SourceProfile.objects.people().filter(customer=customer).prefetch_related("identifiers").order_by("pk")
    return [
        (each, source_name(each), " · ".join(masked(i) for i in each.identifiers.all() if i.kind not in hidden))
        for each in rows
    ]


def _acts(request: StaffRequest, acts: QuerySet[Merge]) -> dict[str, Any]:
    before = request.GET.get("before", "")
    if before.isdecimal():
        acts = acts.filter(pk__lt=int(before))
    rows = list(acts.select_related("survivor", "other", "by")[: SHOWN + 1])
    told = {"rows": [_row(each) for each in rows[:SHOWN]], "may_change": request.user.may("customers.change")}
    return told | {"older": rows[SHOWN - 1].pk if len(rows) > SHOWN else None}


def _row(act: Merge) -> tuple[Merge, str, str, str]:
    rule = RULES.get(act.rule) or (_("same identifier") if act.rule.startswith("same ") else act.rule)
    return act, called(act.survivor), called(act.other) if act.other else "", str(rule)
