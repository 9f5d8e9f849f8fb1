"""Showing who a parcel goes to: to whom the role allows it, for a reason, and written into the access log."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guanxi.accounts.forms import RevealForm
from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.trail import Named, Words, selection
from guanxi.guard.masking import mask_address, mask_name, mask_phone
from guanxi.orders.models import Order
from guanxi.orders.own import SHELF
from guanxi.pages.panels import Viewer
from guanxi.shop.deeds import Titles
from guanxi.shop.fields import REVEAL, fields_of
from guanxi.shop.models import CustomField, Subject


class Part(NamedTuple):
    """One part of an address label: its key in the parcel, its title, and the field whose permissions it takes."""

    key: str
    title: str | Promise
    field: str


PARTS = {
    "name": Part("recipient_name", _("Recipient"), "personal.name"),
    "phone": Part("recipient_phone", _("Phone"), "personal.phone"),
    "address": Part("address", _("Address"), "personal.address"),
}
OWN = "own."
MASKS = {"name": mask_name, "phone": mask_phone, "address": mask_address}


def recipient(parcel: Mapping[str, str], reader: Viewer) -> dict[str, str]:
    """Write who the parcel goes to, masked; what the role does not see at all is left out."""
    seen = {name for name, part in PARTS.items() if name == "name" or reader.may(f"{part.field}.see")}
    return {name: MASKS[name](parcel.get(part.key)) for name, part in PARTS.items() if name in seen}


def revealable(parcel: Mapping[str, str], reader: Viewer) -> dict[str, str | Promise]:
    """List what of the label there is and the role may show."""
    return {n: part.title for n, part in PARTS.items() if parcel.get(part.key) and reader.may(f"{part.field}.reveal")}


def sealed(order: Order, reader: Viewer) -> dict[str, tuple[CustomField, list[str]]]:
    """Read what the order says in the shop's own personal fields, where the role may show them."""
    personal = [each for each in fields_of(Subject.ORDER) if each.is_personal] if reader.may(REVEAL) else []
    texts = SHELF.texts([order.pk], personal).get(order.pk, {})
    return {f"{OWN}{each.name}": (each, texts[each.pk]) for each in personal if texts.get(each.pk)}


@never_cache
@require_http_methods(["GET", "POST"])
@needs("orders.view")
def reveal(request: StaffRequest, order_id: int) -> HttpResponse:
    """Ask what of the order somebody needs and why; then show it, once, and write down that they saw it."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("store", "customer"), pk=order_id)
    own = {name: field.label for name, (field, _texts) in sealed(order, request.user).items()}
    choices = {**revealable(order.parcel, request.user), **own}
    form = RevealForm(choices, request.POST if request.method == "POST" else None)
    told = {"order": order, "form": form, "choices": choices}
    if not choices:
        return render(request, "orders/reveal.html", told, status=403)
    if request.method == "POST" and form.is_valid():
        seen = see(order, form.cleaned_data["fields_asked"], why=form.why, by=request.user)
        return render(request, "orders/reveal.html", {**told, "seen": seen})
    return render(request, "orders/reveal.html", told, status=422 if form.errors else 200)


@transaction.atomic
def see(order: Order, names: list[str], *, why: str, by: Staff) -> list[tuple[object, list[str]]]:
    """Read parts of the label and own fields in the clear, for a reason that is kept with who saw them."""
    AuditEntry.write("order.revealed", by=by, on=order, changes={"fields": (None, names)}, why=why)
    parcel, own = order.parcel, sealed(order, by)
    told = [(PARTS[name].title, [parcel[PARTS[name].key]]) for name in names if name in PARTS]
    return [*told, *((own[name][0].label, own[name][1]) for name in names if name in own)]


def names(keys: Iterable[str]) -> dict[str, Named]:
    """Name orders by their numbers."""
    found = Order.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()]).only("number")
    return {str(each.pk): Named(each.number, reverse("orders:order", args=[each.pk])) for each in found}


WORDS = Words(
    acts={
        "order.revealed": _("Looked at what of an order is masked"),
        "order.field_written": _("Filled in a field of the shop's own"),
    },
    fields=Titles({"fields": pgettext_lazy("revealed", "Seen")}, "order"),
    values={"fields": Titles({name: part.title for name, part in PARTS.items()}, "order")},
    names=names,
)
EXPORTED = selection("orders", _("Exported orders"), _("Orders"), "orders:list")
