"""Behaviour leaves the book after a time and stays in the lake; and how many events there are in both together.

Behaviour is what sources told, without the catalogue's facts of business: those, and whatever this program itself wrote
down, never leave the book.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy

from guanxi.core import bulk
from guanxi.customers.lifetimes import Lifetime
from guanxi.customers.models import Departure, Event, Untold
from guanxi.ingest.collection.names import FACTS
from guanxi.ingest.models import EventSource
from guanxi.privacy.models import Erasure
from guanxi.warehouse.book import columns
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import alone, run

DAYS, SUBJECT = 90, "behaviour"
AT_A_TIME = 100_000  # rows between two looks into the lake; others may write it in between
LASTS = 0.012  # seconds a transaction may last on SQLite, where others wait for the writer
AT_FIRST, AT_LEAST, AT_MOST = 250, 50, 2_000  # rows in a transaction
PATIENCE = dt.timedelta(minutes=5)
OURS = "guanxi"  # the source of what this program writes down itself
EVERY = "select event_id from events"
NAMED = "select event_id from events where name = $name"
BOTH = """
select event_id from events where event_id between $first and $last
intersect select event_id from timeline where event_id between $first and $last
"""
KEYS = pa.schema([pa.field("id", pa.int64())])


@dataclass(frozen=True)
class Count:
    """How many events there are: in the book, in the lake, and each once in either."""

    total: int
    hot: int
    lake: int


def count(name: str = "") -> Count:
    """Count events, those of a name alone where one is given; what moves meanwhile is counted once."""
    which, said = ("where name = %s", [name]) if name else ("", [])
    book = columns(f"select id from customers_event {which}", said, KEYS)["id"].combine_chunks()  # noqa: S608 - ours
    with snapshot() as lake:  # after the book: what leaves it is in the lake by then
        asked = NAMED if name else EVERY
        batches = lake.batches(asked, **({"name": name} if name else {}))
        there = [(len(each), _shared(each["event_id"], book)) for each in batches]
    found, both = (sum(each) for each in zip(*there, strict=True)) if there else (0, 0)
    return Count(total=len(book) + found - both, hot=len(book), lake=found)


def _shared(some: pa.Array, others: pa.Array) -> int:
    return int(pc.sum(pc.is_in(some, others)).as_py() or 0)


def behaviour() -> QuerySet[Event]:
    """Keep the events in the book that tell of behaviour."""
    told_by = EventSource.objects.exclude(namespace=OURS).values("namespace")
    return Event.objects.filter(source__in=told_by).exclude(name__in=FACTS)


def lifetime() -> Lifetime:
    """Offer to have behaviour leave the book; that is usual, since the lake keeps it."""
    return Lifetime(
        name=SUBJECT, title=gettext_lazy("Behaviour in the book"), days=DAYS, order=35, usual=True,
        text=gettext_lazy(
            "What people looked at, searched for and put into carts leaves the daily book for the lake, which keeps it "
            "for figures and timelines. Orders, messages and whatever else is business stay."
        ),
        count=lambda before: behaviour().filter(occurred_at__lt=before).count(),
        listed=lambda _before, _most: (),
        forget=leave,
    )  # fmt: skip


def leave(before: dt.datetime) -> int:
    """Have behaviour from before a moment leave the book, as far as the lake has it; says how many events did."""
    done, last = 0, 0
    while _old(before, after=last).exists():
        with alone(wait=PATIENCE) as held:  # a rebuild of the lake asks the book what it has
            run(held)
            ids = list(_old(before, after=last).order_by("pk").values_list("pk", flat=True)[:AT_A_TIME])
            Departure.objects.record(before)
            for some in _chunks(_in_the_lake(ids)) if ids else ():
                held.check()
                done += len(some)
            last = max(ids, default=last)
    return done


def _old(before: dt.datetime, *, after: int) -> QuerySet[Event]:
    """Keep those behind a key that may go: everybody was told of them, and nobody is about to be erased."""
    erased = [pk for people in Erasure.objects.unfinished().values_list("people", flat=True) for pk in people]
    old = behaviour().filter(occurred_at__lt=before, pk__gt=after).exclude(customer__in=erased)
    first = Untold.objects.aggregate(first=Min("first_id"))["first"]
    return old if first is None else old.filter(pk__lt=first)


def _in_the_lake(ids: Sequence[int]) -> list[int]:
    """Ask the lake itself which of some events it has, at the moment that readers see: for figures and for pages."""
    with snapshot() as lake:
        there = lake.sql(BOTH, first=ids[0], last=ids[-1])["event_id"]
    asked_for = pa.array(ids, pa.int64())
    return cast("list[int]", asked_for.filter(pc.is_in(asked_for, there)).to_pylist())


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Delete events a few hundred a transaction; yields what each took."""
    start, most = 0, AT_FIRST
    while start < len(ids):
        some, begun = ids[start : start + most], monotonic()
        with transaction.atomic():
            bulk.delete(Event, some)
        start += len(some)
        most = int(min(max(most * LASTS / max(monotonic() - begun, 0.001), AT_LEAST), AT_MOST))
        yield some
