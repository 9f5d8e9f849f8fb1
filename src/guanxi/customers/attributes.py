"""Who a person is, edited in place: one attribute at a time, with the way back."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers import by_hand
from guanxi.customers.by_hand import ATTRIBUTES, Told
from guanxi.customers.faces import face_of
from guanxi.customers.forms import CustomerForm
from guanxi.customers.head import head_of
from guanxi.customers.meanwhile import ChangedMeanwhile, fingerprint, read, seen, spelled
from guanxi.customers.models import Customer
from guanxi.customers.own import DESK
from guanxi.customers.stories import FIELDS
from guanxi.guard.sealing import context, seal, unseal
from guanxi.pages import toasts

UNDO = "attribute_undo"


@dataclass(frozen=True)
class Attribute:
    """One line of the panel."""

    name: str
    title: str | Promise
    value: str


@require_GET
@needs("customers.view")
def attributes(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what is known of a person."""
    customer = _customer(request, customer_id)
    rows = [_row(customer, name) for name in ATTRIBUTES]
    may_change = request.user.may("customers.change")
    told = {"customer": customer, "rows": rows, "may_change": may_change, "may_fill": may_change}
    told["own"] = DESK.lines(request, customer)
    return render(request, "customers/attributes_panel.html", told)


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def attribute(request: StaffRequest, customer_id: int, name: str) -> HttpResponse:
    """Show one attribute, ask for it (`?edit`), or write it."""
    customer = _customer(request, customer_id)
    if request.method == "POST":
        return _write(request, customer, name)
    if "edit" in request.GET:
        return _ask(request, customer, name, CustomerForm.one(customer, face_of(customer, request.user), name))
    return render(request, "customers/attribute.html", {**_told(customer, name), "just_written": "done" in request.GET})


@require_POST
@needs("customers.change")
def attribute_undo(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Give the attribute that was written last its former value, unless somebody changed it since."""
    customer = _customer(request, customer_id)
    kept = request.session.pop(UNDO, None)
    if kept and kept["customer"] == customer.pk:
        name, now = kept["attribute"], fingerprint(customer, kept["attribute"], getattr(customer, kept["attribute"]))
        if now == kept["after"]:
            was = unseal(bytes.fromhex(kept["was"]), _place(customer, name))
            by_hand.put_back(customer, name, was, by=request.user)
            toasts.say(request, _("As it was before."))
    return redirect(toasts.way_back(request) or reverse("customers:customer", args=[customer.pk]))


def _write(request: StaffRequest, customer: Customer, name: str) -> HttpResponse:
    """Write one attribute; where somebody else did meanwhile, show both."""
    form = CustomerForm.one(customer, face_of(customer, request.user), name, request.POST)
    form.reader = request.user
    if not form.is_valid():
        return _ask(request, customer, name, form)
    was, told = getattr(customer, name), replace(Told.of(customer), **{name: form.cleaned_data[name]})
    try:
        changed = by_hand.correct(
            customer, told, by=request.user, seen=read(request.POST.get("seen", "")), choices=_choices(request, name)
        )
    except ChangedMeanwhile as error:
        return _ask(request, customer, name, form, clash=error.clashes[0])
    if changed:
        _keep(request, customer, name, was)
        undo = reverse("customers:attribute-undo", args=[customer.pk])
        toasts.say(request, _("%(field)s: saved.") % {"field": FIELDS[name]}, undo_url=undo)
    if not request.htmx:
        return redirect("customers:customer", customer.pk)
    context = {**head_of(customer, request.user), **_told(customer, name), "written": True}
    return render(request, "customers/attribute.html", context)


def _choices(request: StaffRequest, name: str) -> dict[str, str]:
    return {name: request.POST.get("choice", "")}


def _ask(request: StaffRequest, customer: Customer, name: str, form: CustomerForm, clash: Any = None) -> HttpResponse:
    told = {**_told(customer, name), "form": form, "field": form[name], "seen": seen(customer, (name,)), "clash": clash}
    return render(request, "customers/attribute_form.html", told, status=409 if clash else 422 if form.errors else 200)


def _told(customer: Customer, name: str) -> dict[str, Any]:
    return {"customer": customer, "row": _row(customer, name), "may_change": True}


def _row(customer: Customer, name: str) -> Attribute:
    value = getattr(customer, name)
    words = spelled(name, value)
    if name == "birthday" and value:
        age = customer.age_on(timezone.localdate()) or 0
        told = {"day": words, "age": age}
        words = ngettext("%(day)s, %(age)s year old", "%(day)s, %(age)s years old", age) % told
    return Attribute(name, FIELDS[name], words)


def _keep(request: StaffRequest, customer: Customer, name: str, was: Any) -> None:
    """Remember the former value for the undo, sealed: it may be a name."""
    request.session[UNDO] = {
        "customer": customer.pk,
        "attribute": name,
        "was": seal(str(was or ""), _place(customer, name)).hex(),
        "after": fingerprint(customer, name, getattr(customer, name)),
    }


def _place(customer: Customer, name: str) -> str:
    return context("django_session", customer.pk, name)


def _customer(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
