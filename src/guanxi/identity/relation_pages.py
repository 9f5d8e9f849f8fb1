"""Who knows whom, on a customer's page: the picture, the list beside it, and what staff add and remove."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.faces import called, faces_of
from guanxi.customers.models import Customer
from guanxi.identity.graph.drawing import MOST, Picture, picture
from guanxi.identity.graph.edges import Edge
from guanxi.identity.graph.models import Relation, Untraced
from guanxi.identity.graph.neighbours import Around, around
from guanxi.identity.graph.relating import NotRelatable, deny, relate, take_back
from guanxi.identity.graph.ways import WAYS, Way, reason, warning, way_of
from guanxi.identity.somebody_else import search, visible
from guanxi.pages import formats, toasts

LISTED = 12
CHANGE = "customers.change"


class WayForm(forms.Form):
    """How two people are related."""

    way = forms.ChoiceField(
        label=gettext_lazy("How are they related?"),
        choices=[(way.name, way.title) for way in WAYS.values() if way.is_sayable],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Nothing is chosen. Say how they are related.")},
    )


@dataclass(frozen=True)
class Row:
    """One relation in the list: who it leads to, how, and why we think so."""

    other: int
    name: str
    way: Way
    edge: Edge
    href: str

    @property
    def reasons(self) -> list[str]:
        """Why, in words."""
        return list(dict.fromkeys(reason(each) for each in self.edge.evidence))


@require_GET
@needs("customers.view")
def panel(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Draw whom a customer is related to; with `?ring=2` also whom those know, with `?all` the whole list."""
    return _panel(request, visible(request, customer_id))


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def addition(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Look for the other one (`?q=`), say how they are related (`?with=`), and keep it."""
    customer = visible(request, customer_id)
    told: dict[str, Any] = {"customer": customer, "name": called(customer)}
    other = _other(request)
    if other is None:
        told |= search(request, customer, asked=_("Who is it?"))
        return render(request, "identity/relation_new.html", told)
    told |= {"other": other, "other_name": called(other)}
    form = WayForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _added(request, customer, other, WAYS[form.cleaned_data["way"]])
        except NotRelatable as error:
            form.add_error(None, str(error))
    return render(request, "identity/relation_new.html", {**told, "form": form}, status=422 if form.errors else 200)


@require_POST
@needs(CHANGE)
def removal(request: StaffRequest, customer_id: int, other_id: int, way: str) -> HttpResponse:
    """Say that two are not related like this; it stays so, whatever orders say later."""
    customer, other = visible(request, customer_id), visible(request, other_id)
    if way not in WAYS:
        raise Http404
    try:
        denied = deny(*_ends(customer, other, WAYS[way]), WAYS[way].kind, by=request.user)
    except NotRelatable as error:
        return HttpResponse(str(error), status=409)
    toasts.say(request, _("Removed. It stays removed."), undo_url=reverse("identity:relation-undo", args=[denied.pk]))
    return _panel(request, customer) if request.htmx else redirect("customers:customer", customer.pk)


@require_POST
@needs(CHANGE)
def undo(request: StaffRequest, relation_id: int) -> HttpResponse:
    """Take back what was said of two people."""
    said = Relation.objects.visible_to(request.user).select_related("one")
    relation = get_object_or_404(said, pk=relation_id)
    take_back(relation, by=request.user)
    toasts.say(request, _("Taken back."))
    return redirect(toasts.way_back(request) or reverse("customers:customer", args=[relation.one.customer_id]))


def _panel(request: StaffRequest, customer: Customer) -> HttpResponse:
    first = around([customer.pk])
    wider = request.GET.get("ring") == "2"
    second = around(first.people(customer.pk)[:MOST]) if wider else Around()
    drawn = picture(customer.pk, first.edges, second.edges)
    names = _names(request, drawn, first, customer)
    finding = _finding(customer, first, names)
    rows, others = _rows(first.edges, customer.pk, names), _rows(drawn.edges, customer.pk, names, beyond=True)
    told = {
        "customer": customer, "rows": rows if "all" in request.GET else rows[:LISTED], "others": others,
        "count": len(rows), "people": len(first.people(customer.pk)), "most": MOST, "wider": wider,
        "finding": finding, "plot": drawn.plot(names, finding) if rows else None, "limit": first.limit,
        "warnings": [warning(each) for each in first.shared], "ways": _drawn_ways(drawn),
        "may_change": request.user.may(CHANGE), "waiting": Untraced.objects.exists(),
        "engine": static("pages/vendor/echarts-full.js"), "drawing": static("pages/vendor/chart/draw.js"),
    }  # fmt: skip
    return render(request, "identity/relations_panel.html", told)


def _names(request: StaffRequest, drawn: Picture, first: Around, customer: Customer) -> dict[int, str]:
    """Name everybody as the reader's role sees them, in one go."""
    wanted = {customer.pk, *drawn.people, *first.people(customer.pk)}
    people = list(Customer.objects.visible_to(request.user).filter(pk__in=wanted))
    found = {pk: face.name for pk, face in faces_of(people, request.user).items()}
    return {pk: found.get(pk, "") for pk in wanted}


def _rows(edges: Any, center: int, names: dict[int, str], *, beyond: bool = False) -> list[Row]:
    """List relations: those of the one in the middle, or those of the others among each other."""
    found = []
    for edge in edges:
        if (center in edge.ends) == beyond:
            continue
        seen_from = edge.one if beyond else center
        other = edge.beyond(seen_from)
        found.append(Row(other, names[other], way_of(edge, seen_from), edge, names[seen_from]))
    return found


def _drawn_ways(drawn: Picture) -> list[Way]:
    """Give one way of each kind that is drawn, for the legend."""
    kinds = {edge.kind for edge in drawn.edges}
    return [way for way in WAYS.values() if way.kind in kinds and way.forward]


def _finding(customer: Customer, found: Around, names: dict[int, str]) -> str:
    count = len(found.people(customer.pk))
    said = ngettext("%(name)s is related to %(count)s customer", "%(name)s is related to %(count)s customers", count)
    return str(said % {"name": names[customer.pk], "count": formats.count(count)})


def _ends(customer: Customer, other: Customer, way: Way) -> tuple[Customer, Customer]:
    return (customer, other) if way.forward else (other, customer)


def _added(request: StaffRequest, customer: Customer, other: Customer, way: Way) -> HttpResponse:
    said = relate(*_ends(customer, other, way), way.kind, by=request.user)
    undo_url = reverse("identity:relation-undo", args=[said.pk]) if said else ""
    toasts.say(request, _("The relationship is kept."), undo_url=undo_url)
    return redirect("customers:customer", customer.pk)


def _other(request: StaffRequest) -> Customer | None:
    word = (request.POST if request.method == "POST" else request.GET).get("with", "")
    key = Customer.key_of(word) if word else None
    return None if key is None else get_object_or_404(Customer.objects.visible_to(request.user), pk=key)
