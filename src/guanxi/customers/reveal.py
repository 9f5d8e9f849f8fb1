"""Showing what is masked of a person: to whom the role allows it, for a reason, and written into the access log."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guanxi.accounts.forms import RevealForm
from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import exported
from guanxi.customers import export, roster
from guanxi.customers.export import OWN
from guanxi.customers.models import Customer, Identifier, PlainExport
from guanxi.customers.models.plain_export import others
from guanxi.customers.own import SHELF
from guanxi.pages import toasts
from guanxi.pages.list_file import as_csv
from guanxi.pages.listing import Table, counted
from guanxi.shop.fields import REVEAL, fields_of
from guanxi.shop.models import CustomField, Subject

MOST_PLAIN = 200  # people in a file in the clear; more of them need a second person

REVEALED = {
    "name": "personal.name.reveal",
    "phone": "personal.phone.reveal",
    "email": "personal.email.reveal",
}
TITLES = {"name": _("Name"), "phone": _("Phone"), "email": _("E-mail")}


@never_cache
@require_http_methods(["GET", "POST"])
@needs("customers.view")
def reveal(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Ask what somebody needs to see and why; then show it, once, and write down that they saw it."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    choices = revealable(request)
    form = RevealForm(choices, request.POST if request.method == "POST" else None)
    told = {"customer": customer, "form": form, "choices": choices}
    if not choices:
        return render(request, "customers/reveal.html", told, status=403)
    if request.method == "POST" and form.is_valid():
        seen = see(customer, form.cleaned_data["fields_asked"], why=form.why, by=request.user)
        return render(request, "customers/reveal.html", {**told, "seen": seen})
    return render(request, "customers/reveal.html", told, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@needs("personal.export")
def export_plainly(request: StaffRequest) -> HttpResponseBase:
    """Ask which fields a file needs in the clear and why; then send it. For many people somebody else has to agree."""
    choices, table = revealable(request), roster.table(request)
    chosen = table.narrowed(request, Customer.objects.visible_to(request.user))
    count = counted(chosen)
    too_many = count > MOST_PLAIN
    form = RevealForm(choices, request.POST if request.method == "POST" else None)
    told: dict[str, Any] = {"form": form, "choices": choices, "count": count, "most": MOST_PLAIN}
    told |= {"too_many": too_many, "others": others(request.user) if too_many else []}
    if request.method == "POST" and form.is_valid():
        names = form.cleaned_data["fields_asked"]
        if too_many:
            return _asked(request, table, names, why=form.why, count=count)
        changes = {"fields": (None, names), "rows": (None, count)}
        exported(request, table, "CSV", act="customers.plainly.exported", why=form.why, changes=changes)
        return as_csv(
            "customers", export.columns(request.user), export.rows(chosen, reader=request.user, plainly=names)
        )
    return render(request, "customers/export_plainly.html", told, status=422 if form.errors else 200)


def _asked(request: StaffRequest, table: Table, names: list[str], *, why: str, count: int) -> HttpResponse:
    """Have a file of many people wait for a second person."""
    said = [f"{each.title}: {each.told(value)}" for each, value in table.chosen(request.GET).items()]
    newest = Customer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    query = request.GET.urlencode()
    PlainExport.ask(query, said=said, by=request.user, why=why, fields=names, count=count, newest=newest)
    toasts.say(request, gettext("Asked for. Nothing has left yet."))
    return redirect("customers:withheld")


def may_plainly(request: StaffRequest) -> bool:
    """Tell whether somebody may have fields in the clear in a file."""
    return request.user.may("personal.export") and bool(revealable(request))


def revealable(request: StaffRequest) -> dict[str, object]:
    """Name what somebody may have in the clear, by the words of pages."""
    ours: dict[str, object] = {
        name: TITLES[name] for name, permission in REVEALED.items() if request.user.may(permission)
    }
    return ours | ({f"{OWN}{each.name}": each.label for each in _sealed()} if request.user.may(REVEAL) else {})


def _sealed() -> list[CustomField]:
    return [each for each in fields_of(Subject.CUSTOMER) if each.is_personal]


@transaction.atomic
def see(customer: Customer, names: list[str], *, why: str, by: Staff) -> list[tuple[object, list[str]]]:
    """Read fields in the clear, for a reason that is kept with who saw them."""
    AuditEntry.write("customer.revealed", by=by, on=customer, changes={"fields": (None, names)}, why=why)
    own = {f"{OWN}{each.name}": each for each in _sealed()} if any(name.startswith(OWN) for name in names) else {}
    told = [(TITLES[name], list(_values(customer, name))) for name in names if name in TITLES]
    return [*told, *((own[name].label, SHELF.text(customer, own[name])) for name in names if name in own)]


def _values(customer: Customer, name: str) -> Iterator[str]:
    if name == "name":
        if customer.name:
            yield customer.name
        return
    found = Identifier.objects.filter(profile__customer=customer, kind=name, ends_on=None).order_by("pk")
    yield from dict.fromkeys(each.plain for each in found)
