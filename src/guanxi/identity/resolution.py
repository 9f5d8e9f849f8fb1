"""From what sources saw to people: exact strong identifiers, for whole sets at once.

A sighting whose profile is known is that profile's customer. A new profile joins the customer who already carries one
of its strong identifiers, the strongest kind first; else it founds a customer. Every joining is a line of the MergeLog.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.customers.models import Customer, Identifier, MergeLog, SourceProfile
from guanxi.customers.models.customer import spellings_of
from guanxi.guard.sealing import seal
from guanxi.warehouse.models import ARRIVED, announce

SEALED = frozenset({Identifier.Kind.PHONE, Identifier.Kind.EMAIL})
SPELLINGS = tuple(spellings_of(""))
STRENGTH_ORDER = [str(kind) for kind in Identifier.Kind]


@dataclass(frozen=True, kw_only=True)
class Identification:
    """One identifier as a source gave it; phones in E.164, e-mails in lower case."""

    kind: str
    value: str
    namespace: str = ""
    scope: str = ""
    strength: str = "strong"

    @property
    def digest(self) -> str:
        """The blind index over namespace, scope, kind and value, as 32 hexadecimal digits."""
        return Identifier.digest_of(self.kind, self.value, namespace=self.namespace, scope=self.scope)


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What one source says of one person: its key for them, what it calls them, how they can be recognised."""

    source: str
    store: str
    key: str
    seen_at: datetime
    identifications: tuple[Identification, ...] = ()
    name: str = ""
    gender: str = ""
    birthday: date | None = None
    province: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True)
class Person:
    """Whose facts a sighting's facts are."""

    profile_id: int
    customer_id: int


@dataclass
class Resolution:
    """The outcome: a person per sighting key, and what had to be created."""

    people: dict[str, Person] = field(default_factory=dict)
    customers: list[int] = field(default_factory=list)
    profiles: list[int] = field(default_factory=list)


def known(source: str, store: str, keys: Collection[str]) -> dict[str, Person]:
    """Find the people whose profiles are there already, by the source's keys."""
    found = SourceProfile.objects.seen_by(source, store).filter(key__in=list(keys), customer__isnull=False)
    return {key: Person(pk, customer) for key, pk, customer in found.values_list("key", "pk", "customer_id")}


@transaction.atomic
def resolve(sightings: Sequence[Sighting], *, import_id: int | None = None) -> Resolution:
    """Find or create the people of sightings of one source and store; the same sightings again change nothing."""
    outcome = Resolution()
    if not sightings:
        return outcome
    outcome.people = known(sightings[0].source, sightings[0].store, [sighting.key for sighting in sightings])
    fresh = [sighting for sighting in sightings if sighting.key not in outcome.people]
    if fresh:
        _found(fresh, outcome, import_id)
    return outcome


def carriers(digests: Iterable[str]) -> dict[str, int]:
    """Find the customer of each strong identifier; the lowest id where several carry it."""
    rows = Identifier.objects.strong().filter(digest__in=list(digests), profile__customer__isnull=False)
    return dict(rows.order_by("-profile__customer").values_list("digest", "profile__customer"))


def _found(fresh: Sequence[Sighting], outcome: Resolution, import_id: int | None) -> None:
    digests = {s.key: [(i, i.digest) for i in sorted(s.identifications, key=_strength)] for s in fresh}
    owners = carriers(digest for pairs in digests.values() for i, digest in pairs if i.strength == "strong")
    profile_ids, customer_ids = reserve(SourceProfile, len(fresh)), iter(reserve(Customer, len(fresh)))
    new = _New(fresh, digests)
    for sighting, profile_id in zip(fresh, profile_ids, strict=True):
        strong = [(i, digest) for i, digest in digests[sighting.key] if i.strength == "strong"]
        link = next(((i, owners[digest]) for i, digest in strong if digest in owners), None)
        if link:
            new.joined.append((profile_id, link[1], f"same {link[0].kind}"))
        customer_id = link[1] if link else next(customer_ids)
        if not link:
            new.founders.append((customer_id, sighting))
        owners |= {digest: customer_id for _, digest in strong if digest not in owners}
        outcome.people[sighting.key] = Person(profile_id, customer_id)
    _write(new, outcome, import_id)


def _strength(identification: Identification) -> int:
    return STRENGTH_ORDER.index(identification.kind)


@dataclass
class _New:
    """Sightings without a profile yet, with their digests: who founds a customer, who joins one and why."""

    sightings: Sequence[Sighting]
    digests: dict[str, list[tuple[Identification, str]]]
    founders: list[tuple[int, Sighting]] = field(default_factory=list)
    joined: list[tuple[int, int, str]] = field(default_factory=list)


def _write(new: _New, outcome: Resolution, import_id: int | None) -> None:
    outcome.customers = [pk for pk, _ in new.founders]
    outcome.profiles = [outcome.people[sighting.key].profile_id for sighting in new.sightings]
    house = {customer_id: outcome.people[sighting.key].profile_id for customer_id, sighting in new.founders}
    bulk.insert(
        Customer,
        ["id", "name", *SPELLINGS, "gender", "birthday", "province", "city", "country", "first_source", "created_at",
         "import_id", "lake_batch"],
        [(pk, s.name, *spellings_of(s.name).values(), s.gender, s.birthday, s.province, s.city, s.country,
          s.source, s.seen_at, import_id, ARRIVED)
         for pk, s in new.founders],
    )  # fmt: skip
    announce(Customer, outcome.customers)
    bulk.insert(
        SourceProfile,
        ["id", "customer_id", "source", "store", "key", "name", "home_id", "first_seen_at", "lake_batch"],
        [(p.profile_id, p.customer_id, s.source, s.store, s.key, s.name,
          p.customer_id if house.get(p.customer_id) == p.profile_id else None, s.seen_at, ARRIVED) for s in new.sightings for p in [outcome.people[s.key]]],
    )  # fmt: skip
    announce(SourceProfile, outcome.profiles)
    bulk.insert(
        Identifier,
        ["profile_id", "namespace", "scope", "kind", "value", "sealed", "digest", "ending", "strength"],
        [
            _identifier(outcome.people[s.key].profile_id, i, digest)
            for s in new.sightings
            for i, digest in new.digests[s.key]
        ],
    )
    at = now()
    bulk.insert(
        MergeLog,
        ["act", "profile_id", "customer_id", "rule", "at"],
        [("linked", profile, customer, rule, at) for profile, customer, rule in new.joined],
    )


def _identifier(profile_id: int, given: Identification, digest: str) -> tuple[object, ...]:
    hidden = given.kind in SEALED
    sealed = seal(given.value, Identifier.place(digest)) if hidden else None
    value = "" if hidden else given.value
    ending = Identifier.ending_of(given.kind, given.value)
    return profile_id, given.namespace, given.scope, given.kind, value, sealed, digest, ending, given.strength
