"""A mistyped e-mail put right because somebody accepted what was offered; what was typed stays, ended."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.core.errors import Refused
from guanxi.customers.by_hand import carrier_of
from guanxi.customers.introducing import await_others
from guanxi.customers.models import Customer, Identifier
from guanxi.identity.cleaning.emails import judge_known
from guanxi.identity.quality.models import Behind

EMAIL = Identifier.Kind.EMAIL
FIGURE = "mistyped"


class AlreadyTaken(Refused):
    """What was probably meant is somebody else's address."""


@dataclass(frozen=True)
class Accepted:
    """What was put right: the identifiers that ended, and those that came in their place."""

    customer: int
    ended: list[int]
    added: list[int]


def doubtful(customer: Customer) -> list[tuple[Identifier, str]]:
    """Find the mistyped e-mails of a customer in force, each with what was probably meant."""
    rows = Identifier.objects.filter(profile__customer=customer, kind=EMAIL, ends_on=None).order_by("pk")
    told = [(each, judge_known(each.plain).suggestion) for each in rows]
    return [(each, meant) for each, meant in told if meant]


@transaction.atomic
def accept(customer: Customer, *, by: Staff) -> Accepted | None:
    """Put the mistyped e-mails of a customer right, on every profile that gave them; None where there are none.

    AlreadyTaken where somebody else has the address: they are a probable duplicate, and nothing is written.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    found = doubtful(customer)
    await_others([Identifier.digest_of(EMAIL, meant) for _each, meant in found])
    ended, added = [], []
    for each, meant in found:
        carrier = carrier_of(EMAIL, meant)
        if carrier and carrier.pk != customer.pk:
            raise AlreadyTaken(_("Another customer has this address already. Look whether the two are one."))
        ended.append(each.pk)
        added += _instead(each, meant)
    if not found:
        return None
    Identifier.objects.filter(pk__in=ended).update(ends_on=timezone.localdate())
    Behind.objects.under(FIGURE).filter(customer=customer).delete()
    _tell(customer, found[0][0].plain, found[0][1], by)
    return Accepted(customer.pk, ended, added)


@transaction.atomic
def take_back(accepted: Accepted, *, by: Staff) -> None:
    """Have what was typed be in force again; does nothing where it is already."""
    customer = Customer.objects.select_for_update().filter(pk=accepted.customer, survivor=None).first()
    mine = Identifier.objects.filter(profile__customer=customer)
    ended = list(mine.filter(pk__in=accepted.ended, ends_on__isnull=False))
    if customer is None or not ended:
        return
    added = list(mine.filter(pk__in=accepted.added))
    _tell(customer, added[0].plain if added else "", ended[0].plain, by)
    mine.filter(pk__in=[each.pk for each in ended]).update(ends_on=None)
    Identifier.objects.filter(pk__in=[each.pk for each in added]).delete()
    Behind.objects.get_or_create(figure=FIGURE, customer=customer)


def _instead(typed: Identifier, meant: str) -> list[int]:
    """Write what was meant beside what was typed, unless the profile has it."""
    fresh = Identifier.sealed_of(EMAIL, meant)
    if Identifier.objects.filter(profile=typed.profile_id, digest=fresh.digest).exists():
        return []
    fresh.profile_id, fresh.strength = typed.profile_id, typed.strength
    fresh.save()
    return [fresh.pk]


def _tell(customer: Customer, was: str, now: str, by: Staff) -> None:
    customer.record("Customer Updated", fields=["email"], by=by.pk)
    customer.audit("corrected", by=by, email=(was, now))
