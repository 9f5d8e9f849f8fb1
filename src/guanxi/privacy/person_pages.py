"""What one person agreed to, with what proves it; and the ways to their copy and their erasure."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.forms import RevealForm
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.faces import called
from guanxi.customers.forms import WAYS
from guanxi.customers.models import Consent, Customer
from guanxi.pages import moments


@require_GET
@needs("customers.view")
def panel(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Lead to what a person may ask of the shop."""
    return render(request, "privacy/panel.html", _told(request, _customer(request, customer_id)))


@require_GET
@needs("customers.view")
def person(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show every consent of a person, the withdrawn ones too, with the words that were agreed to."""
    customer = _customer(request, customer_id)
    rows = [(each, WAYS.get(each.source, each.source)) for each in _ledger(customer)]
    return render(request, "privacy/person.html", {**_told(request, customer), "rows": rows})


@never_cache
@require_http_methods(["GET", "POST"])
@needs("customers.change")
def proofs(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Ask which proofs somebody needs to see and why; then show them, once, and write down that they saw them."""
    customer = _customer(request, customer_id)
    kept = {str(each.pk): each for each in _ledger(customer) if each.proof}
    choices = {key: _title(each) for key, each in kept.items()}
    form = RevealForm(choices, request.POST if request.method == "POST" else None)
    told = {**_told(request, customer), "form": form, "choices": choices}
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data["fields_asked"]
        with transaction.atomic():
            changes = {"fields": (None, ["proof"])}
            AuditEntry.write("customer.revealed", by=request.user, on=customer, changes=changes, why=form.why)
            told["seen"] = [(choices[key], [kept[key].proven_by]) for key in asked]
    return render(request, "privacy/proofs.html", told, status=422 if form.errors else 200)


def _title(consent: Consent) -> str:
    day = moments.full_day(consent.agreed_at)
    return f"{consent.get_channel_display()} · {consent.get_purpose_display()} · {day}"


def _ledger(customer: Customer) -> list[Consent]:
    return list(customer.consents.select_related("asked_by", "withdrawn_by").order_by("-agreed_at", "-pk"))


def _told(request: StaffRequest, customer: Customer) -> dict[str, Any]:
    return {
        "customer": customer,
        "name": called(customer),
        "may_change": request.user.may("customers.change"),
        "may_copy": request.user.may("personal.export"),
        "may_erase": request.user.may("personal.erase"),
    }


def _customer(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
