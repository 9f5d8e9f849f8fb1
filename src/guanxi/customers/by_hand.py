"""What staff write down about people themselves; no import overwrites it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from guanxi.accounts.models import Staff
from guanxi.customers.meanwhile import Seen, merge
from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.warehouse.models import CHANGED

SOURCE = "guanxi"
ATTRIBUTES = ("name", "gender", "birthday", "province", "city", "country")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said of a person; phones in E.164, e-mails in lower case. Empty means: nothing said."""

    name: str = ""
    gender: str = ""
    birthday: date | None = None
    province: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""

    @classmethod
    def of(cls, customer: Customer) -> "Told":
        """What is known of a customer already."""
        return cls(**{name: getattr(customer, name) for name in ATTRIBUTES})

    @property
    def identifiers(self) -> Iterator[tuple[str, str]]:
        """The words by which the person can be recognised."""
        if self.phone:
            yield Identifier.Kind.PHONE, self.phone
        if self.email:
            yield Identifier.Kind.EMAIL, self.email


@transaction.atomic
def introduce(told: Told, *, by: Staff) -> Customer:
    """Add a customer whom no source has seen yet."""
    attributes = {name: getattr(told, name) for name in ATTRIBUTES}
    customer = Customer.objects.create(**attributes, first_source=SOURCE)
    _identify(customer, told)
    customer.record("Customer Added", by=by.pk)
    known = attributes | dict(told.identifiers)
    customer.audit("added", by=by, **{name: (None, value) for name, value in known.items() if value})
    return customer


@transaction.atomic
def correct(
    customer: Customer, told: Told, *, by: Staff, seen: Seen | None = None, choices: Mapping[str, str] | None = None
) -> list[str]:
    """Write what is true of a customer; says which fields changed, and does nothing where none does.

    Empty attributes are blanked, but the name, phone and e-mail stay: who cannot see them cannot mean to empty them.
    Where the editor says what they saw, what others changed since is kept, or ChangedMeanwhile asks which is true.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)  # a second editor waits here
    customer.refresh_from_db()
    if seen is not None:
        told = merge(customer, told if told.name else replace(told, name=customer.name), seen, choices or {})
    changes: dict[str, Any] = {name: getattr(told, name) for name in ATTRIBUTES}
    changes = {name: value for name, value in changes.items() if value != getattr(customer, name)}
    if not told.name:
        changes.pop("name", None)
    differences = {name: (getattr(customer, name), value) for name, value in changes.items()}
    _put(customer, changes)
    fresh = {kind: (None, getattr(told, kind)) for kind in _identify(customer, told)}
    changed = [*differences, *fresh]
    if changed:
        customer.record("Customer Updated", fields=changed, by=by.pk)
        customer.audit("corrected", by=by, **differences, **fresh)
    return changed


@transaction.atomic
def put_back(customer: Customer, attribute: str, was: str, *, by: Staff) -> None:
    """Give an attribute the value it had, also an empty one: it was changed by a slip of the hand."""
    value = (date.fromisoformat(was) if was else None) if attribute == "birthday" else was
    customer.audit("put_back", by=by, **{attribute: (getattr(customer, attribute), value)})
    _put(customer, {attribute: value})
    customer.record("Customer Updated", fields=[attribute], by=by.pk)


def carrier_of(kind: str, value: str) -> Customer | None:
    """Find who carries an identifier already."""
    return Customer.objects.identified_by(Identifier.digest_of(kind, value)).filter(survivor=None).first()


def _put(customer: Customer, changes: dict[str, Any]) -> None:
    if changes:
        Customer.objects.filter(pk=customer.pk).update(**changes, import_id=None, **CHANGED)
        customer.refresh_from_db()


def _identify(customer: Customer, told: Told) -> list[str]:
    """Add the identifiers this person does not carry yet; says which kinds."""
    fresh = [
        Identifier.sealed_of(kind, value)
        for kind, value in told.identifiers
        if not Identifier.objects.filter(profile__customer=customer, digest=Identifier.digest_of(kind, value)).exists()
    ]
    house = _house(customer)
    for identifier in fresh:
        identifier.profile = house
        identifier.save()
    return [str(identifier.kind) for identifier in fresh]


def _house(customer: Customer) -> SourceProfile:
    """Find the profile of what we know ourselves, or open it."""
    return customer.house_profile or customer.profiles.create(
        source=SOURCE, store="", key=customer.public_id, name="", is_house=True
    )
