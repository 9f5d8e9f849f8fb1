"""Funnels: steps by event and filter, counted over people in the order in which things happened to them.

A person is a customer, else the device nobody knows. Somebody reaches step k where an event of step k follows one of
step k - 1 that they reached, all of it within the window from the step 1 it began with. They may begin as often as they
like: for every event the latest beginning that leads to it counts, so whoever can reach a step in the window does.
Everybody counts once, with the furthest they came. Events of one instant are in order, whichever way they arrived; two
steps by one event need two events.
"""

# ruff: noqa: S608 - what stands in the SQL are expressions and names of our own; values are parameters

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

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.steps) <= MOST:
            raise NoFunnel(_("A funnel has two to six steps."))
        if self.window not in WINDOWS:
            raise NoFunnel(_("A funnel takes an hour, a day, 7 days or 30 days."))

    @property
    def values(self) -> dict[str, Any]:
        """The values that the query is told: events' names, and what filters compare with."""
        found: dict[str, Any] = {}
        for nth, step in enumerate(self.steps, 1):
            found[f"event_{nth}"] = step.event
            found |= {f"value_{nth}_{at}": each.value for at, each in enumerate(step.filters, 1)}
        return found

    def counting(self, by: str = "") -> str:
        """Spell the query that counts: one row for each value of the property `by` at the first step (`part`, empty
        where it is not known), with `step_k` people, `known_k` customers among them, and `seconds_k`, the median from
        the step before. Its other parameters are `since`, `until` (of beginnings) and `last`, instants in UTC.
        """
        later = range(2, len(self.steps) + 1)
        reached = [f"count(people.at_{k}) as step_{k}" for k in later]
        known = [f"count(case when starts.who > 0 then people.at_{k} end) as known_{k}" for k in later]
        seconds = [f"median({_seconds(f'people.from_{k}', f'people.at_{k}')}) as seconds_{k}" for k in later]
        figures = ["count(*) as step_1", "count(case when starts.who > 0 then 1 end) as known_1"]
        return (
            f"{self._people(by)}\nselect starts.part, {', '.join([*figures, *reached, *known, *seconds])}\n"
            "from starts left join people on people.who = starts.who group by starts.part order by step_1 desc, part"
        )

    def people(self, step: int, *, dropped: bool) -> str:
        """Spell the query of the customers who reached a step, or went no further than it, the latest first, `most`
        at the most.
        """
        nth = len(self.steps)
        last = [f"people.at_{k}" for k in range(2, nth + 1)]
        held = [] if step == 1 else [f"people.at_{step} is not null"]
        held += [f"people.at_{step + 1} is null"] if dropped and step < nth else []
        at = f"coalesce({', '.join([*reversed(last), 'starts.began'])})"
        return (
            f"{self._people('', began=True)}\nselect starts.who as customer_id, {at} as seen_at\n"
            "from starts left join people on people.who = starts.who\n"
            f"where {' and '.join(['starts.who > 0', *held])} order by seen_at desc, customer_id limit $most"
        )

    def _people(self, by: str, *, began: bool = False) -> str:
        """Spell the steps from events to people: when each began, and when each first reached every later step."""
        parts = [self._hits(by), _starts(by, began=began), AGAIN]
        for k in range(1, len(self.steps)):
            strict = self.steps[k - 1].event == self.steps[k].event
            parts.append(_open(k, len(self.steps), STRICTLY if strict else AT_ONCE))
            parts.append(_follow(k + 1, WINDOWS[self.window][0]))
        parts.append(_firsts(len(self.steps)))
        return "with " + ",\n".join(parts)

    @property
    def _repeats(self) -> bool:
        return any(one.event == other.event for one, other in pairwise(self.steps))

    def _hits(self, by: str) -> str:
        part = f"coalesce({PROPERTIES[by][0]}, '') as part, " if by else ""
        key = "event_id, " if self._repeats else ""  # what is not needed is not carried: half the time is memory
        names = ", ".join(f"$event_{nth}" for nth in range(1, len(self.steps) + 1))
        steps = ", ".join(f"{self._is(nth, step)} as is_{nth}" for nth, step in enumerate(self.steps, 1))
        return (
            f"hits as (select coalesce(customer_id, -profile_id) as who, occurred_at as seen_at, {key}"
            f"{part}{steps} from events "
            f"where name in ({names}) and occurred_at >= $since and occurred_at < $last "
            "and profile_id is not null)"
        )

    @staticmethod
    def _is(nth: int, step: Step) -> str:
        held = [f"name = $event_{nth}", *(["occurred_at < $until"] if nth == 1 else [])]
        for at, each in enumerate(step.filters, 1):
            column = PROPERTIES[each.field][0]
            held.append(OPERATORS[each.operator][0].format(column=column, value=f"$value_{nth}_{at}"))
        return f"({' and '.join(held)})"


STARTS = (
    "starts as (select who, arg_min(part, seen_at) as part, min(seen_at) as began from hits where is_1 group by who)"
)
AGAIN = (
    "step_1 as (select *, case when is_1 then seen_at end as start_1 from hits "
    "where who in (select who from hits where is_2))"
)
AT_ONCE = "(partition by who order by seen_at)"
STRICTLY = "(partition by who order by seen_at, event_id rows between unbounded preceding and 1 preceding)"


def _starts(by: str, *, began: bool) -> str:
    """Who did the first step at all, when first, and with which value of the property."""
    part = "arg_min(part, seen_at)" if by else "''"
    first = ", min(seen_at) as began" if began else ""
    return f"starts as (select who, {part} as part{first} from hits where is_1 group by who)"


def _open(k: int, steps: int, over: str) -> str:
    """The latest beginning that leads to step k before each event, and when step k was last reached by then.

    What reached nothing and may reach nothing more is left out: sorting it is most of the work.
    """
    reached = [f"start_{j} is not null" for j in range(min(k, 2), k + 1)]
    wanted = " or ".join([*reached, *(f"is_{j}" for j in range(k + 1, steps + 1))])
    return (
        f"open_{k} as (select *, max(start_{k}) over {over} as open_{k}, "
        f"max(case when start_{k} is not null then seen_at end) over {over} as from_{k + 1} "
        f"from step_{k} where {wanted})"
    )


def _follow(k: int, window: str) -> str:
    return (
        f"step_{k} as (select *, case when is_{k} and seen_at <= open_{k - 1} + {window} then open_{k - 1} end "
        f"as start_{k} from open_{k - 1})"
    )


def _firsts(steps: int) -> str:
    """When everybody first reached each step, and when they had last reached the one before by then."""
    columns = [
        f"min(case when start_{k} is not null then seen_at end) as at_{k}, "
        f"arg_min(from_{k}, seen_at) filter (where start_{k} is not null) as from_{k}"
        for k in range(2, steps + 1)
    ]
    reached = " or ".join(f"start_{k} is not null" for k in range(2, steps + 1))
    return f"people as (select who, {', '.join(columns)} from step_{steps} where {reached} group by who)"


def _seconds(start: str, end: str) -> str:
    """Spell the seconds between two instants by what means the same on both engines."""
    parts = (("hour", 3600), ("minute", 60), ("second", 1))
    told = " + ".join(f"(extract({part} from {end}) - extract({part} from {start})) * {size}" for part, size in parts)
    return f"date_diff('day', cast({start} as date), cast({end} as date)) * 86400 + {told}"


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
