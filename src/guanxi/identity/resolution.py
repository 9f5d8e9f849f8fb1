"""From what sources saw to people, for whole sets at once: found, founded, joined or merged in one transaction.

A sighting whose profile is known is that profile's customer, and what it brings that is new is added to the profile. A
new profile joins whoever carries one of its strong identifiers; where these are several customers, they are merged by
the partition's rules; where there is nobody, it founds one. An identifier that passes its limit joins nobody any more,
and what it joined is withdrawn. Every joining is a line of the MergeLog.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from guanxi.core.ids import reserve
from guanxi.customers.introducing import await_others
from guanxi.customers.models import Identifier, SourceProfile
from guanxi.identity import devices, settling, writing
from guanxi.identity.evidence import carriers_of, parts, within_limits
from guanxi.identity.gathering import Arriving, Gathering, Group, gather
from guanxi.identity.models import Apart, Merge, Unread
from guanxi.identity.partition import Joining
from guanxi.identity.retelling import retell
from guanxi.identity.rules import in_force
from guanxi.identity.sightings import Identification, Person, Resolution, Sighting

__all__ = ["Identification", "Person", "Resolution", "Sighting", "carriers", "current", "known", "resolve"]

DEVICE = Identifier.Kind.DEVICE
STRENGTH_ORDER = {str(kind): place for place, kind in enumerate(Identifier.Kind)}


def known(source: str, store: str, keys: Collection[str]) -> dict[str, Person]:
    """Find the people whose profiles are there already, by the source's keys."""
    found = SourceProfile.objects.seen_by(source, store).filter(key__in=list(keys), customer__isnull=False)
    return {key: Person(pk, customer) for key, pk, customer in found.values_list("key", "pk", "customer_id")}


def carriers(digests: Iterable[str]) -> dict[str, int]:
    """Find the customer of each identifier that joins; the lowest id where several carry it."""
    joining = in_force().joining
    found = within_limits(carriers_of(digests, joining), joining)
    return {each.digest: each.customer for each in sorted(found, key=lambda each: -each.customer)}


def current(profiles: Iterable[int]) -> dict[int, int]:
    """Say whose profiles are, and keep it so until the transaction ends."""
    found: dict[int, int] = {}
    for some in parts(sorted(set(profiles))):
        rows = SourceProfile.objects.filter(pk__in=some, customer__isnull=False).order_by("pk")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(no_key=True)
        found |= dict(rows.values_list("pk", "customer_id"))
    return found


@transaction.atomic
def resolve(sightings: Sequence[Sighting], *, import_id: int | None = None) -> Resolution:
    """Find or create the people of sightings of one source and store; the same sightings again change nothing."""
    outcome = Resolution()
    if sightings:
        arrival = _Arrival.of(sightings, outcome)
        if arrival.new:
            arrival.land(import_id)
        _note_unread(sightings, outcome)
    return outcome


@dataclass
class _Arrival:
    """Sightings that bring something new, in the order given: profiles, or identifiers of known ones."""

    joining: Joining
    outcome: Resolution
    new: list[writing.New]
    fresh: set[int]

    @classmethod
    def of(cls, sightings: Sequence[Sighting], outcome: Resolution) -> "_Arrival":
        """Wait for whoever writes of the same people, and find what is not in the book yet."""
        digests = {s.key: [(i, i.digest) for i in sorted(s.identifications, key=_strength)] for s in sightings}
        joinable = {digest for told in digests.values() for i, digest in told if i.may_join}
        await_others([*sorted(joinable), *(sighting.place for sighting in sightings)])
        outcome.people = known(sightings[0].source, sightings[0].store, list(digests))
        there = _carried(person.profile_id for person in outcome.people.values())
        unknown = {s.key: s for s in sightings if s.key not in outcome.people}
        keys = dict(zip(unknown, reserve(SourceProfile, len(unknown)), strict=True))
        new = []
        for sighting in {s.key: s for s in reversed(sightings)}.values():
            person = outcome.people.get(sighting.key)
            profile = person.profile_id if person else keys[sighting.key]
            more = {digest: (i, digest) for i, digest in digests[sighting.key] if (profile, digest) not in there}
            if more or not person:
                new.append(writing.New(sighting, profile, list(more.values()), person.customer_id if person else None))
        return cls(in_force().joining, outcome, new[::-1], set(keys.values()))

    def land(self, import_id: int | None) -> None:
        """Write it, and have everybody be who they are by what is known now."""
        found = self._gathered()
        landing = writing.Landing(self.new, self.fresh, found.groups, import_id)
        landing.write(self.outcome)
        for (kind, _digest), profiles in found.passed.items():
            rule = f"{kind} over its limit"[:40]
            self._moved(settling.settle(profiles, act=Merge.Act.WITHDRAWN, rule=rule))
        for group in found.groups:
            if len(group.customers) > 1:
                self._merge(group)
        if self.outcome.moved:
            now = current(person.profile_id for person in self.outcome.people.values())
            people = self.outcome.people.items()
            self.outcome.people = {key: Person(each.profile_id, now[each.profile_id]) for key, each in people}
        people_now = self.outcome.people.values()
        retell({each.customer_id for each in people_now if each.profile_id in landing.joined})
        devices.place(
            devices.bearing({digest for each in self.new for i, digest in each.identifications if i.kind == DEVICE})
        )

    def _gathered(self) -> Gathering:
        arriving = [self._arriving(each) for each in self.new]
        digests = [digest for each in arriving for _kind, digest in each.brings]
        there = carriers_of(digests, self.joining)
        if there and connection.vendor == "postgresql":  # nobody moves them while somebody joins them
            settling.hold()
            there = carriers_of(digests, self.joining)
            whose = current(each.profile for each in arriving if each.customer is not None)
            arriving = [Arriving(each.profile, each.brings, whose.get(each.profile)) for each in arriving]
        return gather(arriving, there, self.joining)

    def _arriving(self, new: writing.New) -> Arriving:
        brings = (
            (i.kind, digest)
            for i, digest in new.identifications
            if i.may_join and i.kind in self.joining.limits and digest not in self.joining.blocked
        )
        return Arriving(new.profile, tuple(brings), new.customer)

    def _merge(self, group: Group) -> None:
        members = [each.profile for each in group.members]
        if Apart.objects.in_force().exists():  # what is new has no facts yet: it simply goes where it belongs
            placed = settling.misplaced(members)
            for profile in self.fresh & set(placed):
                SourceProfile.objects.filter(pk=profile).update(customer=placed[profile])
                self.outcome.moved = True
        kind, digest = min(group.why.values(), key=lambda shared: (STRENGTH_ORDER[shared[0]], shared[1]))
        value = next(i.value for new in self.new for i, d in new.identifications if d == digest)
        evidence = f"{kind} {value}"
        self._moved(settling.settle(members, act=Merge.Act.MERGED, rule=f"same {kind}", evidence=evidence))

    def _moved(self, merge: Merge | None) -> None:
        self.outcome.moved |= merge is not None


def _note_unread(sightings: Sequence[Sighting], outcome: Resolution) -> None:
    """Keep of whom a phone or an e-mail was given that is none, for the page of data quality."""
    told = [(each.key, *unread) for each in sightings for unread in each.unread if each.key in outcome.people]
    if told:
        Unread.objects.keep((outcome.people[key].profile_id, kind, reason) for key, kind, reason in told)


def _carried(profiles: Iterable[int]) -> set[tuple[int, str]]:
    rows = (Identifier.objects.filter(profile__in=some) for some in parts(profiles))
    return {row for some in rows for row in some.values_list("profile", "digest")}


def _strength(identification: Identification) -> int:
    return STRENGTH_ORDER[identification.kind]
