"""Funnels: steps by event and filter, counted over people in the order in which things happened to them.

A person is a customer, else the device nobody knows. Somebody reaches step k where an event of step k follows one of
step k - 1 that they reached, all of it within the window from the step 1 it began with. They may begin as often as they
like: for every event the latest beginning that leads to it counts, so whoever can reach a step in the window does.
Everybody counts once, with the furthest they came; where visits are counted, every visit does. Events of one instant
are in order, whichever way they arrived; two steps by one event need two events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.errors import BadInput

FEWEST, MOST = 2, 6
LONGEST = 100
CUSTOMER, VISIT = "customer", "visit"
PER: dict[str, Promise] = {CUSTOMER: gettext_lazy("People"), VISIT: gettext_lazy("Visits")}
WINDOWS: dict[str, tuple[str, Promise]] = {
    "1h": ("interval '1' hour", gettext_lazy("1 hour")),
    "1d": ("interval '1' day", gettext_lazy("1 day")),
    "7d": ("interval '7' day", gettext_lazy("7 days")),
    "30d": ("interval '30' day", gettext_lazy("30 days")),
}
PROPERTIES: dict[str, tuple[str, Promise]] = {
    "source": ("source", gettext_lazy("Source")),
    "sku": ("sku", gettext_lazy("Article number")),
    "category": ("category", gettext_lazy("Category")),
    "device": ("properties ->> '$.device'", gettext_lazy("Device")),
    "path": ("properties ->> '$.path'", gettext_lazy("Page")),
    "referrer": ("properties ->> '$.referrer'", gettext_lazy("Came from")),
    "utm_source": ("properties ->> '$.utm_source'", gettext_lazy("UTM source")),
    "utm_medium": ("properties ->> '$.utm_medium'", gettext_lazy("UTM medium")),
    "utm_campaign": ("properties ->> '$.utm_campaign'", gettext_lazy("UTM campaign")),
    "locale": ("properties ->> '$.locale'", gettext_lazy("Language")),
}
OPERATORS: dict[str, tuple[str, Promise]] = {
    "is": ("coalesce({column}, '') = {value}", gettext_lazy("is")),
    "not": ("coalesce({column}, '') <> {value}", gettext_lazy("is not")),
    "starts": ("starts_with(coalesce({column}, ''), {value})", gettext_lazy("starts with")),
}


class NoFunnel(BadInput):
    """What was asked for is no funnel: too few steps, an unknown property, or a value that is too long."""


@dataclass(frozen=True)
class Filter:
    """One condition on an event: a property of the list, an operator, and a text to compare with."""

    field: str
    operator: str
    value: str

    def __post_init__(self) -> None:
        if self.field not in PROPERTIES or self.operator not in OPERATORS:
            raise NoFunnel(_("Steps cannot be filtered by that. Choose a property of the list."))
        if len(self.value) > LONGEST or "\0" in self.value:
            raise NoFunnel(_("A value to filter by has at most %(most)s characters.") % {"most": LONGEST})


@dataclass(frozen=True)
class Step:
    """One step: an event's name, and what has to hold of the event."""

    event: str
    filters: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        if not self.event or len(self.event) > LONGEST or "\0" in self.event:
            raise NoFunnel(_("A step needs the name of an event of at most %(most)s characters.") % {"most": LONGEST})


@dataclass(frozen=True)
class Funnel:
    """Two to six steps, and how long they may take from the first on."""

    steps: tuple[Step, ...]
    window: str = "7d"
    per: str = CUSTOMER

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.steps) <= MOST:
            raise NoFunnel(_("A funnel has two to six steps."))
        if self.window not in WINDOWS:
            raise NoFunnel(_("A funnel takes an hour, a day, 7 days or 30 days."))
        if self.per not in PER:
            raise NoFunnel(_("A funnel counts customers or visits."))

    @property
    def repeats(self) -> bool:
        """Whether one event is a step and the next one as well."""
        return any(one.event == other.event for one, other in pairwise(self.steps))

    @property
    def values(self) -> dict[str, Any]:
        """The values that the query is told: events' names, and what filters compare with."""
        found: dict[str, Any] = {}
        for nth, step in enumerate(self.steps, 1):
            found[f"event_{nth}"] = step.event
            found |= {f"value_{nth}_{at}": each.value for at, each in enumerate(step.filters, 1)}
        return found


READY: Mapping[str, tuple[Promise, Sequence[str]]] = {
    "order": (
        gettext_lazy("From product to order"),
        ("Product Viewed", "Product Added", "Checkout Started", "Order Completed"),
    ),
    "payment": (
        gettext_lazy("From checkout to payment"),
        ("Checkout Started", "Payment Info Entered", "Order Completed"),
    ),
    "search": (
        gettext_lazy("From search to order"),
        ("Products Searched", "Product Viewed", "Product Added", "Order Completed"),
    ),
}
