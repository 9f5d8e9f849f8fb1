"""Edges computed from what people share: pure, so that neither order of arrival nor a merge makes a difference.

Everything here speaks of customers as they are now; whoever reads the book says whose each sign is.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

from guanxi.identity.graph.models import DIRECTED, Kind

SURE = {kind: place for place, kind in enumerate(Kind.values)}


class Bearing(NamedTuple):
    """One customer bears one sign: `role` is address, recipient (of a parcel), phone or device (their own)."""

    customer: int
    role: str
    digest: str
    times: int = 0
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None


class Said(NamedTuple):
    """Somebody said that two customers are related, or are not."""

    kind: str
    one: int
    other: int
    is_related: bool
    at: dt.datetime
    source: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One reason for an edge: `what` is a role or `said`; times are parcels, none where nothing was counted."""

    what: str
    times: int = 0
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    source: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Two related customers; of a kind with a direction from `one` to `other`, else `one` is the lower."""

    kind: str
    one: int
    other: int
    evidence: tuple[Evidence, ...]

    @property
    def directed(self) -> bool:
        """Whether it leads from one to the other."""
        return self.kind in DIRECTED

    @property
    def ends(self) -> tuple[int, int]:
        """Both customers."""
        return self.one, self.other

    def beyond(self, customer: int) -> int:
        """Give the other one."""
        return self.other if self.one == customer else self.one

    @property
    def times(self) -> int:
        """Parcels that prove it."""
        return sum(each.times for each in self.evidence)

    @property
    def first_at(self) -> dt.datetime | None:
        """Since when it is known."""
        return min((each.first_at for each in self.evidence if each.first_at), default=None)

    @property
    def last_at(self) -> dt.datetime | None:
        """When it was seen last."""
        return max((each.last_at for each in self.evidence if each.last_at), default=None)


def edges_of(
    bearings: Iterable[Bearing], said: Iterable[Said] = (), *, around: Collection[int], limit: int
) -> list[Edge]:
    """Compute the edges with at least one end in `around`, the surest and then the most often proven first.

    A sign that more than `limit` customers bear relates nobody: it is a dormitory's, a pick-up point's or a company's.
    What was denied is left out.

    >>> day = dt.datetime(2024, 11, 11, tzinfo=dt.UTC)
    >>> shared = [Bearing(1, "address", "d", 2, day, day), Bearing(2, "address", "d", 1, day, day)]
    >>> [(edge.kind, edge.ends, edge.times) for edge in edges_of(shared, around={1}, limit=6)]
    [('address', (1, 2), 3)]
    >>> edges_of([*shared, Bearing(3, "address", "d", 1, day, day)], around={1}, limit=2)
    []
    """
    found: dict[tuple[str, int, int], list[Evidence]] = defaultdict(list)
    denied = {_key(each.kind, each.one, each.other) for each in said if not each.is_related}
    for each in said:
        if each.is_related and each.one != each.other:
            told = Evidence(what="said", first_at=each.at, last_at=each.at, source=each.source, by=each.by)
            found[_key(each.kind, each.one, each.other)].append(told)
    for sign in _signs(bearings):
        if len({customer for _role, customer in sign}) <= limit:
            for kind, one, other, told in _shared(sign):
                found[_key(kind, one, other)].append(told)
    near = set(around)
    edges = [
        Edge(kind=kind, one=one, other=other, evidence=tuple(sorted(reasons, key=_order)))
        for (kind, one, other), reasons in found.items()
        if (kind, one, other) not in denied and not near.isdisjoint((one, other))
    ]
    return sorted(edges, key=lambda edge: (SURE[edge.kind], -edge.times, edge.ends))


def _key(kind: str, one: int, other: int) -> tuple[str, int, int]:
    return (kind, one, other) if kind in DIRECTED else (kind, min(one, other), max(one, other))


def _order(told: Evidence) -> tuple[str, str, int]:
    return told.what, str(told.first_at), told.times


def _signs(bearings: Iterable[Bearing]) -> Iterator[Mapping[tuple[str, int], Bearing]]:
    """Group bearings by sign, those of one customer together: several profiles may bear the same."""
    grouped: dict[tuple[bool, str], dict[tuple[str, int], Bearing]] = defaultdict(dict)
    for each in bearings:
        sign, place = grouped[each.role == "address", each.digest], (each.role, each.customer)
        sign[place] = _together(sign[place], each) if place in sign else each
    return iter(grouped.values())


def _together(one: Bearing, other: Bearing) -> Bearing:
    firsts = [at for at in (one.first_at, other.first_at) if at]
    lasts = [at for at in (one.last_at, other.last_at) if at]
    times = one.times + other.times
    return one._replace(times=times, first_at=min(firsts, default=None), last_at=max(lasts, default=None))


def _shared(sign: Mapping[tuple[str, int], Bearing]) -> Iterator[tuple[str, int, int, Evidence]]:
    """Say what one sign proves of whom.

    Whoever owns the phone of a recipient is given to by those who send there; of a phone nobody owns, all who send
    there have somebody in common.
    """
    by_role: dict[str, list[Bearing]] = defaultdict(list)
    for (role, _customer), each in sorted(sign.items()):
        by_role[role].append(each)
    yield from _pairs(Kind.ADDRESS, by_role["address"])
    yield from _pairs(Kind.HOUSEHOLD, by_role["device"])
    yield from _pairs(Kind.HOUSEHOLD, by_role["phone"] or by_role["recipient"])
    for giver, owner in product(by_role["recipient"], by_role["phone"]):
        if giver.customer != owner.customer:
            told = Evidence(what="recipient", times=giver.times, first_at=giver.first_at, last_at=giver.last_at)
            yield Kind.GIFT.value, giver.customer, owner.customer, told


def _pairs(kind: Kind, sharers: Iterable[Bearing]) -> Iterator[tuple[str, int, int, Evidence]]:
    for one, other in combinations(sharers, 2):
        yield kind.value, one.customer, other.customer, _both(one.role, one, other)


def _both(what: str, one: Bearing, other: Bearing) -> Evidence:
    """Say since when two share something: since the second was seen with it."""
    firsts = [at for at in (one.first_at, other.first_at) if at]
    lasts = [at for at in (one.last_at, other.last_at) if at]
    return Evidence(
        what=what, times=one.times + other.times, first_at=max(firsts, default=None), last_at=max(lasts, default=None)
    )
