"""The partition of profiles into people: laws, and a plain reference beside it."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.identity.partition import IDENTIFIERS, PAIRS, Evidence, Joining, partition, stopped

RULES = Joining(limits={"phone": 3, "email": 4, "card": 2}, blocked=frozenset({"phone-0"}))
PROFILES = st.integers(1, 14)
ROWS = st.lists(
    st.tuples(PROFILES, st.sampled_from(["phone", "email", "card", "oaid"]), st.integers(0, 5)), max_size=40
)
PAIR = st.tuples(PROFILES, PROFILES).filter(lambda pair: pair[0] != pair[1])


@dataclass(frozen=True)
class Known:
    """Evidence as plain lists."""

    profiles: list[int]
    rows: list[tuple[int, str, int]]
    linked: list[tuple[int, int]]
    apart: list[tuple[int, int]]

    def shuffled(self, seed: int) -> "Known":
        dice = random.Random(seed)
        linked, apart = ([dice.choice([p, p[::-1]]) for p in pairs] for pairs in (self.linked, self.apart))
        mixed = [dice.sample(rows, len(rows)) for rows in (self.profiles, self.rows, linked, apart)]
        return Known(*mixed)  # type: ignore[arg-type]

    def renamed(self, names: dict[int, int]) -> "Known":
        linked, apart = ([(names[a], names[b]) for a, b in pairs] for pairs in (self.linked, self.apart))
        rows = [(names[profile], kind, number) for profile, kind, number in self.rows]
        return Known([names[profile] for profile in self.profiles], rows, linked, apart)

    @property
    def evidence(self) -> Evidence:
        rows = [(profile, kind, f"{kind}-{number}") for profile, kind, number in self.rows]
        linked, apart = (
            pa.table([[p[0] for p in pairs], [p[1] for p in pairs]], schema=PAIRS)
            for pairs in (self.linked, self.apart)
        )
        columns = [[row[place] for row in rows] for place in range(3)]
        identifiers = pa.table(columns, schema=IDENTIFIERS)
        return Evidence(
            profiles=pa.array(self.profiles, pa.int64()), identifiers=identifiers, linked=linked, apart=apart
        )


KNOWN = st.builds(
    Known,
    st.just(list(range(1, 15))),
    ROWS,
    st.lists(PAIR, max_size=5),
    st.lists(PAIR, max_size=6),
)


def people(known: Known, **how: object) -> dict[int, int]:
    table = partition(known.evidence, RULES, **how)  # type: ignore[arg-type]
    return dict(zip(table["profile"].to_pylist(), table["component"].to_pylist(), strict=True))


def groups(labels: dict[int, int]) -> set[frozenset[int]]:
    return {frozenset(p for p in labels if labels[p] == label) for label in set(labels.values())}


def groups_of_carriers(known: Known) -> Iterator[list[int]]:
    """Give those who carry each identifier that may join, in the documented order."""
    for kind, limit in RULES.limits.items():
        for number in sorted({number for _, k, number in known.rows if k == kind}):
            carriers = sorted({p for p, k, n in known.rows if (k, n) == (kind, number)})
            if f"{kind}-{number}" not in RULES.blocked and len(carriers) <= limit:
                yield carriers


def reference(known: Known) -> set[frozenset[int]]:
    """Join pair by pair in the documented order, with plain sets."""
    of = {profile: {profile} for profile in known.profiles}
    forbidden = {frozenset(pair) for pair in known.apart}

    def join(left: int, right: int) -> bool:
        if of[left] is of[right]:
            return True
        if any(frozenset(pair) in forbidden for pair in itertools.product(of[left], of[right])):
            return False
        together = of[left] | of[right]
        of.update(dict.fromkeys(together, together))
        return True

    for left, right in sorted(tuple(sorted(pair)) for pair in known.linked):
        join(left, right)
    for carriers in groups_of_carriers(known):
        taken: list[int] = []
        for carrier in carriers:
            if not any(join(first, carrier) for first in taken):
                taken.append(carrier)
    return {frozenset(together) for together in of.values()}


@given(KNOWN)
@settings(deadline=None)
def test_the_partition_is_what_plain_sets_say(known: Known) -> None:
    assert groups(people(known)) == reference(known)


@given(KNOWN, st.integers())
@settings(deadline=None)
def test_the_order_of_rows_never_matters(known: Known, seed: int) -> None:
    assert people(known) == people(known.shuffled(seed))


@given(KNOWN, st.permutations(range(1, 15)))
@settings(deadline=None)
def test_who_came_first_never_matters(known: Known, numbers: list[int]) -> None:
    names = dict(zip(range(1, 15), numbers, strict=True))
    back = {new: old for old, new in names.items()}
    late = people(known.renamed(names), stable=lambda some: {new: back[new] for new in some})
    assert groups({back[new]: label for new, label in late.items()}) == groups(people(known))


@given(KNOWN)
@settings(deadline=None)
def test_who_was_told_apart_is_never_together(known: Known) -> None:
    labels = people(known)
    assert not [pair for pair in known.apart if labels[pair[0]] == labels[pair[1]]]
    assert all(labels[label] == label <= profile for profile, label in labels.items())


@given(KNOWN)
@settings(deadline=None)
def test_the_partition_of_the_partition_is_itself(known: Known) -> None:
    labels = people(known)
    again = Known(known.profiles, [], [(p, label) for p, label in labels.items() if p != label], known.apart)
    assert people(again) == labels


@pytest.mark.parametrize("kind", ["phone", "oaid"])
def test_what_a_hundred_thousand_profiles_share_joins_nobody(kind: str) -> None:
    many = pa.array(range(100_000), pa.int64())
    shared = pa.table({"profile": many, "kind": [kind] * len(many), "digest": ["one"] * len(many)})
    evidence = Evidence(profiles=many, identifiers=shared)
    assert partition(evidence, RULES)["component"].combine_chunks() == many
    assert stopped(evidence, RULES).to_pylist() == [{"digest": "one", "profiles": 100_000}] * (kind == "phone")


def test_a_long_chain_that_one_word_contests_ends_soon() -> None:
    size = 20_000
    links = pa.table({"left": range(size - 1), "right": range(1, size)})
    apart = pa.table({"left": [0], "right": [size - 1]})
    found = partition(Evidence(profiles=pa.array(range(size)), linked=links, apart=apart), RULES)
    assert found["component"].to_pylist() == [0] * (size - 1) + [size - 1]


def test_nobody_is_a_partition_too() -> None:
    assert partition(Evidence(profiles=pa.array([], pa.int64())), RULES).num_rows == 0
