"""Events that have left the book and stand in the lake alone: finding them, and having them forgotten."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from guanxi.customers.family import Person
from guanxi.warehouse.models import bury_unseen
from guanxi.warehouse.reading import snapshot

OF_PROFILES = "select event_id from events where profile_id in (select unnest($profiles))"
OF_NOBODY = """
select events.event_id from events join profiles on profiles.profile_id = events.profile_id
where events.occurred_at < $before and profiles.customer_id is null
"""


def forget(person: Person) -> int:
    """Have the lake forget everything a person did; says how many events that are. What the book has of it stays."""
    if not person.profiles:
        return 0
    with snapshot() as lake:
        return _bury(lake.sql(OF_PROFILES, profiles=list(person.profiles))["event_id"].to_pylist())


def forget_unknown(before: dt.datetime) -> int:
    """Have the lake forget what was done before a moment on devices nobody knows; says how many events that are."""
    moment = before.astimezone(dt.UTC).replace(tzinfo=None)
    with snapshot() as lake:
        return _bury(lake.sql(OF_NOBODY, before=moment)["event_id"].to_pylist())


@transaction.atomic
def _bury(ids: Iterable[int]) -> int:
    found = list(ids)
    bury_unseen("events", found)
    return len(found)
