"""Of whom calls speak: people by their ids, and devices on which nobody signed in."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from guanxi.customers.models import Identifier
from guanxi.identity.normal import identification
from guanxi.identity.sightings import Identification, Sighting
from guanxi.ingest.collection.calls import Call, Kind
from guanxi.ingest.people import GENDERS

LONGEST_KEY = 120
MARKS = {
    "email": "email",
    "phone": "phone",
    "unionid": "unionid",
}  # traits that are identifiers wherever they come from


@dataclass
class Crowd:
    """Who some calls of one namespace speak of: sightings of people by key, and when each device was seen first."""

    namespace: str
    people: dict[str, Sighting] = field(default_factory=dict)
    when: dict[str, dict[str, dt.datetime]] = field(default_factory=dict)  # each attribute was told last
    devices: dict[str, dt.datetime] = field(default_factory=dict)


def crowd(calls: Iterable[Call], namespace: str) -> Crowd:
    """Find out who calls speak of; what is said later of a person counts, and what is not said leaves it."""
    found, said = Crowd(namespace), dict[str, list[Call]]()
    for call in sorted(calls, key=lambda each: each.occurred_at):
        if call.user:
            said.setdefault(call.user, []).append(call)
        elif call.anonymous not in found.devices:
            found.devices[call.anonymous] = call.occurred_at
    for user, mine in said.items():
        told, found.when[key_of(user)] = _attributes(mine)
        found.people[key_of(user)] = _sighting(user, mine, namespace, told)
    return found


def key_of(user: str) -> str:
    """Give the key of a user's profile; a very long id is shortened to its digest."""
    return f"user {user}" if len(user) <= LONGEST_KEY else f"user {hashlib.sha256(user.encode()).hexdigest()}"


def device_key(device: str) -> str:
    """Give the key of a device's profile."""
    return key_of(device).replace("user", "device", 1)


def _sighting(user: str, calls: list[Call], namespace: str, told: Mapping[str, Any]) -> Sighting:
    marks: dict[str, Identification] = {}
    for call in calls:
        marks |= {each.digest: each for each in (*_marks(user, call, namespace), *_of_traits(_said(call)))}
    return Sighting(
        source=namespace, store="", key=key_of(user), seen_at=calls[0].occurred_at,
        identifications=tuple(marks.values()), **told,
    )  # fmt: skip


def _attributes(calls: list[Call]) -> tuple[dict[str, Any], dict[str, dt.datetime]]:
    """Give the attributes some calls tell, the oldest call first, and when each was told last."""
    told: dict[str, Any] = {}
    when: dict[str, dt.datetime] = {}
    for call in calls:
        said = attributes(_said(call))
        told |= said
        when |= dict.fromkeys(said, call.occurred_at)
    return told, when


def _said(call: Call) -> dict[str, Any]:
    """Give what a call says of its person: in its context, and an identify call in its traits."""
    inside = call.context.get("traits")
    told = {**(inside if isinstance(inside, dict) else {}), **(call.traits if call.kind == Kind.IDENTIFY else {})}
    return {name: value for name, value in told.items() if value not in (None, "")}


def _marks(user: str, call: Call, namespace: str) -> Iterator[Identification]:
    """Give what a call proves: the user's own number, the device they are on, and another number they had."""
    told = [(Identifier.Kind.EXTERNAL_ID, user), (Identifier.Kind.DEVICE, call.anonymous)]
    if call.kind == Kind.ALIAS:
        told += [(Identifier.Kind.EXTERNAL_ID, call.previous), (Identifier.Kind.DEVICE, call.previous)]
    for kind, value in told:
        if value and (found := identification(kind, value, namespace=namespace)):
            yield found


def _of_traits(traits: Mapping[str, Any]) -> Iterator[Identification]:
    for name, kind in MARKS.items():
        value = traits.get(name)
        if isinstance(value, (str, int)) and (found := identification(kind, str(value))):
            yield found


def attributes(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Read what traits say of a person, in the attributes that a customer has.

    >>> attributes({"firstName": "Ada", "lastName": "Byron", "gender": "F", "address": {"city": "London"}})
    {'name': 'Ada Byron', 'gender': 'female', 'city': 'London'}
    """
    place = traits.get("address")
    where = place if isinstance(place, dict) else {}
    told = {
        "name": _text(traits.get("name")) or _whole(traits),
        "gender": GENDERS.get(_text(traits.get("gender")).casefold(), ""),
        "birthday": _day(traits.get("birthday")),
        "province": _text(where.get("state")),
        "city": _text(where.get("city")),
        "country": _text(where.get("country")),
    }
    return {name: value for name, value in told.items() if value}


def _whole(traits: Mapping[str, Any]) -> str:
    return " ".join(part for name in ("firstName", "lastName") if (part := _text(traits.get(name))))


def _text(value: Any) -> str:
    return " ".join(value.split())[:100] if isinstance(value, str) else ""


def _day(value: Any) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return day if dt.date(1900, 1, 1) <= day <= dt.datetime.now(dt.UTC).date() else None
