"""Who of those who arrive together is whom: pure, from identifiers and who carries them already to groups."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from guanxi.identity.evidence import Carrier
from guanxi.identity.partition import Joining
from guanxi.identity.sets import Sets

Shared = tuple[str, str]  # kind and digest
Node = tuple[str, int]  # a profile or a customer, by its key


@dataclass(frozen=True)
class Arriving:
    """A profile that brings identifiers: strong ones that may join, strongest first, and whose it is if it is known."""

    profile: int
    brings: tuple[Shared, ...]
    customer: int | None = None


@dataclass
class Group:
    """Profiles that are one person, with the customers they were so far, by id, and what each of them shares."""

    members: list[Arriving] = field(default_factory=list)
    customers: set[int] = field(default_factory=set)
    why: dict[int, Shared] = field(default_factory=dict)


@dataclass(frozen=True)
class Gathering:
    """All groups, and the identifiers that pass their limit just now, with those whom they joined until now."""

    groups: list[Group]
    passed: dict[Shared, list[int]]


def gather(arriving: Sequence[Arriving], carriers: Iterable[Carrier], joining: Joining) -> Gathering:
    """Group what arrives by identifiers within their limits.

    >>> there = [Carrier("d", "phone", profile=1, customer=10)]
    >>> new = [Arriving(2, (("phone", "d"),)), Arriving(3, (("phone", "e"),))]
    >>> found = gather(new, there, Joining(limits={"phone": 2}))
    >>> [([each.profile for each in group.members], group.customers) for group in found.groups]
    [([2], {10}), ([3], set())]
    """
    there: dict[str, list[Carrier]] = defaultdict(list)
    for carrier in carriers:
        there[carrier.digest].append(carrier)
    bringing: dict[Shared, list[Arriving]] = defaultdict(list)
    for each in arriving:
        for shared in each.brings:
            bringing[shared].append(each)
    sets: Sets[Node] = Sets()
    passed: dict[Shared, list[int]] = {}
    why: dict[int, Shared] = {}
    for shared, who in bringing.items():
        profiles = {carrier.profile for carrier in there[shared[1]]}
        if len(profiles | {each.profile for each in who}) > joining.limits[shared[0]]:
            if 1 < len(profiles) <= joining.limits[shared[0]]:
                passed[shared] = sorted(profiles)
            continue
        nodes = [("customer", carrier.customer) for carrier in there[shared[1]]]
        nodes += [("profile", each.profile) for each in who]
        if len(nodes) > 1:
            sets.join_all(nodes)
            why |= {each.profile: shared for each in who if each.profile not in why}
    return Gathering(_groups(arriving, sets, why), passed)


def _groups(arriving: Sequence[Arriving], sets: Sets[Node], why: dict[int, Shared]) -> list[Group]:
    for each in arriving:
        if each.customer is not None:
            sets.join(("profile", each.profile), ("customer", each.customer))
    groups: dict[Node, Group] = defaultdict(Group)
    for each in arriving:
        group = groups[sets.of(("profile", each.profile))]
        group.members.append(each)
        if each.profile in why:
            group.why[each.profile] = why[each.profile]
    for node in list(sets.parent):
        if node[0] == "customer" and (top := sets.of(node)) in groups:
            groups[top].customers.add(node[1])
    return list(groups.values())
