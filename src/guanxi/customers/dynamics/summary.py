"""A summary: what the events of one source profile amount to, small and of a bounded size.

Each part forms a union: earliest and latest, spans, the strongest act of a day, the newest view of a product, a set of
acts. Unions know neither order nor repetition. Where a part is cut to its newest, the order of the cut lies in its
elements alone and never in how they came, so that a cut union is the union of cut parts.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from guanxi.customers.dynamics import visits

MOST_TASTES = 400  # pairs of a day and something liked
MOST_VIEWED = 12
MOST_ACTS = 80
Taste = dict[int, int]  # the strongest act by the day since 1970


class Viewed(NamedTuple):
    """When a product was looked at last, in microseconds, and what it was called and cost then."""

    at: int
    name: str
    minor: int | None
    currency: str


class Act(NamedTuple):
    """One act upon a cart, in microseconds: `kind` is one of those of `cart`, `quantity` in thousandths, 0 = all."""

    at: int
    kind: int
    key: str
    quantity: int
    source: str
    name: str
    minor: int
    currency: str
    event: int


class Summary(msgspec.Struct, array_like=True):
    """What one profile's events amount to.

    `seen` are the spans by "source|device"; `tastes` the strongest act of a day by "kind:value"; `viewed` the products
    looked at last, by sku; `acts` those upon the cart, in their order. `first` and `last` are seconds, 0 = never.
    """

    first: int = 0
    last: int = 0
    seen: dict[str, list[int]] = {}
    tastes: dict[str, Taste] = {}
    viewed: dict[str, Viewed] = {}
    acts: list[Act] = []

    def be_there(self, instant: int, where: str) -> None:
        """Have been there at an instant."""
        self.first = min(self.first or instant, instant)
        self.last = max(self.last, instant)
        visits.add(self.seen.setdefault(where, []), instant)

    def like(self, kind: str, value: str, day: int, weight: int) -> None:
        """Have shown on a day, by an act of a weight, to like something."""
        days = self.tastes.setdefault(f"{kind}:{value}", {})
        days[day] = max(days.get(day, 0), weight)

    def view(self, key: str, seen: Viewed) -> None:
        """Have looked at a product."""
        self.viewed[key] = max(self.viewed.get(key, seen), seen)

    def cut(self) -> None:
        """Let go of what newer things push out."""
        first = visits.begin_of_window(self.last)
        if any(spans[0] < first for spans in self.seen.values()):
            self.seen = {where: left for where, spans in self.seen.items() if (left := visits.since(spans, first))}
        if len(self.viewed) > MOST_VIEWED:
            newest = sorted(self.viewed.items(), key=lambda pair: (pair[1].at, pair[0]))[-MOST_VIEWED:]
            self.viewed = dict(newest)
        if len(self.acts) > 1:
            self.acts = sorted(set(self.acts))[-MOST_ACTS:]
        if sum(map(len, self.tastes.values())) > MOST_TASTES:
            self._cut_tastes()

    def _cut_tastes(self) -> None:
        every = sorted((day, key) for key, days in self.tastes.items() for day in days)
        kept: dict[str, Taste] = {}
        for day, key in every[-MOST_TASTES:]:
            kept.setdefault(key, {})[day] = self.tastes[key][day]
        self.tastes = kept


def united(several: Iterable[Summary]) -> Summary:
    """Unite summaries into the one of all their events."""
    whole = Summary()
    for each in several:
        whole.first = min(filter(None, (whole.first, each.first)), default=0)
        whole.last = max(whole.last, each.last)
        for where, spans in each.seen.items():
            whole.seen[where] = visits.united(whole.seen.get(where, []), spans)
        for key, days in each.tastes.items():
            mine = whole.tastes.setdefault(key, {})
            mine.update({day: max(weight, mine.get(day, 0)) for day, weight in days.items()})
        for key, seen in each.viewed.items():
            whole.view(key, seen)
        whole.acts += each.acts
    whole.cut()
    return whole


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Summary)


def packed(summary: Summary) -> bytes:
    """Write a summary as it is kept."""
    return _encoder.encode(summary)


def unpacked(data: Any) -> Summary:
    """Read a summary that is kept."""
    return _decoder.decode(data)


def written(data: bytes) -> dict[str, Any]:
    """Write a summary out with names, days and times, for the person's own copy."""
    told = unpacked(data)
    return {
        "first_seen": _time(told.first),
        "last_seen": _time(told.last),
        "visits": {where: [_time(instant) for instant in spans] for where, spans in told.seen.items()},
        "tastes": {
            key: {_time(day * 86_400)[:10]: weight for day, weight in days.items()} for key, days in told.tastes.items()
        },
        "viewed": {key: {**seen._asdict(), "at": _time(seen.at // 10**6)} for key, seen in told.viewed.items()},
        "cart": [{**act._asdict(), "at": _time(act.at // 10**6)} for act in told.acts],
    }


def _time(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()
