"""What people say of each other: adding a relation, denying one, and taking either back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.core.errors import Refused
from guanxi.customers.models import Customer, SourceProfile
from guanxi.identity.graph.models import DIRECTED, SAYABLE, Kind, Relation
from guanxi.warehouse.models import CHANGED

BY_HAND = "by hand"


class NotRelatable(Refused):
    """These two cannot be related like this; the text says why."""


def referred_by(customer: Customer, other: Customer, *, by: Staff | None, source: str = BY_HAND) -> Relation | None:
    """Write down who brought a customer to us; None where staff denied it and no member of staff says it now."""
    return relate(other, customer, Kind.REFERRAL, by=by, source=source)


@transaction.atomic
def relate(one: Customer, other: Customer, kind: str, *, by: Staff | None, source: str = BY_HAND) -> Relation | None:
    """Say that two customers are related, of a kind with a direction from `one` to `other`.

    Does nothing where it was said before. By hand it lifts what denied it; what a program says does not: None.
    NotRelatable of one with themselves, of somebody erased, and of what can only be seen.
    """
    left, right = _ends(one, other, kind)
    said = Relation.objects.in_force().between(one.pk, other.pk, kind)
    denials = list(said.filter(is_related=False))
    if denials and source != BY_HAND:
        return None
    found = said.filter(is_related=True).order_by("pk").first()
    if found and not denials:
        return found
    if found is None:
        found = Relation.objects.create(kind=kind, one=left, other=right, source=source, by=by)
        _audit("related", one, other, found, by=by)
    Relation.objects.filter(pk__in=[each.pk for each in denials]).update(lifted_by=found, **CHANGED)
    return found


@transaction.atomic
def deny(one: Customer, other: Customer, kind: str, *, by: Staff) -> Relation:
    """Say that two customers are not related like this, whatever is computed; does nothing a second time."""
    said = Relation.objects.in_force().between(one.pk, other.pk, kind).filter(is_related=False)
    found = said.order_by("pk").first()
    if found is None:
        left, right = _ends(one, other, kind, sayable=tuple(Kind))
        found = Relation.objects.create(kind=kind, one=left, other=right, is_related=False, by=by)
        _audit("unrelated", one, other, found, by=by)
    return found


@transaction.atomic
def take_back(relation: Relation, *, by: Staff) -> None:
    """Take back what was said; what it had lifted holds again. Does nothing a second time."""
    rows = Relation.objects.filter(pk=relation.pk, taken_back_at=None)
    if rows.update(taken_back_at=timezone.now(), taken_back_by=by, **CHANGED):
        Relation.objects.filter(lifted_by=relation.pk).update(lifted_by=None, **CHANGED)
        told = Relation.objects.select_related("one__customer", "other__customer").get(pk=relation.pk)
        one, other = told.one.customer, told.other.customer
        if one and other:
            _audit("relation_taken_back", one, other, told, by=by)


def _ends(
    one: Customer, other: Customer, kind: str, *, sayable: tuple[str, ...] = SAYABLE
) -> tuple[SourceProfile, SourceProfile]:
    """Give the profiles a word is said of; where there is no direction, the older comes first."""
    if one.pk == other.pk:
        raise NotRelatable(_("Nobody is related to themselves. Choose somebody else."))
    if one.erased_at or other.erased_at:
        raise NotRelatable(_("One of them was erased: nothing can be said of them any more."))
    if kind not in sayable:
        raise NotRelatable(_("A shared address is seen in orders; it cannot be said. Choose another kind."))
    ends = (_house(one), _house(other))
    return ends if kind in DIRECTED or ends[0].pk < ends[1].pk else (ends[1], ends[0])


def _house(customer: Customer) -> SourceProfile:
    """Give the profile that words about a customer belong to; somebody of before there were any gets one."""
    found = customer.house_profile or customer.profiles.order_by("pk").first()
    return found or SourceProfile.objects.create(
        source="guanxi", key=customer.public_id, customer=customer, home=customer, first_seen_at=customer.created_at
    )


def _audit(act: str, one: Customer, other: Customer, relation: Relation, *, by: Staff | None) -> None:
    for mine, theirs in ((one, other), (other, one)):
        mine.audit(act, by=by, relation=(None, f"{relation.kind} {theirs.public_id}"))
