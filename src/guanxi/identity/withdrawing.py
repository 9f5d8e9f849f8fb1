"""Profiles, identifiers and customers taken out of the book again, as if nobody had ever seen them.

What they had joined is parted, and whoever they kept apart by being one too many may come together.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from guanxi.core import bulk
from guanxi.customers.models import Habits, Identifier, MergeLog, SourceProfile, Telling
from guanxi.identity import devices
from guanxi.identity.evidence import carriers_of, parts
from guanxi.identity.graph.tracing import forget
from guanxi.identity.models import Apart, Behind, DuplicatePair, Merge, Relation, Trace, Unread
from guanxi.identity.retelling import retell
from guanxi.identity.rules import in_force
from guanxi.identity.sayings import founding, says
from guanxi.identity.settling import settle
from guanxi.identity.telling import ATTRIBUTES, own
from guanxi.warehouse.models import CHANGED

RULE = "taken out again"


def decided(profiles: Collection[int]) -> set[int]:
    """Find those about whom somebody decided: linked, told apart or related by hand. They stay."""
    found = {pk for pair in Merge.objects.links(profiles) for pk in pair}
    kept = Apart.objects.filter(Q(left__in=profiles) | Q(right__in=profiles)).values_list("left", "right")
    named = Merge.objects.filter(Q(left__in=profiles) | Q(right__in=profiles)).values_list("left", "right")
    said = Relation.objects.filter(Q(one__in=profiles) | Q(other__in=profiles)).values_list("one", "other")
    return (found | {pk for pair in (*kept, *named, *said) for pk in pair if pk is not None}) & set(profiles)


def forget_profiles(profiles: Collection[int]) -> int:
    """Delete profiles with their identifiers; says how many. Nothing else may hang on them any more."""
    if not profiles:
        return 0
    theirs = devices.of_people(profiles)
    near = _near(profiles, _carried(Identifier.objects.filter(profile__in=profiles)))
    whose = set(
        SourceProfile.objects.filter(pk__in=profiles, customer__isnull=False).values_list("customer", flat=True)
    )
    founded = _pass_homes_on(profiles)
    for some in parts(profiles):
        forget(list(Trace.objects.filter(profile__in=some).values_list("pk", flat=True)))
    for model in (Habits, Identifier, MergeLog, Unread):
        bulk.delete(model, profiles, by="profile")
    gone = bulk.delete(SourceProfile, profiles)
    if near:
        settle(near, act=Merge.Act.WITHDRAWN, rule=RULE)
        retell({pk for pk in whose if pk} | set(founded), founded)
    devices.place(theirs)
    return gone


def forget_identifiers(keys: Collection[int]) -> int:
    """Delete identifiers; says how many."""
    rows = Identifier.objects.filter(pk__in=keys)
    near = _near((), _carried(rows)) | set(rows.values_list("profile", flat=True))
    seen_on = devices.bearing(set(rows.filter(kind=devices.DEVICE).values_list("digest", flat=True)))
    gone = bulk.delete(Identifier, keys)
    if near:
        settle(near, act=Merge.Act.WITHDRAWN, rule=RULE)
    devices.place(seen_on)
    return gone


def without_history(customers: Collection[int]) -> set[int]:
    """Find those whom no member of staff merged or parted: what rules did of them may go with them."""
    by_hand = Merge.objects.about(customers).exclude(by=None).values_list("survivor", "other")
    undone = Merge.objects.about(customers).exclude(undone_by=None).values_list("survivor", "other")
    return set(customers) - {pk for pair in (*by_hand, *undone) for pk in pair}


def forget_history(customers: Collection[int]) -> None:
    """Delete what rules did of customers who go."""
    Merge.objects.about(customers).filter(by=None, undone_by=None).delete()
    for model in (MergeLog, Telling, Behind):
        bulk.delete(model, customers, by="customer")
    for side in ("left", "right"):
        bulk.delete(DuplicatePair, customers, by=side)


def _near(going: Collection[int], digests: Iterable[str]) -> set[int]:
    """Find who is one with profiles that go, or could be with each other once these are gone."""
    theirs = SourceProfile.objects.filter(pk__in=going).values_list("customer", flat=True)
    near = set(SourceProfile.objects.filter(customer__in=set(theirs)).values_list("pk", flat=True))
    joining = in_force().joining
    near |= {each.profile for each in carriers_of(digests, joining)}
    return near - set(going)


def _carried(rows: models.QuerySet[Identifier]) -> set[str]:
    return set(rows.filter(strength=Identifier.Strength.STRONG, ends_on=None).values_list("digest", flat=True))


def _pass_homes_on(profiles: Collection[int]) -> dict[int, dict[str, Any]]:
    """Have customers whose own profile goes live on with somebody who joined them; gives what they say from now on."""
    going = dict(SourceProfile.objects.filter(pk__in=profiles, home__isnull=False).values_list("home", "pk"))
    joined = MergeLog.objects.filter(act=MergeLog.Act.LINKED, customer__in=going, profile__home=None)
    heirs = joined.exclude(profile__in=profiles).order_by("-profile").values_list("customer", "profile")
    heir_of = dict(heirs)
    SourceProfile.objects.filter(pk__in=[going[customer] for customer in heir_of]).update(home=None)
    found: dict[int, dict[str, Any]] = {}
    for customer, said in own(heir_of).items():
        heir = SourceProfile.objects.filter(pk=heir_of[customer], home=None).first()
        if heir:
            SourceProfile.objects.filter(pk=heir.pk).update(home=customer, told=founding(heir), **CHANGED)
            stays = [name for name in ATTRIBUTES if said[name]] if said["import_id"] is None else []  # by hand
            found[customer] = {name: value for name, value in says(heir).items() if name not in stays}
    return found
