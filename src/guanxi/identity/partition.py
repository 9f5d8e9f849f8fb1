"""Which profiles are one person: connected components over what they share, as a pure function of the evidence.

An identifier that more profiles carry than its kind's limit joins nobody, nor does a blocked one. What staff linked by
hand is joined, and what they told apart is never together, whatever the rules say. Nothing hangs on the order in which
rows come: components that nobody told apart are plain connected components; in the others edges are taken by hand
first, then by strength of kind, digest and profile, leaving out an edge that would bring a forbidden pair together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from guanxi.identity.sets import Sets

Ints = npt.NDArray[np.int64]
Edges = tuple[Ints, Ints]
DENSE = 8  # ids spread over so many times as many numbers are looked up in a table, others by bisection
IDENTIFIERS = pa.schema({"profile": pa.int64(), "kind": pa.string(), "digest": pa.string()})
PAIRS = pa.schema({"left": pa.int64(), "right": pa.int64()})


@dataclass(frozen=True, kw_only=True)
class Joining:
    """What joins: kinds, strongest first, each with the most profiles of one identifier; no blocked digest joins."""

    limits: Mapping[str, int]
    blocked: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known of some profiles, in Arrow.

    Attributes
    ----------
    profiles
        int64, each id once, in any order.
    identifiers
        `profile` int64, `kind` and `digest` string or dictionary of string; only strong ones that are in force. Equal
        digests are of one kind. Rows of other profiles than these are left out and count towards no limit.
    linked, apart
        `left` and `right` int64: pairs of profiles joined by hand, and told apart.
    """

    profiles: pa.Array | pa.ChunkedArray
    identifiers: pa.Table = field(default_factory=IDENTIFIERS.empty_table)
    linked: pa.Table = field(default_factory=PAIRS.empty_table)
    apart: pa.Table = field(default_factory=PAIRS.empty_table)


def by_number(profiles: Sequence[int]) -> Mapping[int, Any]:
    """Order profiles by their ids: for callers whose ids do not depend on who came first."""
    return {profile: profile for profile in profiles}


def partition(
    evidence: Evidence, joining: Joining, *, stable: Callable[[Sequence[int]], Mapping[int, Any]] = by_number
) -> pa.Table:
    """Put profiles that are one person into one component.

    `stable` gives something by which profiles are ordered whenever they came (source, store, key); it is asked only of
    those whose component somebody told apart.

    Returns
    -------
    A table of all profiles, by id: `profile` int64, `component` int64, the lowest id of the profiles it is one with.

    >>> people = pa.table({"profile": [1, 2, 3], "kind": ["phone"] * 3, "digest": ["a", "b", "a"]})
    >>> partition(Evidence(profiles=people["profile"], identifiers=people), Joining(limits={"phone": 9})).to_pydict()
    {'profile': [1, 2, 3], 'component': [1, 2, 1]}
    """
    ids = np.sort(_ints(evidence.profiles))
    groups = _shared(ids, evidence.identifiers, joining)
    linked, apart = (_places(ids, pairs) for pairs in (evidence.linked, evidence.apart))
    labels = components(len(ids), [(groups.profile[:-1][groups.goes_on], groups.profile[1:][groups.goes_on]), linked])
    firsts = _firsts(labels)
    contested = np.unique(labels[apart[0][labels[apart[0]] == labels[apart[1]]]])
    if len(contested):
        inside = np.isin(labels, contested)
        _separate(_Contest(ids, inside, groups, linked, apart), firsts, stable)
    return pa.table({"profile": ids, "component": ids[firsts]})


def stopped(evidence: Evidence, joining: Joining) -> pa.Table:
    """Tell which identifiers pass their limit and so join nobody: `digest`, `profiles` int64 (how many carry it)."""
    kinds, digests = _encoded(evidence.identifiers["kind"]), _encoded(evidence.identifiers["digest"])
    code, profile = _codes(digests), _ints(evidence.identifiers["profile"])
    most_of = np.array([joining.limits.get(kind, len(code)) for kind in kinds.dictionary.to_pylist()] or [0], np.int64)
    most = np.zeros(len(digests.dictionary), np.int64)
    most[code] = most_of[_codes(kinds)]
    maybe = (np.bincount(code, minlength=len(most)) > most)[code]
    pairs = np.unique(np.stack([code[maybe], profile[maybe]], axis=1), axis=0)
    found, counts = np.unique(pairs[:, 0], return_counts=True)
    over = counts > most[found]
    named = digests.dictionary.take(pa.array(found[over], pa.int64()))
    return pa.table({"digest": named, "profiles": pa.array(counts[over], pa.int64())})


@dataclass(frozen=True)
class _Groups:
    """Identifiers at work, a row for each profile that carries one, those of one identifier beside each other."""

    profile: Ints  # place of the profile among the sorted ids
    code: Ints  # of the identifier
    digests: pa.Array
    strengths: npt.NDArray[np.int16]  # by code, 0 is strongest

    @property
    def goes_on(self) -> npt.NDArray[np.bool_]:
        """Whether the next row is of the same identifier."""
        return np.equal(self.code[1:], self.code[:-1])


def _shared(ids: Ints, table: pa.Table, joining: Joining) -> _Groups:
    """Find the identifiers that several profiles carry and that may join them."""
    kinds, digests = _encoded(table["kind"]), _encoded(table["digest"])
    ranks = {kind: rank for rank, kind in enumerate(joining.limits)}
    rank_of = np.array([ranks.get(kind, -1) for kind in kinds.dictionary.to_pylist()] or [-1], np.int16)
    code, rank = _codes(digests), rank_of[_codes(kinds)]
    counts = np.bincount(code, minlength=len(digests.dictionary))
    lone_or_blocked = counts < 2
    lone_or_blocked |= _blocked(digests.dictionary, joining.blocked)
    at_work = np.flatnonzero((rank >= 0) & ~lone_or_blocked[code])
    place, known = _place(ids, _ints(table["profile"])[at_work])
    at_work, place = at_work[known], place[known]
    rows = np.sort(code[at_work] * len(ids) + place)
    rows = rows[np.diff(rows, prepend=-1) > 0]  # sorting is faster here than np.unique, which hashes
    strengths = np.zeros(len(digests.dictionary), np.int16)
    strengths[code[at_work]] = rank[at_work]
    own, profile = np.divmod(rows, max(len(ids), 1))
    most = np.array([*joining.limits.values(), 0], np.int64)[strengths]
    fits = (np.bincount(own, minlength=len(most)) <= most)[own] if len(own) else np.empty(0, np.bool_)
    return _Groups(profile[fits], own[fits], digests.dictionary, strengths)


def _encoded(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    return whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()


def _codes(column: pa.DictionaryArray) -> Ints:
    return np.asarray(column.indices).astype(np.int64, copy=False)


def _blocked(digests: pa.Array, blocked: frozenset[str]) -> npt.NDArray[np.bool_]:
    if not blocked:
        return np.zeros(len(digests), np.bool_)
    return np.asarray(pc.is_in(digests, value_set=pa.array(sorted(blocked), digests.type)))


def _ints(column: pa.Array | pa.ChunkedArray) -> Ints:
    return np.asarray(column).astype(np.int64, copy=False)


def _place(ids: Ints, wanted: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Find the places of ids among all that are sorted, and which of them are there."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    lowest, spread = int(ids[0]), int(ids[-1] - ids[0]) + 1
    if spread > DENSE * len(ids) + 1024:
        found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        return found, ids[found] == wanted
    table = np.full(spread, -1, np.int64)
    table[ids - lowest] = np.arange(len(ids))
    inside = (wanted >= lowest) & (wanted < lowest + spread)
    found = table[np.where(inside, wanted - lowest, 0)]
    return found, inside & (found >= 0)


def _places(ids: Ints, pairs: pa.Table) -> Edges:
    """Find the places of pairs of profiles; pairs of which one is not there are left out."""
    (left, has_left), (right, has_right) = (_place(ids, _ints(pairs[side])) for side in ("left", "right"))
    both = has_left & has_right & (left != right)
    return left[both], right[both]


def components(size: int, edges: Iterable[Edges]) -> Ints:
    """Label the connected components of a graph."""
    left, right = (np.concatenate(side) for side in zip(*edges, strict=True))
    if not len(left):
        return np.arange(size)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _firsts(labels: Ints) -> Ints:
    """Find the first place with each label, for every place."""
    firsts = np.empty(labels.max(initial=-1) + 1, np.int64)
    firsts[labels[::-1]] = np.arange(len(labels))[::-1]  # of several the last one written stays
    return firsts[labels]


@dataclass(frozen=True)
class _Contest:
    """The components somebody told apart: by places among the sorted ids."""

    ids: Ints
    inside: npt.NDArray[np.bool_]
    groups: _Groups
    linked: Edges
    apart: Edges

    def links(self) -> Iterator[tuple[int, int]]:
        """Give the pairs joined by hand."""
        left, right = self.linked
        mine = self.inside[left]
        return zip(left[mine].tolist(), right[mine].tolist(), strict=True)

    def forbidden(self) -> Iterator[tuple[int, int]]:
        """Give the pairs told apart; also those of different components, which a link must not bring together."""
        return zip(self.apart[0].tolist(), self.apart[1].tolist(), strict=True)

    def carried(self) -> list[tuple[int, str, list[int]]]:
        """Give identifiers with who carries them: strength, digest, places."""
        mine = self.inside[self.groups.profile]
        carriers: dict[int, list[int]] = defaultdict(list)
        for code, place in zip(self.groups.code[mine].tolist(), self.groups.profile[mine].tolist(), strict=True):
            carriers[code].append(place)
        digests = self.groups.digests.take(pa.array(list(carriers), pa.int64())).to_pylist()
        strengths = self.groups.strengths
        return [(int(strengths[code]), digest, carriers[code]) for code, digest in zip(carriers, digests, strict=True)]


def _separate(contest: _Contest, firsts: Ints, stable: Callable[[Sequence[int]], Mapping[int, Any]]) -> None:
    """Join the profiles of contested components anew, edge by edge, and write what came of it into `firsts`."""
    places = np.flatnonzero(contest.inside).tolist()
    given = stable([int(contest.ids[place]) for place in places])
    order = {place: given[int(contest.ids[place])] for place in places}
    people = _People(contest.forbidden())
    pairs = [sorted(pair, key=order.__getitem__) for pair in contest.links()]
    for left, right in sorted(pairs, key=lambda pair: [order[place] for place in pair]):
        people.join(left, right)
    for _strength, _digest, carriers in sorted(contest.carried()):
        people.gather(sorted(carriers, key=order.__getitem__))
    lowest: dict[int, int] = {}
    for place in places:
        firsts[place] = lowest.setdefault(people.of(place), place)


class _People(Sets[int]):
    """Disjoint sets of places that know who must not come together."""

    def __init__(self, forbidden: Iterable[tuple[int, int]]) -> None:
        super().__init__()
        self.strangers: dict[int, set[int]] = defaultdict(set)
        for left, right in forbidden:
            self.strangers[left].add(right)
            self.strangers[right].add(left)

    def join(self, one: int, other: int) -> bool:
        """Join the sets of two places, unless strangers would come together; says whether they are together now."""
        one, other = self.of(one), self.of(other)
        if one == other:
            return True
        if other in self.strangers[one]:
            return False
        if len(self.strangers[one]) < len(self.strangers[other]):
            one, other = other, one
        for stranger in self.strangers.pop(other, ()):
            self.strangers[stranger].discard(other)
            self.strangers[stranger].add(one)
            self.strangers[one].add(stranger)
        return super().join(one, other)

    def gather(self, carriers: Sequence[int]) -> None:
        """Join all who may be together, each with the first who take them."""
        gathered: list[int] = []
        for place in carriers:
            if not any(self.join(first, place) for first in gathered):
                gathered.append(place)
