"""Customers in the command palette: found by what is typed, and brought back by their ids."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of, hidden_from
from guanxi.customers.finding import matching
from guanxi.customers.models import Customer
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.pages.commands import Command, Finder, Hit

SHOWN = 6


def find(request: HttpRequest, text: str) -> Sequence[Hit]:
    """Find customers as their list does."""
    reader = cast(Staff, request.user)
    return list(_hits(matching(_visible(request), text, hidden_from(reader))[:SHOWN], request).values())


def recall(request: HttpRequest, ids: Sequence[str]) -> Mapping[str, Hit]:
    """Bring back the customers of public ids, as far as the reader may see them."""
    return _hits(_visible(request).filter(pk__in=[Customer.key_of(each) or 0 for each in ids]), request)


def _visible(request: HttpRequest) -> CustomerQuerySet:
    return Customer.objects.visible_to(cast(Staff, request.user))


def _hits(customers: Iterable[Customer], request: HttpRequest) -> dict[str, Hit]:
    found = list(customers)
    faces = faces_of(found, cast(Staff, request.user))
    return {each.public_id: _hit(each, faces[each.pk]) for each in found}


def _hit(customer: Customer, face: Face) -> Hit:
    note = " · ".join(part for part in (face.reached_at, *face.sources[:2]) if part)
    return Hit(face.name, reverse("customers:customer", args=[customer.pk]), note=note, initial=face.initial)


FINDER = Finder("customers", _("Customers"), find, recall, Customer.PREFIX, order=10, permission="customers.view")
COMMANDS = (
    Command(
        name="note", title=_("Write a note"), subject="customer", url_name="customers:customer",
        rest="?tab=notes#notes", focus="#note-text", key="n", icon="note", order=10,
        permission="customers.change", words="note beizhu",
    ),
    Command(
        name="edit", title=_("Edit this customer"), subject="customer", url_name="customers:edit",
        focus="[data-gx-edit]", key="e", icon="pencil", order=20, permission="customers.change", words="change",
    ),
    Command(
        name="tag", title=_("Tag this customer"), subject="customer", url_name="customers:customer",
        rest="?tab=about#tags", focus="#tag-name", key="g", icon="tag", order=30, permission="customers.change",
    ),
    Command(
        name="consent", title=_("Record or withdraw a consent"), subject="customer", url_name="customers:customer",
        rest="?tab=about#consents", focus="#consents summary", key="c", icon="checks", order=40,
        permission="customers.change",
    ),
    Command(
        name="customer", title=_("Add customer"), url_name="customers:new", icon="user-plus", order=10,
        permission="customers.change", words="new",
    ),
)  # fmt: skip
