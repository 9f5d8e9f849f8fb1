"""The habits of one customer: a pure function of what their profiles' events and their orders amount to."""

import datetime as dt
from dataclasses import dataclass

from guanxi.customers.dynamics import tastes, visits
from guanxi.customers.dynamics.cart import Line, contents
from guanxi.customers.dynamics.cycle import Cycle, cycle
from guanxi.customers.dynamics.summary import Summary, Viewed, united
from guanxi.customers.dynamics.tastes import Liking
from guanxi.customers.dynamics.trading import Traded

NEEDED_VISITS = 5
SHOWN = 5
KINDS = ("category", "price", "payment", "delivery")
Heat = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Place:
    """Where somebody mostly is: a source, or a kind of device, with its share of the visits."""

    name: str
    share: float


@dataclass(frozen=True)
class Habits:
    """What is known of a customer's habits; what too little is known of is None, with how much there is of it.

    `visits` are those of the 90 days up to `last_at`; `heat` counts by weekday (Monday first) and hour on how many days
    they were there; `days` are those on which something of a kind was looked at or bought.
    """

    first_at: dt.datetime | None
    last_at: dt.datetime | None
    visits: int
    heat: Heat | None
    source: Place | None
    device: Place | None
    likings: dict[str, Liking | None]
    days: dict[str, int]
    cycle: Cycle | None
    buying_days: int
    cart: list[Line]
    viewed: list[tuple[str, Viewed]]

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return self.last_at is not None


def habits(told: Summary, traded: Traded, zone: dt.tzinfo) -> Habits:
    """Read the habits off; days and hours are those of a zone."""
    whole = united([told, traded.summary])
    spans = visits.united(*whole.seen.values())
    count = len(visits.visits(spans)) // 2
    likings = {kind: tastes.best(whole.tastes, kind) for kind in KINDS}
    enough = count >= NEEDED_VISITS
    return Habits(
        first_at=_instant(whole.first),
        last_at=_instant(whole.last),
        visits=count,
        heat=visits.hours(spans, zone) if enough else None,
        source=_mostly(whole, 0) if enough else None,
        device=_mostly(whole, 1) if enough else None,
        likings={kind: liking for kind, (liking, _days) in likings.items()},
        days={kind: days for kind, (_liking, days) in likings.items()},
        cycle=cycle(traded.buying_days),
        buying_days=len(traded.buying_days),
        cart=contents([*told.acts, *traded.taken]),
        viewed=sorted(whole.viewed.items(), key=lambda pair: (-pair[1].at, pair[0]))[:SHOWN],
    )


def _mostly(whole: Summary, part: int) -> Place | None:
    """Find the source (0) or the device (1) of most visits; of equals, the first by name."""
    spans: dict[str, list[int]] = {}
    for where, mine in whole.seen.items():
        name = where.rpartition("|")[2 * part]
        spans[name] = visits.united(spans.get(name, []), mine)
    counts = {name: len(visits.visits(mine)) // 2 for name, mine in spans.items() if name}
    if not counts:
        return None
    name = min(counts, key=lambda each: (-counts[each], each))
    return Place(name, counts[name] / sum(counts.values()))


def _instant(seconds: int) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None
