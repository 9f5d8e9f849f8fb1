"""The whole book brought in line with the rules: read at once, compared in memory, written a little at a time.

Used after the rules changed, and for profiles that were loaded without being resolved. While it runs others go on
writing: each transaction looks anew at those it moves, and what came between is found by the next pass.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Max

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.customers.models import Customer, Identifier, MergeLog, SourceProfile
from guanxi.customers.models.customer import spellings_of
from guanxi.identity.evidence import pairs, stable_order
from guanxi.identity.models import Apart, Merge
from guanxi.identity.partition import IDENTIFIERS, Evidence, Ints, Joining, partition, stopped
from guanxi.identity.rules import in_force
from guanxi.identity.settling import settle
from guanxi.warehouse.models import ARRIVED, announce

READ_AT_ONCE = 50_000
FOUND_AT_ONCE = 400
LONGEST_SECONDS = 0.012  # of a transaction; the next ones are smaller where one took longer
MOST_AT_ONCE = 64
PASSES = 3
RULE = "rules of who is who"
NOBODY = 0
SPELLINGS = tuple(spellings_of(""))
UNTOLD = dict.fromkeys(("gender", "province", "city", "country"), "")
MARK = "update customers_sourceprofile set customer_id = %s, home_id = %s, version = version + 1, lake_batch = null"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Comparison:
    """What the rules make of the book: arrays over all profiles, by id.

    `target` is the customer by the partition: 0 where one has to be founded, and where the profile stays nobody's.
    """

    profile: Ints
    component: Ints
    customer: Ints
    target: Ints
    founds: Any  # bool: whether a customer is founded for it
    stopped: int

    @property
    def moves(self) -> Any:
        """Whether profiles belong to a customer, and to another one than they are with."""
        return (self.customer != NOBODY) & (self.founds | (self.target != self.customer))

    @property
    def joins(self) -> Any:
        """Whether profiles are nobody's yet and belong to a customer who is there."""
        return (self.customer == NOBODY) & (self.target != NOBODY)

    @property
    def left(self) -> int:
        """How many profiles are not where they belong."""
        return int((self.moves | self.joins | self.founds).sum())

    @property
    def facts(self) -> dict[str, int]:
        """What a person or a program wants to know of it, before anything is written."""
        moved, founded = self.moves | self.joins, self.founds
        concerned = np.union1d(self.customer[moved], self.target[moved])
        first = self.component[founded]
        counted = {
            "profiles": len(self.profile),
            "customers": len(np.unique(self.customer[self.customer != NOBODY])),
            "customers_then": len(np.unique(self.target[self.target != NOBODY])) + len(np.unique(first)),
            "customers_changed": int((concerned != NOBODY).sum()),
            "customers_founded": len(np.unique(first)),
            "profiles_moved": int(moved.sum()),
            "identifiers_stopped": self.stopped,
        }
        return {name: int(value) for name, value in counted.items()}


def compare(joining: Joining | None = None) -> Comparison:
    """Say what rules, those in force where none are given, make of the book; nothing is written."""
    joining = joining or in_force().joining
    profile, customer, home = _profiles()
    evidence = Evidence(
        profiles=pa.array(profile), identifiers=_identifiers(joining),
        linked=pairs(Merge.objects.links()), apart=pairs(Apart.objects.pairs()),
    )  # fmt: skip
    component = np.asarray(partition(evidence, joining, stable=stable_order)["component"])
    place = np.searchsorted(profile, component)
    least = np.full(len(profile), np.iinfo(np.int64).max)
    np.minimum.at(least, place[home > NOBODY], home[home > NOBODY])
    target = least[place]
    homeless = target == np.iinfo(np.int64).max
    known = np.zeros(len(profile), np.bool_)
    bearing = np.asarray(evidence.identifiers["profile"])
    known[np.searchsorted(profile, bearing[np.isin(bearing, profile)])] = True
    anybody = np.zeros(len(profile), np.bool_)
    np.logical_or.at(anybody, place, known | (customer > NOBODY))
    target[homeless] = NOBODY
    over = stopped(evidence, joining).num_rows
    return Comparison(profile, component, customer, target, homeless & anybody[place], over)


def resolve_all(
    progress: Progress = lambda _done, _total: None, check: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """Bring the whole book in line with the rules in force; gives what was found and done. Again it changes nothing."""
    first = found = compare()
    for _ in range(PASSES):
        total, done, before = found.left, 0, _stand()
        if not total:
            break
        for count in chain(_found_all(found), _join_all(found), _move_all(found)):
            done += count
            progress(min(done, total), total)
            check()
        if found.moves.any() or _stand() != before:
            found = compare()
        else:  # nobody came between: everything is where it was to be
            return first.facts | {"left": 0}
    return first.facts | {"left": found.left}


def _stand() -> tuple[Any, ...]:
    """Tell whether somebody wrote what can decide who is who: the newest keys."""
    return tuple(model.objects.aggregate(newest=Max("pk"))["newest"] for model in (SourceProfile, Identifier, Merge))


def _profiles() -> tuple[Ints, Ints, Ints]:
    """Read all profiles: key, customer and home, 0 where there is none; by key."""
    rows = _read("select id, coalesce(customer_id, 0), coalesce(home_id, 0) from customers_sourceprofile order by id")
    parts = [np.array(some, np.int64).reshape(-1, 3) for some in rows]
    every = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    profile, customer, home = every.T.copy()
    return profile, customer, home


def _identifiers(joining: Joining) -> pa.Table:
    """Read all strong identifiers of kinds that join."""
    kinds = list(joining.limits) or [""]
    places = ", ".join(["%s"] * len(kinds))
    sql = f"""
        select profile_id, kind, digest from customers_identifier
        where strength = 'strong' and ends_on is null and kind in ({places})
    """  # noqa: S608 - places for parameters
    names = ("profile", "kind", "digest")
    return pa.concat_tables([IDENTIFIERS.empty_table(), *(_columns(some, names) for some in _read(sql, kinds))])


def _columns(rows: Sequence[Any], names: Sequence[str]) -> pa.Table:
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _read(sql: str, params: Sequence[Any] = ()) -> Iterator[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        while some := cursor.fetchmany(READ_AT_ONCE):
            yield some


def _groups(found: Comparison, mask: Any) -> list[list[int]]:
    """Part profiles by component."""
    profiles, components = found.profile[mask], found.component[mask]
    order = np.argsort(components, kind="stable")
    cuts = np.flatnonzero(np.diff(components[order])) + 1
    return [group.tolist() for group in np.split(profiles[order], cuts)] if len(profiles) else []


def _found_all(found: Comparison) -> Iterator[int]:
    """Found customers for people who are nobody's, some at a time."""
    yield from _sized(_groups(found, found.founds & (found.customer == NOBODY)), FOUND_AT_ONCE, _found)


def _sized(people: Sequence[list[int]], most: int, work: Callable[[Sequence[list[int]]], None]) -> Iterator[int]:
    """Do work on people in transactions, of so many profiles as fit into the while; gives how many each time."""
    start, size = 0, most // 4
    while start < len(people):
        end, count = start, 0
        while end < len(people) and (end == start or count + len(people[end]) <= size):
            count += len(people[end])
            end += 1
        since = monotonic()
        work(people[start:end])
        fitting = LONGEST_SECONDS / max(monotonic() - since, 0.001)
        size = min(most, max(1, round(size * min(1.25, max(0.5, fitting)))) + (fitting > 1))
        start = end
        yield count


@transaction.atomic
def _found(people: Sequence[Sequence[int]]) -> None:
    told = _told([pk for each in people for pk in each])
    there = [mine for each in people if (mine := [told[pk] for pk in each if pk in told])]
    customers, places, lines, at = [], [], [], _moment()
    for key, mine in zip(reserve(Customer, len(there)), there, strict=True):
        first = min(mine, key=lambda row: (row[3], row[2], row[4], row[5]))
        name = first[1] or next((row[1] for row in mine if row[1]), "")
        customers.append((key, name, *spellings_of(name).values(), *UNTOLD.values(), first[2], first[3], ARRIVED))
        places += [(key, key if row is first else None, row[0]) for row in mine]
        lines += [("linked", row[0], key, "same identifiers", at) for row in mine if row is not first]
    columns = ("id", "name", *SPELLINGS, *UNTOLD, "first_source", "created_at", "lake_batch")
    bulk.insert(Customer, columns, customers)
    announce(Customer, [row[0] for row in customers])
    _place(places)
    bulk.insert(MergeLog, ["act", "profile_id", "customer_id", "rule", "at"], lines)


def _told(profiles: Sequence[int]) -> dict[int, Any]:
    """Read profiles that are nobody's as the database keeps them; moments stay as they are written."""
    places = ", ".join(["%s"] * len(profiles))
    sql = f"""
        select id, name, source, first_seen_at, store, key from customers_sourceprofile
        where id in ({places}) and customer_id is null
    """  # noqa: S608 - places for parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, list(profiles))
        return {row[0]: row for row in cursor.fetchall()}


def _join_all(found: Comparison) -> Iterator[int]:
    """Have profiles that are nobody's join the customers they belong to, some at a time."""
    pairs = np.stack([found.profile[found.joins], found.target[found.joins]], axis=1).tolist()
    for start in range(0, len(pairs), FOUND_AT_ONCE):
        _join(pairs[start : start + FOUND_AT_ONCE])
        yield len(pairs[start : start + FOUND_AT_ONCE])


@transaction.atomic
def _join(pairs: Sequence[Sequence[int]]) -> None:
    free = set(SourceProfile.objects.filter(pk__in=[pk for pk, _ in pairs], customer=None).values_list("pk", flat=True))
    _place([(customer, None, pk) for pk, customer in pairs if pk in free])
    at = _moment()
    lines = [("linked", pk, customer, "same identifiers", at) for pk, customer in pairs if pk in free]
    bulk.insert(MergeLog, ["act", "profile_id", "customer_id", "rule", "at"], lines)


def _moment() -> str:
    """Write the present moment as the database keeps it, once for many rows."""
    return f"{now():%Y-%m-%d %H:%M:%S.%f}"


def _place(places: Sequence[tuple[int, int | None, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"{MARK} where id = %s and customer_id is null", places)


def _move_all(found: Comparison) -> Iterator[int]:
    """Move profiles that are with another customer than they belong to, so many at a time as fit into the while."""
    yield from _sized(_groups(found, found.moves), MOST_AT_ONCE, _move)


def _move(people: Sequence[list[int]]) -> None:
    settle([pk for each in people for pk in each], act="", rule=RULE)
