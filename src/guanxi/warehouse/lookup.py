"""Looking few rows up by their key, straight out of the files: for pages, which cannot wait for the engine to begin.

Fit for tables that are sorted by the column asked for, in small groups of rows: of every file only the groups are read
in which a key can lie. Files never change, so what their ends tell of them is remembered.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from guanxi.warehouse import place, plans
from guanxi.warehouse.lake import LakeBroken
from guanxi.warehouse.models import Moment
from guanxi.warehouse.plans import Plan
from guanxi.warehouse.reading import TRIES, lost
from guanxi.warehouse.registry import Table, tables

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MARKS = ("_version", "_deleted")
Row = dict[str, Any]


@dataclass(frozen=True)
class Lookup:
    """The rows of some keys in one table, as the lake was at one moment: newest versions, the table's stored columns.

    A lost file is a LakeBroken.
    """

    declared: Table
    plan: Plan
    keys: frozenset[int]

    def months(self) -> list[int]:
        """Name the months in which rows may lie, such as 202411, the newest first."""
        return sorted({*self.plan.parts, *map(self._month_of, self._newer)} - {0}, reverse=True)

    def rows(self, month: int) -> pa.Table:
        """Give the rows of a month, in no order."""
        names, own = self.declared.stored.names, self.declared.version
        files = [path for path, part in zip(self.plan.base, self.plan.parts, strict=True) if part == month]
        read = [some for path in files if (some := self._read(path, names)) is not None]
        found = pa.concat_tables([self.declared.stored.empty_table(), *read])
        if not self.plan.changes:
            return found
        kept = found.filter(pc.invert(pc.is_in(found[own], self._changes[own].combine_chunks())))
        newer = [row for row in self._newer if self._month_of(row) == month]
        return pa.concat_tables([kept, pa.Table.from_pylist(newer, self.declared.stored)])

    @cached_property
    def _changes(self) -> pa.Table:
        return pa.concat_tables(_told(path, self.declared.version) for path in self.plan.changes)

    @cached_property
    def _newer(self) -> list[Row]:
        """The rows of these keys that are there in a newer version than the first."""
        if not self.plan.changes:
            return []
        names, own = [*self.declared.stored.names, *MARKS], self.declared.version
        read = [some for path in self.plan.changes if (some := self._read(path, names)) is not None]
        rows = [row for some in read for row in some.to_pylist()]
        marks = _among(self._changes, own, {row[own] for row in rows}).to_pylist()
        newest: dict[int, int] = {}
        for mark in marks:
            newest[mark[own]] = max(newest.get(mark[own], 0), mark["_version"])
        gone = {mark[own] for mark in marks if mark["_deleted"] and mark["_version"] == 0}
        return [
            {name: row[name] for name in self.declared.stored.names}
            for row in rows
            if row["_version"] == newest[row[own]] and not row["_deleted"] and row[own] not in gone
        ]

    def _read(self, path: str, names: list[str]) -> pa.Table | None:
        """Read the rows of the keys from a file, and no group of it in which none can lie."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import; most commands do without

        by = self.declared.sort[0]
        try:
            with place.reached():
                end, bounds = _end(path, by)
                groups = [i for i, (least, most) in enumerate(bounds) if any(least <= key <= most for key in self.keys)]
                if not groups:
                    return None
                with pq.ParquetFile(place.opened(path), metadata=end) as file:
                    rows = file.read_row_groups(groups, columns=names, use_threads=False)
        except (OSError, pa.ArrowInvalid) as error:
            raise lost(self.declared.name) from error
        return _among(rows.replace_schema_metadata(), by, self.keys)

    def _month_of(self, row: Row) -> int:
        moment = row[self.declared.month_of or ""]
        return int(moment.year * 100 + moment.month) if moment else 0


def lookup(name: str, keys: Collection[int]) -> Lookup:
    """Look some keys up in the latest moment of a table, by the column it is sorted by first."""
    for turn in range(TRIES):
        moment = Moment.objects.latest_one()
        snapshot = moment.snapshots.get(name) if moment else None
        try:
            plan = Plan() if snapshot is None else plans.plan(name, snapshot, settings.LAKE)
        except LakeBroken:
            if turn == TRIES - 1 or Moment.objects.latest_one() == moment:
                raise
            continue  # it was overtaken by newer ones meanwhile, and forgotten
        break
    return Lookup(tables()[name], plan, frozenset(keys))


def _among(rows: pa.Table, column: str, keys: Collection[int]) -> pa.Table:
    return rows.filter(pc.is_in(rows[column], pa.array(list(keys), pa.int64())))


@lru_cache(maxsize=96)
def _end(path: str, column: str) -> "tuple[pq.FileMetaData, tuple[tuple[int, int], ...]]":
    """Read what a file's end tells of it, and between which keys each of its groups lies."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - see _read

    with pq.ParquetFile(place.opened(path)) as file:
        end = file.metadata
    nth = end.schema.names.index(column)
    return end, tuple(_bounds(end.row_group(i).column(nth).statistics) for i in range(end.num_row_groups))


def _bounds(told: "pq.Statistics | None") -> tuple[int, int]:
    if told is None or not told.has_min_max:
        return 1, 0  # nothing but nulls
    return told.min, told.max


@lru_cache(maxsize=256)
def _told(path: str, own: str) -> pa.Table:
    """Read which rows a file of changes speaks of."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - see _read

    with place.reached(), pq.ParquetFile(place.opened(path)) as file:
        return file.read(columns=[own, *MARKS])
