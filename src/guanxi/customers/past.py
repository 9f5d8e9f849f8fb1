"""Events that have left the book and stand in the lake alone: finding them, and having them forgotten."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from guanxi.customers.family import Person
from guanxi.customers.models import Event
from guanxi.customers.older import event_of, naive
from guanxi.warehouse.models import bury_unseen
from guanxi.warehouse.reading import snapshot

OF_PROFILES = "select event_id from events where profile_id in (select unnest($profiles))"
TOLD = """
select event_id, profile_id, name, occurred_at, source, cast(properties as varchar) as properties
from events where profile_id in (select unnest($profiles)) order by occurred_at, event_id
"""
OF_NOBODY = """
select events.event_id from events join profiles on profiles.profile_id = events.profile_id
where events.occurred_at < $before and profiles.customer_id is null
"""


def told(person: Person) -> Iterator[dict[str, Any]]:
    """Tell what a person did that the book has no more, the oldest first: `name occurred_at source properties`."""
    if not person.profiles:
        return
    with snapshot() as lake:
        rows = lake.sql(TOLD, profiles=list(person.profiles)).to_pylist()
    there = set(Event.objects.filter(profile__in=person.profiles).values_list("pk", flat=True))
    for each in map(event_of, rows):
        if each.pk not in there:
            yield {name: getattr(each, name) for name in Event.exported_fields}


def forget(person: Person) -> int:
    """Have the lake forget everything a person did; says how many events that are. What the book has of it stays."""
    if not person.profiles:
        return 0
    with snapshot() as lake:
        return _bury(lake.sql(OF_PROFILES, profiles=list(person.profiles))["event_id"].to_pylist())


def forget_unknown(before: dt.datetime) -> int:
    """Have the lake forget what was done before a moment on devices nobody knows; says how many events that are."""
    with snapshot() as lake:
        return _bury(lake.sql(OF_NOBODY, before=naive(before))["event_id"].to_pylist())


@transaction.atomic
def _bury(ids: Iterable[int]) -> int:
    found = list(ids)
    bury_unseen("events", found)
    return len(found)
