"""What staff write down about people themselves; no import overwrites it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from guanxi.accounts.models import Staff
from guanxi.customers import introducing
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


def introduce(told: Told, *, by: Staff) -> Customer:
    """Add a customer whom no source has seen yet."""
    return introduce_each([told], by=by)[0]


def introduce_each(people: Sequence[Told], *, by: Staff) -> list[Customer]:
    """Add customers whom no source has seen yet, in the order in which they are told of."""
    return introducing.introduce(people, source=SOURCE, attributes=ATTRIBUTES, by=by)


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
    house = house_of(customer)
    for identifier in fresh:
        identifier.profile = house
        identifier.save()
    return [str(identifier.kind) for identifier in fresh]


def house_of(customer: Customer) -> SourceProfile:
    """Find the profile of what we know ourselves, or open it."""
    return customer.house_profile or customer.profiles.create(
        source=SOURCE, store="", key=customer.public_id, name="", home=customer
    )
