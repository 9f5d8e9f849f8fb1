"""The book brought in line with the partition: whoever is one person by the evidence is one customer.

Whose profiles are not where the partition has them is moved by acts that can be taken back, each with its rule and
evidence; nothing else is touched.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from guanxi.accounts.models import Staff
from guanxi.core.ids import reserve
from guanxi.customers.models import Customer, SourceProfile
from guanxi.identity.evidence import around, parts, stable_order
from guanxi.identity.models import Merge
from guanxi.identity.moving import rehome
from guanxi.identity.partition import partition
from guanxi.identity.rules import in_force
from guanxi.identity.sayings import founding, says
from guanxi.warehouse.models import CHANGED

TURN = 0x6964656E74697479  # the advisory lock of whoever moves profiles: "identity" in letters
Placements = dict[int, int]  # of profiles, where the partition has them


@dataclass(frozen=True)
class Place:
    """Where a profile is, and the customer it founded."""

    customer: int | None
    home: int | None


def hold() -> None:
    """Wait until nobody else moves profiles, and keep the turn until the transaction ends.

    Whoever locks customers to move them calls this before, so that no two wait for each other. SQLite has one writer
    anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [TURN])


@transaction.atomic
def settle(
    profile_ids: Iterable[int], *, act: str, rule: str, by: Staff | None = None, evidence: str = ""
) -> Merge | None:
    """Bring some profiles, and whoever they could be one with, where the partition has them.

    Each customer who goes into another, or gives some profiles up, is an act of its own; an empty `act` is the one or
    the other. Returns the last one; None where everything was in its place.
    """
    hold()
    placed = misplaced(profile_ids)
    last = None
    for (source, target), profiles in sorted(_moves(placed).items()):
        loses_itself = SourceProfile.objects.filter(pk__in=profiles, home=source).exists()
        done = act or (Merge.Act.MERGED if loses_itself else Merge.Act.WITHDRAWN)
        last = Merge.write(done, survivor=target, other_id=source, rule=rule, by=by, evidence=evidence)
        rehome(dict.fromkeys(profiles, target), merge=last)
    return last


@transaction.atomic
def settle_by(merge: Merge, profile_ids: Iterable[int]) -> bool:
    """Do the same by an act that is written already; says whether anything moved."""
    hold()
    placed = misplaced(profile_ids)
    if placed:
        rehome(placed, merge=merge)
    return bool(placed)


def misplaced(profile_ids: Iterable[int]) -> Placements:
    """Say which profiles are not where the partition has them, and where that is.

    Who is on their own and founded nobody yet founds a customer here.
    """
    joining = in_force().joining
    found = partition(around(profile_ids, joining), joining, stable=stable_order)
    profiles, components = found["profile"].to_pylist(), found["component"].to_pylist()
    places = places_of(profiles)
    together: dict[int, list[int]] = defaultdict(list)
    for profile, component in zip(profiles, components, strict=True):
        if profile in places:
            together[component].append(profile)
    return _differences(together.values(), places)


def places_of(profiles: Collection[int]) -> dict[int, Place]:
    """Read where profiles are; a device that is nobody's yet is nowhere."""
    rows = (
        row
        for some in parts(profiles)
        for row in SourceProfile.objects.people()
        .filter(pk__in=some, customer__isnull=False)
        .values_list("pk", "customer", "home")
    )
    return {pk: Place(customer, home) for pk, customer, home in rows}


def _differences(people: Iterable[Collection[int]], places: Mapping[int, Place]) -> Placements:
    placed: Placements = {}
    homeless = []
    for together in people:
        homes = [home for profile in together if (home := places[profile].home)]
        if homes:
            placed |= {profile: min(homes) for profile in together if places[profile].customer != min(homes)}
        else:
            homeless.append(list(together))
    for customer, together in found_customers(homeless).items():
        placed |= dict.fromkeys(together, customer)
    return placed


def found_customers(people: Collection[list[int]]) -> dict[int, list[int]]:
    """Found a customer for each of some people who have none; the profile seen first is its home."""
    if not people:
        return {}
    founded: dict[int, list[int]] = {}
    rows = {row.pk: row for some in parts([pk for each in people for pk in each])
            for row in SourceProfile.objects.filter(pk__in=some)}  # fmt: skip
    for key, together in zip(reserve(Customer, len(people)), people, strict=True):
        mine = sorted(
            (rows[pk] for pk in together), key=lambda row: (row.first_seen_at, row.source, row.store, row.key)
        )
        Customer.objects.create(pk=key, **says(mine[0]))
        SourceProfile.objects.filter(pk=mine[0].pk).update(home=key, told=founding(mine[0]), **CHANGED)
        founded[key] = together
    return founded


def _moves(placed: Placements) -> dict[tuple[int, int], list[int]]:
    """Part what moves by where from and where to."""
    places = places_of(placed)
    moves: dict[tuple[int, int], list[int]] = defaultdict(list)
    for profile, target in placed.items():
        source = places[profile].customer
        if source is not None:
            moves[source, target].append(profile)
    return moves
