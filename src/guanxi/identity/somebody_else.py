"""Another customer looked for from a customer's page: to be merged with, or to be related to."""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from guanxi.accounts.permission import StaffRequest
from guanxi.customers.faces import faces_of, hidden_from
from guanxi.customers.finding import matching
from guanxi.customers.models import Customer

FOUND = 8


class WhomForm(forms.Form):
    """Whom to look for."""

    q = forms.CharField(
        max_length=200, help_text=gettext_lazy("A name, phone, e-mail, order number or customer number.")
    )


def search(request: StaffRequest, customer: Customer, *, asked: str) -> dict[str, Any]:
    """Look by `?q=` for anybody but a customer; `asked` is what the form asks. Gives what its template takes."""
    form = WhomForm(request.GET if "q" in request.GET else None)
    form.fields["q"].label = asked
    if not form.is_bound or not form.is_valid():
        return {"find": form}
    everyone = Customer.objects.visible_to(request.user).exclude(pk=customer.pk)
    found = list(matching(everyone, form.cleaned_data["q"], hidden_from(request.user))[: FOUND + 1])
    shown = found[:FOUND]
    faces = faces_of(shown, request.user)
    return {
        "find": form,
        "searched": True,
        "found": [(each, faces[each.pk]) for each in shown],
        "more": len(found) > FOUND,
    }


def visible(request: StaffRequest, customer_id: int) -> Customer:
    """Find a customer whom somebody may see; 404 where there is none."""
    return get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
