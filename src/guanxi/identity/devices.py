"""Devices and whose they are: a browser or an app is the customer's who alone was seen on it.

A device is a profile of its own that stands for nobody. Where people sign in, their own profiles bear the device's id
as well; the device is the customer's of all profiles that bear it, where that is one customer, and nobody's where it is
none or several: what was done on a shared device before anybody signed in is then nobody's again. That is a function of
who is who, so neither order nor repetition matters, and a merge taken back takes its devices back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.customers.models import Event, Identifier, MergeLog, SourceProfile
from guanxi.identity.evidence import parts
from guanxi.identity.following import fact_models
from guanxi.warehouse.models import ARRIVED, CHANGED, announce

RULE = "alone on a device"
Seen = tuple[str, datetime]  # a device's id, and when it was seen first
Whose = tuple[int, int | None]  # a profile, and its customer
DEVICE = Identifier.Kind.DEVICE


def digest_of(device: str, *, namespace: str) -> str:
    """The blind index by which a device is found."""
    return Identifier.digest_of(DEVICE, device, namespace=namespace)


@transaction.atomic
def meet(source: str, seen: Mapping[str, Seen]) -> dict[str, Whose]:
    """Find or make the profiles of devices by their keys; gives each profile and its customer, if it is somebody's."""
    known = _known(source, list(seen))
    if fresh := [key for key in seen if key not in known]:
        known |= _make(source, {key: seen[key] for key in fresh})
    return known


def _make(source: str, seen: Mapping[str, Seen]) -> dict[str, Whose]:
    made = dict(zip(seen, reserve(SourceProfile, len(seen)), strict=True))
    columns = ["id", "source", "store", "key", "name", "first_seen_at", "is_device", "lake_batch"]
    rows = [(pk, source, "", key, "", seen[key][1], True, ARRIVED) for key, pk in made.items()]
    bulk.insert(SourceProfile, columns, rows)
    announce(SourceProfile, list(made.values()))
    digests = {key: digest_of(device, namespace=source) for key, (device, _at) in seen.items()}
    bulk.insert(
        Identifier, ["profile_id", "namespace", "scope", "kind", "value", "digest", "strength"],
        [(pk, source, "", DEVICE, seen[key][0], digests[key], "strong") for key, pk in made.items()],
    )  # fmt: skip
    if not _owners(set(digests.values())):
        return {key: (pk, None) for key, pk in made.items()}
    place(made.values())
    return _known(source, list(made))


def _known(source: str, keys: Sequence[str]) -> dict[str, Whose]:
    rows = SourceProfile.objects.seen_by(source, "").filter(key__among=keys)
    return {key: (pk, customer) for key, pk, customer in rows.values_list("key", "pk", "customer")}


@transaction.atomic
def place(devices: Iterable[int]) -> int:
    """Have devices be those of whoever alone was seen on them; says how many changed hands."""
    rows = [row for some in parts(devices) for row in _standing(some)]
    owners = _owners({digest for _pk, _customer, digest in rows})
    moves = {pk: (before, owners.get(digest)) for pk, before, digest in rows if before != owners.get(digest)}
    if moves:
        _move(moves)
        _log(moves)
    return len(moves)


def follow(events: Sequence[Event]) -> None:
    """Have the devices on which something happened be once more those of whoever alone was seen on them."""
    place({each.profile_id for each in events if each.profile_id is not None})


def of_people(profiles: Collection[int]) -> set[int]:
    """Find the devices whose ids some people's profiles bear."""
    borne = Identifier.objects.filter(kind=DEVICE, ends_on=None)
    digests = {d for some in parts(profiles) for d in borne.filter(profile__in=some).values_list("digest", flat=True)}
    return bearing(digests)


def bearing(digests: Collection[str]) -> set[int]:
    """Find the devices with some ids."""
    found = (Identifier.objects.filter(digest__in=some, profile__is_device=True) for some in parts(digests))
    return {pk for some in found for pk in some.values_list("profile", flat=True)}


def _standing(devices: Collection[int]) -> list[tuple[int, int | None, str]]:
    mine = Identifier.objects.filter(profile__in=devices, profile__is_device=True, kind=DEVICE)
    return list(mine.values_list("profile", "profile__customer", "digest"))


def _owners(digests: Collection[str]) -> dict[str, int]:
    """Give the customer of each id that one customer alone bears."""
    bearers: dict[str, set[int]] = defaultdict(set)
    people = Identifier.objects.filter(digest__among=list(digests), ends_on=None, profile__is_device=False)
    theirs = people.filter(profile__customer__isnull=False)
    for digest, customer in theirs.values_list("digest", "profile__customer"):
        bearers[digest].add(customer)
    return {digest: min(customers) for digest, customers in bearers.items() if len(customers) == 1}


def _move(moves: Mapping[int, tuple[int | None, int | None]]) -> None:
    """Write whose the devices are, and whose what happened on them is."""
    together: dict[int | None, list[int]] = defaultdict(list)
    for pk, (_before, after) in moves.items():
        together[after].append(pk)
    for customer, devices in together.items():
        for some in parts(devices):
            SourceProfile.objects.filter(pk__in=some).update(customer=customer, **CHANGED)
            for model in fact_models():
                model._default_manager.filter(profile__in=some).update(customer=customer)  # noqa: SLF001 - Django's documented name


def _log(moves: Mapping[int, tuple[int | None, int | None]]) -> None:
    at = now()
    lines = [("unlinked", pk, before, RULE, at) for pk, (before, _after) in sorted(moves.items()) if before is not None]
    lines += [("linked", pk, after, RULE, at) for pk, (_before, after) in sorted(moves.items()) if after is not None]
    bulk.insert(MergeLog, ["act", "profile_id", "customer_id", "rule", "at"], lines)
