"""What happened to one person, by day, newest first: events of the stream told as sentences.

A context says how its events are told by `register`, in `AppConfig.ready()`. Whole sets are told at once, so that a
page costs the same number of queries whatever it shows.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from guanxi.accounts.models import Staff
from guanxi.core.time import now
from guanxi.customers.models import Customer, Event
from guanxi.customers.models.event import EventQuerySet
from guanxi.pages.components import Day, Occurrence
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import counted
from guanxi.shop.calendar import marks

Tell = Callable[[Sequence[Event]], Mapping[int, Occurrence]]
PAGE_EVENTS = 20
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SPELLED = re.compile(r"(-?\d{1,17})\.(\d{1,18})", re.ASCII)
PAUSE = dt.timedelta(minutes=30)
THINGS, MOST_SAID = 2, 40
OF_THE_VISIT = {"path", "title", "referrer", "device", "locale", "utm_source", "utm_medium", "utm_campaign", "utm_term",
                "utm_content"}  # fmt: skip


@dataclass(frozen=True)
class Chapter:
    """A kind of events: the word of its filter, the events it holds, and how they are told.

    Of events of `alike` several in a row, no more than half an hour apart, are told `together`, the newest first.
    """

    name: str
    title: str | Promise
    events: tuple[str, ...]
    tell: Tell
    order: int = 50
    alike: tuple[str, ...] = ()
    together: Callable[[Sequence[Event]], Occurrence] | None = None


@dataclass(frozen=True, order=True)
class Place:
    """A place in a timeline: an instant, and an event's key among those of the same instant."""

    at: dt.datetime
    key: int

    @classmethod
    def of(cls, event: Event) -> "Place":
        """Where an event stands."""
        return cls(event.occurred_at, event.pk)

    @classmethod
    def read(cls, word: str) -> "Place | None":
        """Read it as an address spells it; None where it is none."""
        found = SPELLED.fullmatch(word)
        if not found:
            return None
        return cls(EPOCH + dt.timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // dt.timedelta(microseconds=1)}.{self.key}"


@dataclass(frozen=True)
class Older:
    """Events beyond the book's memory, newest first; looked for back to `until`, or wherever there is any."""

    events: Sequence[Event] = ()
    until: dt.datetime | None = None


Beyond = Callable[[Customer, Place, Collection[str], int], Older]


@dataclass(frozen=True)
class Page:
    """A part of a timeline, counted as lists are; `last` is where it ends if `earlier` ones are left, or may be."""

    days: list[Day]
    total: int
    earlier: int = 0
    last: Place | None = None


_chapters: dict[str, Chapter] = {}
_beyond: list[Beyond] = []


def register_beyond(beyond: Beyond) -> None:
    """Say where events are that left the book: asked by whose, before which place, names (or none) and how many."""
    _beyond[:] = [beyond]


def register(chapter: Chapter) -> None:
    """Say how some events are told; the same name again replaces it."""
    _chapters[chapter.name] = chapter


def chapters() -> list[Chapter]:
    """List the kinds of events in their declared order."""
    return sorted(_chapters.values(), key=lambda chapter: chapter.order)


def read(customer: Customer, *, chapter: str = "", before: Place | None = None) -> Page:
    """Tell a page of what happened to a person, older than a place where one is named."""
    events = _of_chapter(customer.events.all(), chapter)
    found = list(_before(events, before).newest_first()[: PAGE_EVENTS + 1])
    if older := _older(customer, chapter, before):
        return _with_older(found, older)
    told = list(zip(found, tell(found), strict=True))
    shown = told if len(told) <= PAGE_EVENTS else _whole_days(told[:PAGE_EVENTS], told[PAGE_EVENTS])
    last = Place.of(shown[-1][0]) if len(found) > len(shown) else None
    earlier = counted(_before(events, last)) if last else 0
    total = earlier + len(shown) if earlier <= MOST_COUNTED else earlier
    return Page(_days(_gathered(shown)), total, earlier, last)


def _older(customer: Customer, chapter: str, before: Place | None) -> Older | None:
    """Ask for what left the book; None where nothing did."""
    if not _beyond:
        return None
    names = _chapters[chapter].events if chapter in _chapters else ()
    found = _beyond[0](customer, before or Place(now(), 0), names, PAGE_EVENTS + 1)
    return found if found.events or found.until else None


def _with_older(found: Sequence[Event], older: Older) -> Page:
    """Tell what the book still has among what left it; what is in both is told once, as the book has it.

    Business stays in the book for good, so behaviour of the lake may stand between any two of its events.
    """
    together = {each.pk: each for each in (*older.events, *found)}
    events = sorted(together.values(), key=Place.of, reverse=True)
    if older.until:
        events = [each for each in events if each.occurred_at >= older.until]
    told = list(zip(events, tell(events), strict=True))
    shown = told if len(told) <= PAGE_EVENTS else _whole_days(told[:PAGE_EVENTS], told[PAGE_EVENTS])
    last = Place.of(shown[-1][0]) if len(told) > len(shown) else Place(older.until, 0) if older.until else None
    return Page(_days(_gathered(shown)), len(shown), 0, last)


def tell(events: Sequence[Event]) -> list[Occurrence]:
    """Tell events in their order; one that nobody can tell is shown by its name."""
    told: dict[int, Occurrence] = {}
    for chapter in _chapters.values():
        mine = [event for event in events if event.name in chapter.events]
        if mine:
            told |= chapter.tell(mine)
    return [told.get(event.pk) or _custom(event) for event in events]


def _custom(event: Event) -> Occurrence:
    """Tell an event that is no context's by its name, and the first things it says."""
    said = [
        f"{name}: {str(value)[:MOST_SAID]}"
        for name, value in event.properties.items()
        if name not in OF_THE_VISIT and isinstance(value, (str, int, float)) and value not in ("", None)
    ]
    return Occurrence(here(event.occurred_at), event.name, cause=" · ".join(said[:THINGS]))


def _gathered(shown: Sequence[tuple[Event, Occurrence]]) -> Iterator[Occurrence]:
    """Tell runs of events that are alike as one each; the rest as it is."""
    run: list[tuple[Event, Occurrence]] = []
    for pair in shown:
        if run and not _goes_on(run[-1], pair):
            yield _as_one(run)
            run = []
        run.append(pair)
    if run:
        yield _as_one(run)


def _goes_on(last: tuple[Event, Occurrence], following: tuple[Event, Occurrence]) -> bool:
    chapter = _gathering(last[0])
    near = last[1].at - following[1].at <= PAUSE and last[1].at.date() == following[1].at.date()
    return chapter is not None and chapter is _gathering(following[0]) and near


def _gathering(event: Event) -> Chapter | None:
    return next((each for each in _chapters.values() if event.name in each.alike), None)


def _as_one(run: Sequence[tuple[Event, Occurrence]]) -> Occurrence:
    chapter = _gathering(run[0][0])
    if len(run) == 1 or chapter is None or chapter.together is None:
        return run[0][1]
    return chapter.together([event for event, _told in run])


def here(instant: dt.datetime) -> dt.datetime:
    """Give the time of an instant on the company's clock."""
    return timezone.localtime(instant).replace(tzinfo=None)


def actors(events: Sequence[Event]) -> dict[Any, str]:
    """Name the members of staff by whom events came about, in one query for all of them."""
    by = {event.properties.get("by") for event in events} - {None}
    return dict(Staff.objects.filter(pk__in=by).values_list("pk", "display_name"))


def _of_chapter(events: EventQuerySet, name: str) -> EventQuerySet:
    return events.filter(name__in=_chapters[name].events) if name in _chapters else events


def _before(events: EventQuerySet, place: Place | None) -> EventQuerySet:
    if place is None:
        return events
    until = events.filter(occurred_at__lte=place.at)  # where an index can begin
    return until.filter(Q(occurred_at__lt=place.at) | Q(pk__lt=place.key))


def _whole_days(
    told: list[tuple[Event, Occurrence]], following: tuple[Event, Occurrence]
) -> list[tuple[Event, Occurrence]]:
    """Leave the last day to the next page where it goes on there, unless it is the only one."""
    cut = following[1].at.date()
    whole = [pair for pair in told if pair[1].at.date() != cut]
    return whole or told


def _days(occurrences: Iterable[Occurrence]) -> list[Day]:
    told = list(occurrences)
    named = marks(each.at.date() for each in told)
    return [Day(on, list(each), named.get(on, "")) for on, each in groupby(told, key=lambda each: each.at.date())]
