"""The whole book brought in line with the rules: read at once, compared in memory, written a little at a time.

Used after the rules changed, and for profiles that were loaded without being resolved. While it runs others go on
writing: each transaction looks anew at those it moves, and what came between is found by the next pass.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Max, Min, Model
from pyarrow import csv

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

READ_AT_ONCE = 200_000
FOUND_AT_ONCE = 400
LONGEST_SECONDS = 0.010  # of a transaction; the next ones are smaller where one took longer
MOST_AT_ONCE = 64
PASSES = 3
RULE = "rules of who is who"
NOBODY = 0
SPELLINGS = tuple(spellings_of(""))
UNTOLD = dict.fromkeys(("gender", "province", "city", "country"), "")
MARK = "update customers_sourceprofile set customer_id = %s, home_id = %s, version = version + 1, lake_batch = null"
Progress = Callable[[int, int], None]
Row = tuple[Any, ...]


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
    schema = pa.schema([(name, pa.int64()) for name in ("id", "customer", "home")])
    columns = ("id", "coalesce(customer_id, 0)", "coalesce(home_id, 0)")
    people = _read(SourceProfile, columns, schema, "is_device = %s", [False])
    profile, customer, home = people.sort_by("id").columns
    return np.asarray(profile), np.asarray(customer), np.asarray(home)


def _identifiers(joining: Joining) -> pa.Table:
    """Read all strong identifiers of kinds that join."""
    kinds = list(joining.limits) or [""]
    which = f"strength = 'strong' and ends_on is null and kind in ({', '.join(['%s'] * len(kinds))})"
    return _read(Identifier, ("profile_id", "kind", "digest"), IDENTIFIERS, which, kinds)


def _read(
    model: type[Model], columns: Sequence[str], schema: pa.Schema, which: str = "1 = 1", params: Sequence[Any] = ()
) -> pa.Table:
    """Read a table as Arrow: the database writes many rows as one text, which spares an object for every value.

    None of the columns may hold a comma or a quotation mark: they are numbers, kinds and digests.
    """
    line = " || ',' || ".join(f"cast({column} as text)" for column in columns)
    joined = f"string_agg({line}, chr(10))" if connection.vendor == "postgresql" else f"group_concat({line}, char(10))"
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's documented name
    sql = f"select {joined} from {table} where id >= %s and id < %s and {which}"  # noqa: S608 - names are written here
    ends = model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))  # noqa: SLF001 - as above
    parsed = [schema.empty_table()]
    with connection.cursor() as cursor:
        for start in range(ends["first"] or 0, (ends["last"] or -1) + 1, READ_AT_ONCE):
            cursor.execute(sql, [start, start + READ_AT_ONCE, *params])
            if text := cursor.fetchone()[0]:
                parsed.append(_parsed(text, schema))
    return pa.concat_tables(parsed).combine_chunks()


def _parsed(text: str, schema: pa.Schema) -> pa.Table:
    types = csv.ConvertOptions(column_types=schema, strings_can_be_null=False)
    return csv.read_csv(pa.BufferReader(text.encode()), csv.ReadOptions(column_names=schema.names), None, types)


def _groups(found: Comparison, mask: Any) -> list[list[int]]:
    """Part profiles by component."""
    profiles, components = found.profile[mask], found.component[mask]
    order = np.argsort(components, kind="stable")
    cuts = np.flatnonzero(np.diff(components[order])) + 1
    return [group.tolist() for group in np.split(profiles[order], cuts)] if len(profiles) else []


def _found_all(found: Comparison) -> Iterator[int]:
    """Found customers for people who are nobody's, some at a time."""
    yield from _sized(_groups(found, found.founds & (found.customer == NOBODY)), FOUND_AT_ONCE, _found)


def _sized(people: Sequence[list[int]], most: int, work: Callable[[Sequence[list[int]]], float]) -> Iterator[int]:
    """Do work on people in transactions, of so many profiles as fit into the while; gives how many each time."""
    start, size = 0, most // 4
    while start < len(people):
        end, count = start, 0
        while end < len(people) and (end == start or count + len(people[end]) <= size):
            count += len(people[end])
            end += 1
        fitting = LONGEST_SECONDS / max(work(people[start:end]), 0.001)
        size = min(most, max(1, round(size * min(1.25, max(0.5, fitting)))) + (fitting > 1))
        start = end
        yield count


def _found(people: Sequence[Sequence[int]]) -> float:
    """Found customers for some people; names are spelled before the transaction, for which others wait."""
    profiles = [pk for each in people for pk in each]
    told = _told(profiles)
    shown = {_first(mine)[1] for mine in _each(people, told)}
    spelled = {name: tuple(spellings_of(name).values()) for name in shown}
    with transaction.atomic():
        since = monotonic()
        _write_founded(_each(people, _still(told)), spelled)
    return monotonic() - since


def _still(told: Mapping[int, Row]) -> Mapping[int, Row]:
    """Leave out who is somebody's by now, and read anew who was told anew; these are few, or nobody."""
    if not told:
        return told
    sql = f"select id, version from customers_sourceprofile where id in ({_places(told)}) and customer_id is null"  # noqa: S608 - places for parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, list(told))
        now = dict(cursor.fetchall())
    anew = [pk for pk, version in now.items() if told[pk][6] != version]
    return {pk: told[pk] for pk in now} | (_told(anew) if anew else {})


def _each(people: Sequence[Sequence[int]], told: Mapping[int, Row]) -> list[list[Row]]:
    """Give the profiles of each of some people, without those who are somebody's by now."""
    return [mine for each in people if (mine := [told[pk] for pk in each if pk in told])]


def _first(mine: Sequence[Row]) -> tuple[Row, str]:
    """Choose who was seen first, and the name that is shown."""
    first = min(mine, key=lambda row: (row[3], row[2], row[4], row[5]))
    return first, first[1] or next((row[1] for row in mine if row[1]), "")


def _write_founded(people: Sequence[Sequence[Row]], spelled: dict[str, tuple[str | None, ...]]) -> None:
    customers, places, lines, at = [], [], [], _moment()
    for key, mine in zip(reserve(Customer, len(people)), people, strict=True):
        first, name = _first(mine)
        spelling = spelled.get(name) or spellings_of(name).values()  # somebody went to another meanwhile
        customers.append((key, name, *spelling, *UNTOLD.values(), first[2], first[3], ARRIVED))
        places += [(key, key if row is first else None, row[0]) for row in mine]
        lines += [("linked", row[0], key, "same identifiers", at) for row in mine if row is not first]
    columns = ("id", "name", *SPELLINGS, *UNTOLD, "first_source", "created_at", "lake_batch")
    bulk.insert(Customer, columns, customers)
    announce(Customer, [row[0] for row in customers])
    _place(places)
    bulk.insert(MergeLog, ["act", "profile_id", "customer_id", "rule", "at"], lines)


def _told(profiles: Sequence[int]) -> dict[int, Row]:
    """Read profiles that are nobody's as the database keeps them; moments stay as they are written."""
    sql = f"""
        select id, name, source, cast(first_seen_at as text), store, key, version from customers_sourceprofile
        where id in ({_places(profiles)}) and customer_id is null
    """  # noqa: S608 - places for parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, list(profiles))
        return {row[0]: row for row in cursor.fetchall()}


def _places(values: Collection[int]) -> str:
    return ", ".join(["%s"] * len(values))


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


def _move(people: Sequence[list[int]]) -> float:
    since = monotonic()
    settle([pk for each in people for pk in each], act="", rule=RULE)
    return monotonic() - since
