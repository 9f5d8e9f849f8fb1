"""Events told once more: a span of them, from book and lake, to whatever is derived from events.

What is outward, a webhook say, is never told again. State that follows from events is the same afterwards; where it was
lost, or is computed in another way since, it is there again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby, islice

from guanxi.core.jobs.lease import lease
from guanxi.customers import dispatch
from guanxi.customers.models import Event, SourceProfile
from guanxi.customers.older import event_of, naive
from guanxi.warehouse.reading import snapshot

AT_ONCE = 200  # events in a transaction
PAST = """
select event_id, name, profile_id, occurred_at, received_at, source, cast(properties as varchar) as properties
from events where occurred_at >= $since and occurred_at < $until order by event_id
"""


def replay(since: dt.datetime, until: dt.datetime, *, wait: dt.timedelta | None = dt.timedelta(0)) -> int:
    """Tell what happened from a moment on and before another, in the order in which it came; says how many events."""
    done = 0
    with lease(dispatch.TURN, wait=wait) as held:
        dispatch.tell_all()  # what nobody was told of yet comes first, and once
        events = _once(merge(_in_the_book(since, until), _in_the_lake(since, until), key=lambda each: each.pk))
        while some := list(islice(events, AT_ONCE)):
            held.check()
            dispatch.tell_again(_with_customers(some))
            done += len(some)
    return done


def _once(events: Iterator[Event]) -> Iterator[Event]:
    """Leave out the lake's copy of what the book has: of equals the book's comes first."""
    for _key, same in groupby(events, key=lambda each: each.pk):
        yield next(same)


def _in_the_book(since: dt.datetime, until: dt.datetime) -> Iterator[Event]:
    found = Event.objects.filter(occurred_at__gte=since, occurred_at__lt=until).order_by("pk")
    last = 0
    while some := list(found.filter(pk__gt=last)[:AT_ONCE]):
        yield from some
        last = some[-1].pk


def _in_the_lake(since: dt.datetime, until: dt.datetime) -> Iterator[Event]:
    span = {"since": naive(since), "until": naive(until)}
    with snapshot() as lake:
        for batch in lake.batches(PAST, **span):
            yield from map(event_of, batch.to_pylist())


def _with_customers(events: Sequence[Event]) -> Sequence[Event]:
    """Say whose the lake's events are by now: they know their profile alone."""
    past = [each for each in events if each._state.adding and each.profile_id]  # noqa: SLF001 - Django's documented name
    owners = dict(SourceProfile.objects.filter(pk__in={each.profile_id for each in past}).values_list("pk", "customer"))
    for each in past:
        each.customer_id = owners.get(each.profile_id or 0)
    return events
