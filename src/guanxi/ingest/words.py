"""What files and programs say of people who are in the book: written where the profile's own saying stands.

A file fills what is empty and changes what an import wrote; what a person of the shop wrote stays. What a customer
shows of it is decided by the rules of who is who, over what all of their profiles say.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from guanxi.customers.models import SourceProfile
from guanxi.identity.resolution import Person, Sighting
from guanxi.identity.retelling import retell
from guanxi.identity.sayings import said_at, says, told_with, written
from guanxi.identity.telling import ATTRIBUTES, own
from guanxi.warehouse.models import CHANGED


@dataclass(frozen=True)
class Change:
    """What a file changed of what one profile says: whose it is, and what it said before, as the undo log keeps it."""

    customer: int
    former: dict[str, Any]


def write(told: Mapping[Person, Sighting], *, import_id: int) -> list[Change]:
    """Write what a file says of people who are in the book; gives what it changed."""
    founders: dict[int, dict[str, Any]] = {}
    changed = []
    for person, profile, there in _said(told):
        changes = changes_of_person(there, told[person])
        if not changes:
            continue
        former = {name: written(there[name]) for name in (*changes, "import_id")}
        former["said_at"] = (profile.told or {}).get("said_at")
        changes["import_id"] = import_id
        if profile.home_id:
            founders[profile.home_id] = changes
            changed.append(Change(person.customer_id, {"customer": profile.home_id, "former": former}))
        else:
            changed.append(Change(person.customer_id, {"profile": profile.pk, "former": former}))
        _put(profile, changes, at=max(told[person].seen_at, said_at(profile)))
    retell({each.customer for each in changed}, founders)
    return changed


def sayings(people: Collection[Person]) -> dict[Person, dict[str, Any]]:
    """Give what each profile says itself, with the import that wrote it."""
    return {person: there for person, _profile, there in _said(people)}


def put_back(log: Mapping[str, Any], *, import_id: int) -> bool:
    """Have a profile say what it said before an import; False where somebody wrote something else since."""
    whose = {"home": log["customer"]} if "customer" in log else {"pk": log["profile"], "home": None}
    profile = SourceProfile.objects.filter(**whose).first()
    if profile is None or _said_itself(profile)["import_id"] != import_id:
        return False
    former = dict(log["former"])
    at = former.pop("said_at", None)
    if former.get("birthday"):
        former["birthday"] = date.fromisoformat(former["birthday"])
    _put(profile, former, at=datetime.fromisoformat(at) if at else profile.first_seen_at)
    customers = {pk for pk in (profile.customer_id, profile.home_id) if pk}
    retell(customers, {profile.home_id: former} if profile.home_id else {})
    return True


def changes_of_person(there: Mapping[str, Any], sighting: Sighting) -> dict[str, Any]:
    """Say which attributes a file changes: empty ones, and those an import wrote."""
    told = {name: getattr(sighting, name) for name in ATTRIBUTES}
    by_hand = there["import_id"] is None
    return {
        name: value for name, value in told.items() if value and value != there[name] and not (by_hand and there[name])
    }


def _said(people: Collection[Person]) -> Iterator[tuple[Person, SourceProfile, dict[str, Any]]]:
    profiles = SourceProfile.objects.in_bulk([each.profile_id for each in people])
    founded = own([each.home_id for each in profiles.values() if each.home_id])
    for person in people:
        profile = profiles[person.profile_id]
        yield person, profile, founded[profile.home_id] if profile.home_id else says(profile)


def _said_itself(profile: SourceProfile) -> dict[str, Any]:
    return own([profile.home_id])[profile.home_id] if profile.home_id else says(profile)


def _put(profile: SourceProfile, changes: Mapping[str, Any], *, at: datetime) -> None:
    """Write what a joiner says, and of everybody when it was said last."""
    when = {"said_at": at if at > profile.first_seen_at else None}
    if profile.home_id:
        told = told_with(None, when)
        if told != profile.told:
            SourceProfile.objects.filter(pk=profile.pk).update(told=told)
        return
    told, name = told_with(profile.told, {**changes, **when}), changes.get("name", profile.name)
    SourceProfile.objects.filter(pk=profile.pk).update(name=name, told=told, **CHANGED)
