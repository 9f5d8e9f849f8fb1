"""What happened to one person, by day, newest first: events of the stream told as sentences.

A context says how its events are told by `register`, in `AppConfig.ready()`. Whole sets are told at once, so that a
page costs the same number of queries whatever it shows.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, Departure, Event
from guanxi.customers.models.event import EventQuerySet
from guanxi.customers.older import Place, Stretch, older
from guanxi.pages.components import Day, Occurrence
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import counted
from guanxi.shop.calendar import marks
from guanxi.warehouse.lake import LakeBroken
from guanxi.warehouse.place import LakeAway

Tell = Callable[[Sequence[Event]], Mapping[int, Occurrence]]
PAGE_EVENTS = 20
PAUSE = dt.timedelta(minutes=30)
THINGS, MOST_SAID = 2, 40
OF_THE_VISIT = {"path", "title", "referrer", "device", "locale", "utm_source", "utm_medium", "utm_campaign", "utm_term",
                "utm_content"}  # fmt: skip


@dataclass(frozen=True)
class Chapter:
    """A kind of events: the word of its filter, the events it holds, and how they are told.

    Of events of `alike` several in a row, no more than half an hour apart, are told `together`, the newest first.
    Those that are `theirs` are told by a verb of the person, which can follow a name.
    """

    name: str
    title: str | Promise
    events: tuple[str, ...]
    tell: Tell
    order: int = 50
    alike: tuple[str, ...] = ()
    together: Callable[[Sequence[Event]], Occurrence] | None = None
    theirs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A part of a timeline; `last` is the place it ends at, where there is more before it.

    `total` and what is left as `earlier` are counted as lists are, as long as the book has everything. Of what has left
    it nothing is counted: both are None, unless this is all there is. `lost` says why the rest cannot be read.
    """

    days: list[Day]
    total: int | None
    earlier: int | None = 0
    last: Place | None = None
    lost: str = ""


_chapters: dict[str, Chapter] = {}


def register(chapter: Chapter) -> None:
    """Say how some events are told; the same name again replaces it."""
    _chapters[chapter.name] = chapter


def chapters() -> list[Chapter]:
    """List the kinds of events in their declared order."""
    return sorted(_chapters.values(), key=lambda chapter: chapter.order)


def read(customer: Customer, *, chapter: str = "", before: Place | None = None) -> Page:
    """Tell a page of what happened to a person, older than a place where one is named."""
    events = _of_chapter(customer.events.all(), chapter)
    book = _before(events, before) if before else events
    until = Departure.objects.until()
    begin = min(Place(until), before or Place(until)) if until else None
    found, floor, lost = _together(customer, list(book.newest_first()[: PAGE_EVENTS + 1]), begin, chapter)
    told = [(event, occurrence) for event, occurrence in zip(found, tell(found), strict=True)]
    if len(told) > PAGE_EVENTS:
        told = _whole_days(told[:PAGE_EVENTS], told[PAGE_EVENTS])
        floor = Place.of(told[-1][0])
    days = _days(_gathered(told))
    if not floor or begin:
        return Page(days, None if floor else len(told), None if floor else 0, floor, lost)
    earlier = counted(_before(events, floor))
    return Page(days, earlier + len(told) if earlier <= MOST_COUNTED else earlier, earlier, floor, lost)


def _together(
    customer: Customer, book: list[Event], begin: Place | None, chapter: str
) -> tuple[list[Event], Place | None, str]:
    """Give what the book and, before `begin`, the lake have; down to which place that is all; and what is lost."""
    floors, past, lost = [Place.of(book[-1])] if len(book) > PAGE_EVENTS else [], Stretch(), ""
    if begin and not (floors and floors[0] >= begin):
        names = _chapters[chapter].events if chapter in _chapters else ()
        try:
            past = older(customer, begin, names=names, most=PAGE_EVENTS + 1)
        except (LakeAway, LakeBroken) as error:
            lost = str(error)
    floors += [past.floor] if past.floor else []
    floor = max(floors, default=None)
    found = sorted([*book, *past.events], key=Place.of, reverse=True)
    return [each for each in found if floor is None or Place.of(each) >= floor][: PAGE_EVENTS + 1], floor, lost


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
            yield as_one(run)
            run = []
        run.append(pair)
    if run:
        yield as_one(run)


def _goes_on(last: tuple[Event, Occurrence], following: tuple[Event, Occurrence]) -> bool:
    return are_one_visit(last[0], following[0]) and last[1].at.date() == following[1].at.date()


def are_one_visit(event: Event, earlier: Event) -> bool:
    """Tell whether two events of one person, no others between them, are told as one."""
    chapter = gathering(event)
    return chapter is not None and chapter is gathering(earlier) and event.occurred_at - earlier.occurred_at <= PAUSE


def gathering(event: Event) -> Chapter | None:
    """Find the chapter that tells several such events together."""
    return next((each for each in _chapters.values() if event.name in each.alike), None)


def is_theirs(event: Event) -> bool:
    """Tell whether an event is told by a verb of the person."""
    return any(event.name in each.theirs for each in _chapters.values())


def as_one(run: Sequence[tuple[Event, Occurrence]]) -> Occurrence:
    """Tell a run of events, the newest first, as one."""
    chapter = gathering(run[0][0])
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


def _before(events: EventQuerySet, place: Place) -> EventQuerySet:
    until = events.filter(occurred_at__lte=place.at)  # where an index can begin
    return until.filter(Q(occurred_at__lt=place.at) | Q(pk__lt=place.id))


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
