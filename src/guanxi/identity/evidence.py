"""What the book knows that may join people, read around a few profiles or as a whole."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import pyarrow as pa
from django.db import connection
from django.db.models import Count

from guanxi.customers.models import Identifier, SourceProfile
from guanxi.identity.models import Apart, Merge
from guanxi.identity.partition import PAIRS, Evidence, Joining

AT_ONCE = 500
Key = TypeVar("Key", int, str, bytes)
CARRIERS = {  # SQLite keeps the order of cross joins: it must begin with the few that are asked for
    "sqlite": """
        select d.value, i.kind, i.profile_id, p.customer_id from json_each(%s) d
        cross join customers_identifier i on i.id in (
            select id from customers_identifier
            where digest = d.value and strength = 'strong' and ends_on is null limit %s
        )
        cross join customers_sourceprofile p on p.id = i.profile_id where p.customer_id is not null and not p.is_device
    """,
    "postgresql": """
        select d.value, i.kind, i.profile_id, p.customer_id from json_array_elements_text(%s::json) d
        cross join lateral (
            select kind, profile_id from customers_identifier
            where digest = d.value and strength = 'strong' and ends_on is null limit %s
        ) i
        join customers_sourceprofile p on p.id = i.profile_id where p.customer_id is not null and not p.is_device
    """,
}


class Carrier(NamedTuple):
    """A profile that carries a strong identifier, and whose it is."""

    digest: str
    kind: str
    profile: int
    customer: int


def carriers_of(digests: Iterable[str], joining: Joining) -> list[Carrier]:
    """Find who carries some identifiers: of one that passes its limit one more than the highest limit, not all."""
    most = max(joining.limits.values(), default=0) + 1
    found: list[Carrier] = []
    with connection.cursor() as cursor:
        for some in parts(sorted(set(digests) - joining.blocked)):
            cursor.execute(CARRIERS[connection.vendor], [json.dumps(some), most])
            found += [Carrier(*row) for row in cursor.fetchall() if row[1] in joining.limits]
    return found


def within_limits(carriers: Collection[Carrier], joining: Joining) -> list[Carrier]:
    """Keep the identifiers that may join."""
    counts = Counter(each.digest for each in carriers)
    return [each for each in carriers if counts[each.digest] <= joining.limits[each.kind]]


class Overshared(NamedTuple):
    """An identifier that so many profiles carry that it joins nobody."""

    kind: str
    digest: str
    profiles: int


def overshared(joining: Joining) -> list[Overshared]:
    """Find all identifiers over their limit, the most shared first: what the guard rail stops."""
    least = min(joining.limits.values(), default=0)
    rows = Identifier.objects.strong().filter(kind__in=joining.limits, profile__customer__isnull=False)
    counted = rows.values_list("kind", "digest").annotate(profiles=Count("profile")).filter(profiles__gt=least)
    found = [Overshared(*row) for row in counted.order_by("-profiles", "digest")]
    return [each for each in found if each.profiles > joining.limits[each.kind] and each.digest not in joining.blocked]


def around(profiles: Iterable[int], joining: Joining) -> Evidence:
    """Read all that can decide whose some profiles are: whoever they could be one with, near or far.

    Who was told apart is one of them, so that leaving one edge out can let another come true.
    """
    known: set[int] = set()
    shared: set[Carrier] = set()
    linked: set[tuple[int, int]] = set()
    frontier = set(profiles)
    while frontier:
        known |= frontier
        carriers = within_limits(carriers_of(_digests_of(frontier, joining), joining), joining)
        shared.update(carriers)
        near = {each.profile for each in carriers} | _of_the_same_customers(frontier)
        links = {pair for some in parts(frontier) for pair in Merge.objects.links(some)}
        linked |= links
        near |= {profile for pair in links for profile in pair}
        frontier = near - known
    rows = list(shared)
    identifiers = pa.table(
        {
            "profile": pa.array([each.profile for each in rows], pa.int64()),
            "kind": pa.array([each.kind for each in rows], pa.string()),
            "digest": pa.array([each.digest for each in rows], pa.string()),
        }
    )
    apart = pairs(pair for some in parts(known) for pair in Apart.objects.pairs(some))
    everybody = pa.array(sorted(known), pa.int64())
    return Evidence(profiles=everybody, identifiers=identifiers, linked=pairs(linked), apart=apart)


def stable_order(profiles: Collection[int]) -> Mapping[int, tuple[str, str, str]]:
    """Order profiles by what their sources call them, which does not depend on who came first."""
    rows = (
        row
        for some in parts(profiles)
        for row in SourceProfile.objects.filter(pk__in=some).values_list("pk", "source", "store", "key")
    )
    return {pk: (source, store, key) for pk, source, store, key in rows}


def pairs(found: Iterable[tuple[int, int]]) -> pa.Table:
    """Write pairs of profiles as the partition takes them."""
    columns = list(zip(*set(found), strict=True)) or [(), ()]
    return pa.table([pa.array(column, pa.int64()) for column in columns], schema=PAIRS)


def parts(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """Part keys so that a statement can name them."""
    every = list(keys)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def _digests_of(profiles: Iterable[int], joining: Joining) -> set[str]:
    rows = (Identifier.objects.strong().filter(profile__in=some) for some in parts(profiles))
    return {digest for some in rows for digest in some.filter(kind__in=joining.limits).values_list("digest", flat=True)}


def _of_the_same_customers(profiles: Iterable[int]) -> set[int]:
    mine = (SourceProfile.objects.filter(pk__in=some, customer__isnull=False) for some in parts(profiles))
    customers = {customer for some in mine for customer in some.values_list("customer", flat=True)}
    theirs = (SourceProfile.objects.people().filter(customer__in=some) for some in parts(customers))
    return {profile for some in theirs for profile in some.values_list("pk", flat=True)}
