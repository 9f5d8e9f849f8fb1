"""What a call says that happened, as it will stand in the stream."""

from dataclasses import dataclass
from typing import Any

import msgspec

from guanxi.core.bulk import stored
from guanxi.customers.dispatch import Occurred
from guanxi.ingest.collection import context
from guanxi.ingest.collection.calls import Call, Kind
from guanxi.ingest.collection.names import canonical
from guanxi.ingest.collection.properties import Kept, keep
from guanxi.ingest.models import EventSource

VIEWED: dict[str, str] = {Kind.PAGE: "Page Viewed", Kind.SCREEN: "Screen Viewed"}
HAPPENS = frozenset((Kind.TRACK.value, *VIEWED))
COLUMNS = ("id", "profile_id", "customer_id", "name", "occurred_at", "received_at", "source", "properties")
Whose = tuple[int | None, int | None]  # profile and customer


@dataclass
class Happened:
    """An event about to be written: whose it is, what it is called, and what is kept of what it says."""

    call: Call
    source: EventSource
    whose: Whose
    name: str
    kept: Kept

    @classmethod
    def of(cls, call: Call, source: EventSource, whose: Whose) -> "Happened":
        """Make it of a call that says that something happened."""
        return cls(call, source, whose, *fit(call))

    def row(self, key: int) -> tuple[Any, ...]:
        """Give it as stored values of COLUMNS."""
        written = msgspec.json.encode(self.kept.properties).decode()
        at, received = stored(self.call.occurred_at), stored(self.call.received_at)
        return (key, *self.whose, self.name, at, received, self.source.namespace, written)

    def occurred(self, key: int) -> Occurred:
        """Give it as others are told of it, once it is written under this key."""
        at, source = self.call.occurred_at, self.source.namespace
        return Occurred(key, *self.whose, 1, self.name, at, source, self.kept.properties)


def fit(call: Call) -> tuple[str, Kept]:
    """Give what an event is called, and what is kept of what its call says."""
    kept = keep(call.properties)
    kept.properties = context.told(call.context) | kept.properties
    if (viewed := VIEWED.get(call.kind)) is None:
        return canonical(call.name), kept
    if call.name:
        kept.properties["name"] = call.name
    return viewed, kept


def happens(call: Call) -> bool:
    """Tell whether a call says that something happened; others say who somebody is."""
    return call.kind in HAPPENS
