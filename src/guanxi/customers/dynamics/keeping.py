"""Summaries kept current: each set of events the dispatcher tells of is put into those of its profiles.

A rebuild does the same with events that were told of long ago; as repetition changes nothing, both may run at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction

from guanxi.customers.dynamics.summary import Summary, packed, united, unpacked
from guanxi.customers.dynamics.taking import Happening, take
from guanxi.customers.models import Event, Habits

AT_ONCE = 200


NOTHING = packed(Summary())


@dataclass(frozen=True)
class Thought:
    """Summaries before and after some events, by profile; one that was none before is None."""

    held: Mapping[int, bytes] = field(default_factory=dict)
    after: Mapping[int, bytes] = field(default_factory=dict)

    def of(self, profile: int, held: bytes | None) -> bytes | None:
        """Give the summary after the events, where it still is what it was before them."""
        return self.after.get(profile) if self.held.get(profile) == held else None


def ahead(events: Sequence[Happening]) -> Thought:
    """Work the summaries out before anybody has to wait for it."""
    mine = _by_profile(events)
    held = Habits.objects.of(mine)
    return Thought(held, {profile: _with(held.get(profile), some) for profile, some in mine.items()})


@transaction.atomic
def follow(events: Sequence[Happening], thought: Thought | None = None) -> None:
    """Put events into the summaries of whose they are; those of nobody are left out."""
    mine, thought = _by_profile(events), thought or Thought()
    if not mine:
        return
    held = Habits.objects.held(mine)
    after = {
        profile: thought.of(profile, before) or _with(before, some)
        for profile, some, before in ((profile, some, held.get(profile)) for profile, some in mine.items())
    }
    changed = {profile: data for profile, data in after.items() if data != held.get(profile, NOTHING)}
    if changed:
        Habits.objects.keep(changed)


def _by_profile(events: Iterable[Happening]) -> dict[int, list[Happening]]:
    mine: dict[int, list[Happening]] = defaultdict(list)
    for event in events:
        if event.profile_id is not None:
            mine[event.profile_id].append(event)
    return mine


def _with(held: bytes | None, events: Iterable[Happening]) -> bytes:
    summary = unpacked(held) if held else Summary()
    for event in events:
        take(summary, event)
    summary.cut()
    return packed(summary)


def rebuild(profiles: Collection[int] | None = None, events: Iterable[Happening] | None = None) -> int:
    """Make the summaries of some profiles, or of all, anew; says from how many events.

    `events` come in any order and as often as they like, of these profiles alone; without them, those of the book are
    read, which is right as long as nothing older than its retention counts. Meanwhile some of the facts are missing.
    """
    forget(profiles)
    left, done = iter(_of_the_book(profiles) if events is None else events), 0
    while some := list(islice(left, AT_ONCE)):
        follow(some)
        done += len(some)
    return done


def forget(profiles: Collection[int] | None = None) -> None:
    """Delete the summaries of some profiles, or of all."""
    rows = Habits.objects.all() if profiles is None else Habits.objects.filter(pk__in=list(profiles))
    while some := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        Habits.objects.filter(pk__in=some).delete()


def _of_the_book(profiles: Collection[int] | None) -> Iterable[Event]:
    known = Event.objects.filter(profile__isnull=False).order_by("pk")
    return (known if profiles is None else known.filter(profile__in=list(profiles))).iterator(chunk_size=AT_ONCE)


def summaries(customers: Collection[int]) -> dict[int, Summary]:
    """Unite for each of some customers what their profiles and devices tell; who never did anything has none."""
    rows = Habits.objects.filter(profile__customer__in=list(customers)).values_list("profile__customer", "summary")
    found: dict[int, list[Summary]] = defaultdict(list)
    for customer, summary in rows:
        found[customer].append(unpacked(bytes(summary)))
    return {customer: united(some) for customer, some in found.items()}
