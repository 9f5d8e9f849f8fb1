"""People who come to be known, many at once: written in sets, each with profile, identifiers, event and audit entry."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.customers.models import Customer, Event, Identifier, SourceProfile
from guanxi.customers.models.customer import spellings_of
from guanxi.pages.prepared import Mark, Question

SPELLINGS = tuple(spellings_of(""))
AWAIT = """
    select pg_advisory_xact_lock(place) from (
        select ('x' || left(digest, 16))::bit(64)::bigint as place from unnest(%s::text[]) as digest order by 1
    ) as places
"""
Digests = Mapping[str, str]  # by kind


def digests_of(told: Any) -> Digests:
    """Compute the blind indexes of the words by which somebody can be recognised."""
    return {str(kind): Identifier.digest_of(kind, value) for kind, value in told.identifiers}


@transaction.atomic
def taken(people: Sequence[Digests]) -> list[list[str]]:
    """Say for each of some people which of their identifiers somebody else has: in the book, or among those before.

    Until the transaction ends, nobody else can introduce a person with one of them.
    """
    every = [digest for each in people for digest in each.values()]
    await_others(every)
    known = _carried(every)
    clashes = []
    for each in people:
        clashes.append([kind for kind, digest in each.items() if digest in known])
        if not clashes[-1]:
            known.update(each.values())
    return clashes


def await_others(digests: Sequence[str]) -> None:
    """Wait for whoever is writing of somebody with one of these; SQLite has one writer at a time anyway."""
    if digests and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(AWAIT, [list(digests)])


def _carried(digests: Iterable[str]) -> set[str]:
    return {digest for each in set(digests) for (digest,) in _CARRIERS.ask(digest=each)}


def _carriers() -> Any:
    carried = Identifier.objects.filter(digest=Mark("digest"), profile__customer__survivor=None)
    return carried.filter(profile__customer__isnull=False).values_list("digest")[:1]


_CARRIERS = Question(_carriers)


@transaction.atomic
def introduce(people: Sequence[Any], *, source: str, attributes: Sequence[str], by: Staff) -> list[Customer]:
    """Add customers whom no source has seen yet, in the order in which they are told of."""
    at = timezone.now()
    keys = reserve(Customer, len(people))
    added = [
        Customer(pk=key, **{name: getattr(told, name) for name in attributes}, first_source=source, created_at=at)
        for key, told in zip(keys, people, strict=True)
    ]
    _insert(added, attributes)
    houses = _house(added, source)
    _identify(people, houses)
    _tell(added, houses, by)
    AuditEntry.write_each("customer.added", by=by, of=_known(added, people, attributes))
    return added


def _insert(added: Sequence[Customer], attributes: Sequence[str]) -> None:
    plain = (*attributes, "first_source", "created_at")
    rows = [(each.pk, *(getattr(each, name) for name in plain), *spellings_of(each.name).values()) for each in added]
    bulk.insert(Customer, ("id", *plain, *SPELLINGS), rows)


def _house(added: Sequence[Customer], source: str) -> list[int]:
    """Open the profile of what we know ourselves of each."""
    columns = ("id", "customer_id", "source", "store", "key", "name", "home_id", "first_seen_at")
    keys = list(reserve(SourceProfile, len(added)))
    told = zip(keys, added, strict=True)
    bulk.insert(SourceProfile, columns, [(key, each.pk, source, "", each.public_id, "", each.pk, each.created_at)
                                         for key, each in told])  # fmt: skip
    return keys


def _identify(people: Sequence[Any], houses: Sequence[int]) -> None:
    columns = ("profile_id", "namespace", "scope", "kind", "value", "sealed", "digest", "ending", "strength")
    sealed = [
        (house, Identifier.sealed_of(kind, value))
        for house, told in zip(houses, people, strict=True)
        for kind, value in told.identifiers
    ]
    rows = [(house, *(getattr(each, name) for name in columns[1:])) for house, each in sealed]
    bulk.insert(Identifier, columns, rows)


def _tell(added: Sequence[Customer], houses: Sequence[int], by: Staff) -> None:
    columns = ("id", "customer_id", "profile_id", "name", "occurred_at", "received_at", "source", "properties")
    said = json.dumps({"by": by.pk})
    rows = [
        (pk, each.pk, house, "Customer Added", each.created_at, each.created_at, "guanxi", said)
        for pk, each, house in zip(reserve(Event, len(added)), added, houses, strict=True)
    ]
    Event.objects.append(columns, rows)


def _known(
    added: Sequence[Customer], people: Sequence[Any], attributes: Sequence[str]
) -> list[tuple[Customer, dict[str, tuple[Any, Any]]]]:
    """Say what is known of each now, field by field."""
    told: dict[int, dict[str, tuple[Any, Any]]] = defaultdict(dict)
    for each, person in zip(added, people, strict=True):
        known = {name: getattr(each, name) for name in attributes} | dict(person.identifiers)
        told[each.pk] = {name: (None, value) for name, value in known.items() if value}
    return [(each, told[each.pk]) for each in added]
