"""Traces made of parcels, a few profiles at a time: what is in the book already is compared, never doubled.

What a profile's traces are follows from its parcels alone, so that making them again changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import transaction
from django.db.models import F, Sum

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.customers.models import Identifier, SourceProfile
from guanxi.guard.sealing import blind_index
from guanxi.identity.graph.addresses import address_key
from guanxi.identity.graph.models import Trace, Untraced
from guanxi.identity.graph.sources import Parcel, source, sources
from guanxi.identity.normal import MOBILE, SIGNS, read_phone
from guanxi.warehouse.models import ARRIVED, CHANGED, announce, bury

AT_ONCE = 160  # profiles, or rows of a source, in one step: their transaction stays under 20 ms
COLUMNS = ("id", "profile_id", "sign", "digest", "times", "first_at", "last_at", "lake_batch")
Key = tuple[int, str, str]
Progress = Callable[[int, int], None]


@dataclass
class Seen:
    """How often something was seen, and when the first and the last time."""

    times: int
    first_at: dt.datetime
    last_at: dt.datetime

    def again(self, at: dt.datetime) -> None:
        """See it once more."""
        self.times += 1
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)


@dataclass
class Step:
    """A piece of what waits: its profiles, and up to where it goes through each of its rows."""

    profiles: set[int] = field(default_factory=set)
    reached: dict[int, int] = field(default_factory=dict)  # key of the row: the first id that is left

    @classmethod
    def next(cls) -> "Step":
        """Take the oldest."""
        step, room = cls(), AT_ONCE
        for row in Untraced.objects.order_by("pk")[:AT_ONCE]:
            until = min(row.last_id, row.first_id + room - 1)
            if row.of == Untraced.PROFILES:
                until = _reach(row.first_id, row.last_id, room)
            found = _owners(row.of, row.first_id, until)
            step.profiles.update(found)
            step.reached[row.pk] = until + 1
            room -= max(1, len(found))
            if room <= 0:
                break
        return step

    def close(self) -> None:
        """Note that it is done, in the transaction that wrote it."""
        for pk, left in self.reached.items():
            rows = Untraced.objects.filter(pk=pk)
            if not rows.filter(last_id__gte=left).update(first_id=left):
                rows.delete()


def trace_waiting(progress: Progress = lambda _done, _total: None, check: Callable[[], None] = lambda: None) -> int:
    """Make the traces of all that waits; gives of how many profiles."""
    total, done = waiting(), 0
    while (step := Step.next()).reached:
        check()
        found = traced(step.profiles)
        _write(step, found)
        done += len(step.profiles)
        progress(min(done, total), total)
    return done


def waiting() -> int:
    """Say how many rows and profiles wait, about."""
    return int(Untraced.objects.aggregate(n=Sum(F("last_id") - F("first_id") + 1))["n"] or 0)


def traced(profiles: Collection[int]) -> dict[Key, Seen]:
    """Compute the traces of some profiles from their parcels; nothing is written."""
    found: dict[Key, Seen] = {}
    for each in sources():
        for parcel in each.parcels(profiles):
            for sign, digest in _signs(parcel):
                key = (parcel.profile, sign, digest)
                if key in found:
                    found[key].again(parcel.at)
                else:
                    found[key] = Seen(1, parcel.at, parcel.at)
    return found


def _signs(parcel: Parcel) -> Iterator[tuple[str, str]]:
    if parcel.address and (key := address_key(parcel.address, province=parcel.province, city=parcel.city)):
        yield Trace.Sign.ADDRESS.value, _address_digest(key)
    if parcel.phone and (digest := _phone_digest(parcel.phone, parcel.country or "CN")):
        yield Trace.Sign.RECIPIENT.value, digest


@lru_cache(maxsize=4_096)
def _address_digest(key: str) -> str:
    return blind_index("address of a parcel", key).hex()


@lru_cache(maxsize=4_096)
def _phone_digest(text: str, region: str) -> str:
    """Give the blind index of whoever's phone that is; empty of a masked, virtual or impossible one."""
    plain = SIGNS.sub("", text)
    if region == "CN" and len(plain) == 11 and MOBILE.match(plain):
        return Identifier.digest_of(Identifier.Kind.PHONE, f"+86{plain}")
    number, strength = read_phone(text, region) or ("", "")
    return Identifier.digest_of(Identifier.Kind.PHONE, number) if strength == "strong" else ""


@transaction.atomic
def _write(step: Step, found: dict[Key, Seen]) -> None:
    there = {
        (each.profile_id, each.sign, each.digest): each for each in Trace.objects.filter(profile__in=step.profiles)
    }
    known = set(SourceProfile.objects.filter(pk__in=step.profiles).values_list("pk", flat=True))
    forget([each.pk for key, each in there.items() if key not in found])
    _change([(there[key], seen) for key, seen in found.items() if key in there])
    _add({key: seen for key, seen in found.items() if key not in there and key[0] in known})
    step.close()


def forget(traces: Collection[int]) -> None:
    """Delete traces, from the lake too; in the caller's transaction."""
    if traces:
        bury("traces", traces)
        rows = Trace.objects.filter(pk__in=traces)
        rows._raw_delete(rows.db)  # noqa: SLF001 - Django's own way of deleting without collecting: nothing hangs on them


def _add(new: dict[Key, Seen]) -> None:
    keys = list(reserve(Trace, len(new)))
    rows = [
        (pk, *key, seen.times, seen.first_at, seen.last_at, ARRIVED)
        for pk, (key, seen) in zip(keys, sorted(new.items(), key=lambda each: each[0]), strict=True)
    ]
    bulk.insert(Trace, COLUMNS, rows)
    announce(Trace, keys)


def _change(pairs: Iterable[tuple[Trace, Seen]]) -> None:
    changed = []
    for trace, seen in pairs:
        now = (seen.times, seen.first_at, seen.last_at)
        if (trace.times, trace.first_at, trace.last_at) != now:
            trace.times, trace.first_at, trace.last_at = now
            changed.append(trace)
    Trace.objects.bulk_update(changed, ["times", "first_at", "last_at"], batch_size=50)
    if changed:
        Trace.objects.filter(pk__in=[each.pk for each in changed]).update(**CHANGED)


def _owners(of: str, first: int, last: int) -> Collection[int]:
    """Give the profiles that some waiting rows are about."""
    if of == Untraced.PROFILES:
        return set(SourceProfile.objects.filter(pk__range=(first, last)).values_list("pk", flat=True))
    found = source(of)
    return found.owners(first, last) if found else ()


def _reach(first: int, last: int, room: int) -> int:
    """Say up to where a range of profiles is gone through: numbers are not without gaps."""
    rows = SourceProfile.objects.filter(pk__range=(first, last)).order_by("pk").values_list("pk", flat=True)
    return rows[room - 1 : room].first() or last
