"""The pages of erasures: what goes and what stays of one person, the verb that cannot be undone, and who was erased."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.faces import called
from guanxi.customers.family import Person
from guanxi.customers.models import Customer
from guanxi.customers.places import Place, Text, places, spots
from guanxi.operation import backup
from guanxi.pages import toasts
from guanxi.privacy.forms import EraseForm
from guanxi.privacy.models import Erasure
from guanxi.privacy.tasks import erase_person
from guanxi.privacy.wording_pages import tabs

SHOWN = 100


@dataclass(frozen=True)
class Fate:
    """What becomes of the rows of one table: how many there are, and why something of them stays."""

    title: Text
    count: int
    why: Text = ""


def fates(person: Person) -> Iterator[tuple[bool, Fate]]:
    """Say of every table with rows of a person whether they go, or stay in part."""
    for place in reversed(places()):
        count = place.rows(person).count()
        if count:
            yield place.rows_go, Fate(place.title, count, _why(place))


def _why(place: Place) -> Text:
    return "" if place.rows_go else " ".join(dict.fromkeys(map(str, place.stays.values())))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@needs("personal.erase")
def erasure(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what goes and what stays; then erase for good, by a typed number and a password."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    form = EraseForm(request.POST or None, request=request, customer=customer)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            begun = Erasure.ask(customer.pk, reason=form.cleaned_data["reason"], by=request.user)
            erase_person.enqueue(begun.pk)
        toasts.say(request, _("The erasure has begun; this page says how far it is."))
        return redirect("privacy:erasures")
    return render(request, "privacy/erasure.html", _preview(customer, form), status=422 if form.errors else 200)


def _preview(customer: Customer, form: EraseForm) -> dict[str, Any]:
    person = Person.of(customer.pk)
    found = list(fates(person))
    return {
        "customer": customer,
        "name": called(customer),
        "form": form,
        "merged": len(person.customers) - 1,
        "goes": [fate for goes, fate in found if goes],
        "stays": [fate for goes, fate in found if not goes],
        "beside": [spot.title for spot in spots()],
        "backups": [each["file"] for each in backup.diary()[-5:]],
    }


@require_GET
@needs("rules.change")
def erasures(request: StaffRequest) -> HttpResponse:
    """List who was erased, by numbers alone, how far it is, and who of them came again."""
    known = Erasure.objects.visible_to(request.user).select_related("by").order_by("-pk")
    rows = known.annotate(met=Sum("stones__met"), met_at=Max("stones__met_at"), lifted_at=Max("stones__lifted_at"))
    told = {"rows": rows[:SHOWN], "tabs": tabs("erasures"), "waits": known.unfinished().exists()}
    return render(request, "privacy/erasures.html", told)


@require_POST
@needs("personal.erase")
def lifting(request: StaffRequest, erasure_id: int) -> HttpResponse:
    """Let somebody who was erased be brought in again: by files and programs they are a new customer from now on."""
    found = get_object_or_404(Erasure, pk=erasure_id)
    with transaction.atomic():
        if found.stones.filter(lifted_at=None).update(lifted_at=timezone.now()):
            AuditEntry.write("erasure.lifted", by=request.user, on=f"customer:{found.customer}")
    toasts.say(request, _("Files and programs may bring them in again, as a new customer."))
    return redirect("privacy:erasures")
