"""New profiles, customers and identifiers written in sets, however many arrive together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.customers.models import Customer, Identifier, MergeLog, SourceProfile
from guanxi.customers.models.customer import spellings_of
from guanxi.guard.sealing import seal
from guanxi.identity.gathering import Group
from guanxi.identity.sayings import kept
from guanxi.identity.sightings import Identification, Person, Resolution, Sighting
from guanxi.warehouse.models import ARRIVED, announce

SEALED = frozenset({Identifier.Kind.PHONE, Identifier.Kind.EMAIL})
SPELLINGS = tuple(spellings_of(""))


@dataclass(frozen=True)
class New:
    """What a sighting brings that is not in the book: the profile itself, or only identifiers of a known one."""

    sighting: Sighting
    profile: int
    identifications: Sequence[tuple[Identification, str]]
    customer: int | None


@dataclass(frozen=True)
class Landing:
    """New things in their groups; `fresh` are the profiles that are new, `joined` those that founded nobody."""

    new: Sequence[New]
    fresh: set[int]
    groups: Sequence[Group]
    import_id: int | None
    joined: set[int] = field(default_factory=set)

    def write(self, outcome: Resolution) -> None:
        """Write everything, each profile with the lowest customer of its group, or with the one it founds."""
        told = {each.profile: each for each in self.new}
        founding = [group for group in self.groups if not group.customers]
        founded = dict(zip(map(id, founding), reserve(Customer, len(founding)), strict=True))
        owners: dict[int, int] = {}
        founders: dict[int, int] = {}
        for group in self.groups:
            customer = founded.get(id(group)) or min(group.customers)
            owners |= {each.profile: each.customer or customer for each in group.members}
            if not group.customers:
                first = min((told[each.profile] for each in group.members), key=_seen_first)
                founders[first.profile] = customer
        fresh = [each for each in self.new if each.profile in self.fresh]
        outcome.customers, outcome.profiles = list(founders.values()), [each.profile for each in fresh]
        self._people([(founders[pk], told[pk].sighting) for pk in founders])
        self._profiles(fresh, owners, founders)
        outcome.identifiers = self._identifiers()
        self.joined.update(each.profile for each in fresh if each.profile not in founders)
        self._log([each for each in fresh if each.profile in self.joined], owners)
        outcome.people |= {each.sighting.key: Person(each.profile, owners[each.profile]) for each in fresh}

    def _people(self, founders: Sequence[tuple[int, Sighting]]) -> None:
        bulk.insert(
            Customer,
            ["id", "name", *SPELLINGS, "gender", "birthday", "province", "city", "country", "first_source",
             "created_at", "import_id", "lake_batch"],
            [(pk, s.name, *spellings_of(s.name).values(), s.gender, s.birthday, s.province, s.city, s.country,
              s.source, s.seen_at, self.import_id, ARRIVED) for pk, s in founders],
        )  # fmt: skip
        announce(Customer, sorted(pk for pk, _ in founders))

    def _profiles(self, fresh: Sequence[New], owners: dict[int, int], founders: dict[int, int]) -> None:
        bulk.insert(
            SourceProfile,
            ["id", "customer_id", "source", "store", "key", "name", "home_id", "first_seen_at", "told", "lake_batch"],
            [(each.profile, owners[each.profile], each.sighting.source, each.sighting.store, each.sighting.key,
              each.sighting.name, founders.get(each.profile), each.sighting.seen_at,
              None if each.profile in founders else kept(each.sighting, self.import_id), ARRIVED) for each in fresh],
        )  # fmt: skip
        announce(SourceProfile, [each.profile for each in fresh])

    def _identifiers(self) -> list[int]:
        """Write the identifiers; gives the keys of those that known profiles got."""
        columns = ["profile_id", "namespace", "scope", "kind", "value", "sealed", "digest", "ending", "strength",
                   "ends_on"]  # fmt: skip
        bulk.insert(
            Identifier, columns, [row for each in self.new if each.profile in self.fresh for row in _rows(each)]
        )
        late = [row for each in self.new if each.profile not in self.fresh for row in _rows(each)]
        keys = list(reserve(Identifier, len(late)))
        bulk.insert(Identifier, ["id", *columns], [(key, *row) for key, row in zip(keys, late, strict=True)])
        return keys

    def _log(self, joined: Sequence[New], owners: dict[int, int]) -> None:
        why = {profile: kind for group in self.groups for profile, (kind, _digest) in group.why.items()}
        at = now()
        bulk.insert(
            MergeLog,
            ["act", "profile_id", "customer_id", "rule", "at"],
            [("linked", each.profile, owners[each.profile], f"same {why[each.profile]}", at) for each in joined],
        )


def _seen_first(new: New) -> tuple[Any, str]:
    return new.sighting.seen_at, new.sighting.key


def _rows(new: New) -> Iterator[tuple[object, ...]]:
    for given, digest in new.identifications:
        hidden = given.kind in SEALED
        sealed = seal(given.value, Identifier.place(digest)) if hidden else None
        value = "" if hidden else given.value
        ending = Identifier.ending_of(given.kind, given.value)
        yield (
            new.profile, given.namespace, given.scope, given.kind, value, sealed, digest, ending, given.strength,
            given.ends_on,
        )  # fmt: skip
