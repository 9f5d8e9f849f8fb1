"""Merge, unmerge and split by hand: what people say of who is whom, and the book settled by it.

Each act writes its link or its cannot-links and leaves the rest to the partition, so that nothing hangs on the order
of acts, and taking one back takes back that one alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.core.errors import Refused
from guanxi.customers.by_hand import house_of
from guanxi.customers.models import Customer, MergeLog, SourceProfile
from guanxi.identity.evidence import parts
from guanxi.identity.models import Apart, Merge
from guanxi.identity.preferring import prefer
from guanxi.identity.settling import hold, settle_by

BY_HAND = "by hand"
MOST_PAIRS = 20_000  # cannot-links of one act; beyond it, only those of the two houses


class NotOnePerson(Refused):
    """These customers cannot be merged, or this cannot be taken apart; the text says why."""


@transaction.atomic
def merge(
    customers: Sequence[int], *, by: Staff | None, rule: str = BY_HAND, evidence: str = "",
    chosen: Mapping[str, int] | None = None,
) -> list[Merge]:  # fmt: skip
    """Make one customer of several, the one with the lowest id; each who goes into it is an act of its own.

    `chosen` says of name, gender, birthday or place whose are shown, against the rules. A customer merged before
    stands for their survivor. NotOnePerson where fewer than two are left or one was erased.
    """
    hold()
    first, *others = _distinct(customers)
    acts = []
    for other in others:
        left, right = house_of(first), house_of(other)
        act = Merge.write(
            Merge.Act.MERGED, survivor=first.pk, other=other, left=left, right=right, rule=rule, by=by,
            evidence=evidence,
        )  # fmt: skip
        _lift(first, other, act)
        prefer(chosen or {}, act=act)
        _carry_out(act, [left.pk, right.pk])
        acts.append(act)
    return acts


@transaction.atomic
def unmerge(act: Merge, *, by: Staff | None) -> Merge:
    """Take one merge back: its profiles and the survivor's are two people again, whatever the rules say.

    Merges that followed stand. NotOnePerson where it is no merge, or was taken back already.
    """
    hold()
    act = Merge.objects.select_related("survivor", "other").get(pk=act.pk)
    if not act.is_in_force or act.other is None:
        raise NotOnePerson(
            _("Act %(number)s is no merge in force: there is nothing to take back.") % {"number": act.pk}
        )
    moved, stayed = sides_of(act)
    undone = Merge.write(Merge.Act.UNMERGED, survivor=act.survivor_id, other=act.other, rule=BY_HAND, by=by)
    Merge.objects.filter(pk=act.pk).update(undone_by=undone)
    lifted = list(Apart.objects.filter(lifted_by=act).values_list("left", "right"))
    Apart.objects.keep(lifted, merge=undone, by=by)  # a split since may have written some of them again
    keep_apart(moved, stayed, act=undone, by=by)
    _carry_out(undone, [*moved, *stayed])
    return undone


@transaction.atomic
def split(customer: Customer, profiles: Collection[int], *, by: Staff) -> Merge:
    """Have some profiles of a customer be another person; both sides stay together, whatever held them so far.

    NotOnePerson where none of the customer's profiles are named, or all.
    """
    hold()
    mine = set(SourceProfile.objects.people().filter(customer=customer).values_list("pk", flat=True))
    away, stay = mine & set(profiles), mine - set(profiles)
    if not away or not stay:
        raise NotOnePerson(_("Choose some of the identities, not none and not all: each side has to keep one."))
    act = Merge.write(Merge.Act.SPLIT, survivor=customer.pk, rule=BY_HAND, by=by)
    keep_apart(away, stay, act=act, by=by)
    _carry_out(act, sorted(mine))
    for side in (away, stay):  # what held them together may have been the other side
        whose = _customers_of(side)
        if len(whose) > 1:
            merge(whose, by=by, rule="split")
    others = [pk for pk in _customers_of(mine) if pk != customer.pk]
    Merge.objects.filter(pk=act.pk).update(other=others[0] if others else None)
    act.refresh_from_db()
    return act


def sides_of(act: Merge) -> tuple[list[int], list[int]]:
    """Give the profiles that a merge moved, and those the survivor had before it."""
    lines = MergeLog.objects.filter(merge_id=act.pk)
    moved = sorted(set(lines.filter(act="linked", customer=act.survivor_id).values_list("profile", flat=True)))
    first = lines.order_by("pk").values_list("pk", flat=True).first() or 0
    before = MergeLog.objects.filter(pk__lt=first, customer=act.survivor_id).order_by("pk")
    was = dict(before.values_list("profile", "act"))
    founders = SourceProfile.objects.filter(home=act.survivor_id).values_list("pk", flat=True)
    held = {pk for pk, last in was.items() if last == "linked"} | {pk for pk in founders if pk not in was}
    return moved, sorted(held - set(moved))


def keep_apart(left: Iterable[int], right: Iterable[int], *, act: Merge, by: Staff | None) -> None:
    """Have no profile of one side be one person with one of the other."""
    one, other = list(left), list(right)
    if len(one) * len(other) > MOST_PAIRS:
        one, other = _houses(one), _houses(other)
    Apart.objects.keep(product(one, other), merge=act, by=by)


def _carry_out(act: Merge, profiles: Sequence[int]) -> None:
    settle_by(act, profiles)
    told = {
        Merge.Act.MERGED: "Customers Merged",
        Merge.Act.UNMERGED: "Customers Unmerged",
        Merge.Act.SPLIT: "Profiles Separated",
    }
    people = Customer.objects.filter(pk__in=[pk for pk in (act.survivor_id, act.other_id) if pk])
    for each in people.filter(survivor=None):
        each.record(told[Merge.Act(act.act)], merge=act.pk, by=act.by_id)
    for each in people:
        each.audit(act.act, by=act.by, merge=(None, act.pk))


def _distinct(customers: Sequence[int]) -> list[Customer]:
    """Read the customers who stand for some, by id."""
    found: dict[int, Customer] = {}
    for each in Customer.objects.filter(pk__in=customers):
        stands = (Customer.objects.survivor_of(each.pk) if each.survivor_id else each) or each
        if stands.erased_at:
            raise NotOnePerson(_("%(number)s was erased: nobody can be merged with them.") % {"number": each.public_id})
        found[stands.pk] = stands
    if len(found) < 2:
        raise NotOnePerson(_("These are one customer already, or there is only one: choose another one to merge with."))
    return [found[pk] for pk in sorted(found)]


def _houses(profiles: Sequence[int]) -> list[int]:
    found = [
        pk
        for some in parts(profiles)
        for pk in SourceProfile.objects.filter(pk__in=some, home__isnull=False).values_list("pk", flat=True)
    ]
    return sorted(found)[:100] or list(profiles)[:100]


def _lift(first: Customer, other: Customer, act: Merge) -> None:
    """Lift what kept the two apart: a merge by hand is the later word."""
    mine, theirs = (list(each.profiles.people().values_list("pk", flat=True)) for each in (first, other))
    for left, right in ((mine, theirs), (theirs, mine)):
        Apart.objects.in_force().filter(left__in=left, right__in=right).update(lifted_by=act)


def _customers_of(profiles: Collection[int]) -> list[int]:
    rows = SourceProfile.objects.filter(pk__in=profiles, customer__isnull=False)
    return sorted({int(customer or 0) for customer in rows.values_list("customer", flat=True)})
