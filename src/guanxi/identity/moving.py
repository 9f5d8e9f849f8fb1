"""Profiles change hands: the one place where it is written whose a profile is, and everything that follows from it.

Whoever decides (a merge by hand, a rule, an unmerge) says where each profile belongs; here facts, attributes,
consents, the log, the stream, the audit trail and the lake follow, in the caller's transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from guanxi.core import effects
from guanxi.customers.models import Customer, MergeLog, SourceProfile
from guanxi.identity import devices
from guanxi.identity.following import Whose, bring_home, follow
from guanxi.identity.models import Merge
from guanxi.identity.rules import Rules, in_force
from guanxi.identity.telling import Precedence, tell
from guanxi.warehouse.models import CHANGED

MOVED = "customers moved"  # the effect: contexts above bring what they keep of each customer up to date


@dataclass(frozen=True)
class Moves:
    """The profiles that change hands: from whom, to whom, and whom each of them founded."""

    before: Mapping[int, int | None]
    after: Mapping[int, int]
    homes: Mapping[int, int | None]

    @property
    def customers(self) -> list[int]:
        """Everybody who loses or gets a profile, or whose own profile goes elsewhere, by id."""
        named = {*self.before.values(), *self.after.values(), *self.homes.values()}
        return sorted(pk for pk in named if pk is not None)


@transaction.atomic
def rehome(placements: Mapping[int, int], *, merge: Merge) -> list[int]:
    """Have each profile be its customer's, everything said of it too; gives the customers concerned, by id.

    Profiles that are there already stay as they are; where all are, nothing happens. A customer who has no profile of
    their own any more is merged into the one who has it, and nobody is left out: a customer revived is as before.
    """
    moves = _moves(placements)
    if not moves.after:
        return []
    customers = moves.customers
    lock(customers)
    bring_home(customers)
    _move(moves)
    _log(moves, merge)
    around = Whose.of(SourceProfile.objects.filter(customer__in=customers))
    follow(list(moves.after), around)
    devices.place(devices.of_people(list(moves.after)))
    tell(customers, precedence())
    effects.perform(MOVED, customers=customers)
    return customers


def lock(customers: Collection[int]) -> None:
    """Have others who would move these customers wait, always in the order of ids, so that nobody waits in a circle."""
    rows = Customer.objects.filter(pk__in=customers).order_by("pk")
    if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
        rows = rows.select_for_update(no_key=True)  # facts that name them meanwhile need not wait
    list(rows.values_list("pk", flat=True))


def precedence(rules: Rules | None = None) -> Precedence:
    """Give the shop's rules of who wins, or those of other rules."""
    rules = rules or in_force()
    told = rules.survivorship
    return Precedence(rules={**told, "province": told["place"]}, trusted=rules.trusted)


def _moves(placements: Mapping[int, int]) -> Moves:
    before: dict[int, int | None] = {}
    homes: dict[int, int | None] = {}
    keys = sorted(placements)
    for pk, customer, home in SourceProfile.objects.filter(pk__in=keys).values_list("pk", "customer", "home"):
        if customer != placements[pk]:
            before[pk], homes[pk] = customer, home
    return Moves(before, {pk: placements[pk] for pk in before}, homes)


def _move(moves: Moves) -> None:
    """Write whose the profiles are, and who is merged into whom: a customer goes where their own profile is."""
    for customer in sorted(set(moves.after.values())):
        mine = [pk for pk, to in moves.after.items() if to == customer]
        SourceProfile.objects.filter(pk__in=mine).update(customer=customer, **CHANGED)
    elsewhere = SourceProfile.objects.filter(home=OuterRef("pk")).exclude(customer=OuterRef("pk"))
    survivor = Subquery(elsewhere.values("customer"))
    Customer.objects.filter(pk__in=moves.customers).update(survivor=survivor, **CHANGED)


def _log(moves: Moves, merge: Merge) -> None:
    told: dict[str, Any] = {"rule": merge.rule, "by_id": merge.by_id, "at": merge.at, "merge_id": merge.pk}
    lines = []
    for pk, customer in sorted(moves.after.items()):
        if (was := moves.before[pk]) is not None:
            lines.append(MergeLog(act="unlinked", profile_id=pk, customer_id=was, **told))
        lines.append(MergeLog(act="linked", profile_id=pk, customer_id=customer, **told))
    MergeLog.objects.bulk_create(lines)
