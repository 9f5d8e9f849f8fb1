"""Marts that fall into months: which of them would come out otherwise than they lie in the lake.

A month of such a mart hangs on some months of some tables, as `slices` in its header says. What these hold is summed
up in a number (key, version and customer of every row), and so are the parameters; a month whose number is that of the
last run is left as it is, whatever was compacted or appended meanwhile. Where a mart is read that falls into months
itself, its files tell, as nobody writes them but its own computation.
"""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pyarrow as pa
from django.conf import settings

from guanxi.warehouse import plans
from guanxi.warehouse.engine import connect
from guanxi.warehouse.headers import Reach, Slices
from guanxi.warehouse.registry import Table, marts, tables

SINCE, UNTIL = "since", "until"
AT_ONCE = 12  # months a query: few passes over what lies outside of them, in little memory
KEEP, AS_OF = "keep_days", "as_of"
ALL = {SINCE: dt.date(1900, 1, 1), UNTIL: dt.date(2200, 1, 1)}
Digests = Mapping[int, int]


def signatures(
    slices: Slices, reads: Iterable[str], heads: Mapping[str, int], params: Mapping[str, Any], text: str
) -> dict[str, str]:
    """Say for every month what it is computed from: `202411` to a checksum. `heads` are the tables' snapshots."""
    earliest = _earliest(params)
    months = {reach.table: _digests(reach.table, _heads_of(reach.table, heads), earliest) for reach in slices.reaches}
    known = sorted(part for found in months.values() for part in found if part)
    if not known:
        return {}
    common = (text, _others(slices, set(reads), heads), tuple(_whole(*each, heads) for each in slices.whole))

    def told(month: int) -> str:
        reached = [_reached(months[reach.table], reach, month) for reach in slices.reaches]
        return _checksum(common, _clipped(params, month), reached)

    return {str(month): told(month) for month in _span(max(earliest, _moved(known[0], -1)), _moved(known[-1], 1))}


def chunks(months: Iterable[int]) -> Iterator[list[int]]:
    """Put months that follow each other together, no more than AT_ONCE.

    >>> list(chunks([202411, 202412, 202501, 202503]))
    [[202411, 202412, 202501], [202503]]
    """
    run: list[int] = []
    for month in sorted(months):
        if run and (month != _moved(run[-1], 1) or len(run) == AT_ONCE):
            yield run
            run = []
        run = [*run, month]
    if run:
        yield run


def bounds(months: list[int]) -> dict[str, dt.date]:
    """Give the parameters by which months that follow each other are computed.

    >>> bounds([202411, 202412])
    {'since': datetime.date(2024, 11, 1), 'until': datetime.date(2025, 1, 1)}
    """
    return {SINCE: _first_day(months[0]), UNTIL: _first_day(_moved(months[-1], 1))}


def _earliest(params: Mapping[str, Any]) -> int:
    """The first month that is kept at all."""
    if KEEP not in params:
        return 0
    day = params[AS_OF] - dt.timedelta(days=params[KEEP])
    return int(day.year) * 100 + int(day.month)


def _clipped(params: Mapping[str, Any], month: int) -> list[tuple[str, Any]]:
    """The parameters as they touch a month: a day observed after it is no other than its last one."""
    last = _first_day(_moved(month, 1)) - dt.timedelta(days=1)
    return [(name, min(value, last) if name == AS_OF else value) for name, value in sorted(params.items())]


def _others(slices: Slices, reads: set[str], heads: Mapping[str, int]) -> list[tuple[str, int]]:
    """What the mart reads besides, each as a whole: any change of it touches every month."""
    told = {name for name, _columns in slices.whole}
    for reach in slices.reaches:
        told |= {reach.table, *reach.followers, *_through(reach.table)}
    return sorted((name, heads[name]) for name in reads - told if name in heads)


def _reached(found: Digests, reach: Reach, month: int) -> list[tuple[int, int]]:
    first = 1 if reach.first is None else _moved(month, reach.first)
    last = _moved(month, reach.last)
    return [(part, digest) for part, digest in sorted(found.items()) if first <= part <= last]


def _heads_of(name: str, heads: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((each, heads[each]) for each in (name, *_through(name)) if each in heads)


def _through(name: str) -> tuple[str, ...]:
    return () if name in marts() else tuple(link.table for link in tables()[name].through)


def _digests(name: str, heads: tuple[tuple[str, int], ...], earliest: int) -> Digests:
    return _counted(name, heads, earliest, str(settings.LAKE)) if any(each == name for each, _ in heads) else {}


@lru_cache(maxsize=32)
def _counted(name: str, heads: tuple[tuple[str, int], ...], earliest: int, home: str) -> Digests:
    """Sum up every month of a table at a snapshot, which never changes."""
    if name in marts():
        return _filed(plans.plan(name, dict(heads)[name], home))
    declared, found = tables()[name], {each: plans.plan(each, head, home) for each, head in heads}
    some = [path for path, part in zip(found[name].base, found[name].parts, strict=True) if not 0 < part < earliest]
    versioned = plans.newest(declared, replace(found[name], base=tuple(some)), columns=_versioned(declared))
    day = f"rows.{plans.name(declared.month_of or '')}"
    hashed = [f"rows.{plans.name(column)}" for column in (*declared.key, "_version")]
    joins = ""
    for nth, link in enumerate(declared.through):
        if link.table in found:
            people = plans.newest(tables()[link.table], found[link.table])
            joins += f" left join {people} as t{nth} on t{nth}.{plans.name(link.on)} = rows.{plans.name(link.on)}"
            hashed.append(f"t{nth}.{plans.name(link.column)}")
    summed = f"select coalesce(year({day}) * 100 + month({day}), 0), {_summed(hashed)} from {versioned} as rows{joins}"
    with connect() as engine:
        return {int(part): int(told) for part, told in engine.sql(f"{summed} group by 1").fetchall()}


def _filed(plan: plans.Plan) -> Digests:
    """Sum up every month of a mart by its files."""
    found: dict[int, int] = {}
    for path, part in sorted(zip(plan.base, plan.parts, strict=True)):
        found[part] = zlib.crc32(path.encode(), found.get(part, 0))
    return found


def _versioned(declared: Table) -> pa.Schema:
    names = dict.fromkeys([*declared.key, declared.version, declared.month_of, *(link.on for link in declared.through)])
    return pa.schema([*(declared.stored.field(name) for name in names if name), pa.field("_version", pa.int32())])


def _whole(name: str, columns: tuple[str, ...], heads: Mapping[str, int]) -> tuple[str, int]:
    return name, _content(name, columns, heads[name], str(settings.LAKE)) if name in heads else 0


@lru_cache(maxsize=32)
def _content(name: str, columns: tuple[str, ...], head: int, home: str) -> int:
    """Sum up what some columns of a table hold at a snapshot."""
    rows = plans.newest(tables()[name], plans.plan(name, head, home))
    with connect() as engine:
        told = engine.sql(summed(columns, rows)).fetchall()
    return int(told[0][0] or 0)


def summed(columns: Iterable[str], rows: str) -> str:
    """Spell the question for a sum that no two different sets of rows are likely to share."""
    return f"select {_summed(map(plans.name, columns))} from {rows}"


def _summed(columns: Iterable[str]) -> str:
    """Spell a sum that no two different sets of rows are likely to share, in whichever order they come."""
    return f"sum(hash({', '.join(columns)}) % 4294967291)"


def _checksum(*told: Any) -> str:
    return f"{zlib.crc32(repr(told).encode()):08x}"


def _moved(month: int, by: int) -> int:
    years, months = divmod((month // 100) * 12 + month % 100 - 1 + by, 12)
    return years * 100 + months + 1


def _span(first: int, last: int) -> Iterator[int]:
    while first <= last:
        yield first
        first = _moved(first, 1)


def _first_day(month: int) -> dt.date:
    return dt.date(month // 100, month % 100, 1)
