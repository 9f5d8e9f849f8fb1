"""Reading the lake: SQL over one moment of all its tables, never in the way of the writer."""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.warehouse import lake, near, place, plans, queries
from guanxi.warehouse.engine import connect
from guanxi.warehouse.lake import LakeBroken
from guanxi.warehouse.models import Moment
from guanxi.warehouse.place import LakeAway
from guanxi.warehouse.plans import Plan, Scan
from guanxi.warehouse.registry import Table, marts, tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

BATCH_ROWS = 100_000
TRIES = 5


class Lake:
    """The lake at one moment. Tables are views named as declared; values go in as parameters, `$name` in the SQL."""

    def __init__(self, connection: "DuckDBPyConnection", plans: "Plans") -> None:
        self._connection = connection
        self._plans = plans
        self._viewed: dict[str, str] = {}

    def sql(self, query: str, **params: Any) -> pa.Table:
        """Run a SELECT and give the whole result."""
        with self._told(query):
            return self._run(query, params).to_arrow_table()

    def batches(self, query: str, **params: Any) -> Iterator[pa.RecordBatch]:
        """Run a SELECT and give the result piece by piece, in bounded memory."""
        with self._told(query):
            yield from self.reader(query, **params)

    def reader(self, query: str, **params: Any) -> pa.RecordBatchReader:
        """Run a SELECT and give a reader, whose schema is known before the first row."""
        with self._told(query):
            return self._run(query, params).to_arrow_reader(BATCH_ROWS)

    @contextmanager
    def _told(self, query: str) -> Iterator[None]:
        """Say what is lost where a file is missing or damaged: the engine's own words are for nobody."""
        import duckdb  # noqa: PLC0415 - slow to import, and many commands do without

        try:
            yield
        except (duckdb.Error, pa.ArrowInvalid, OSError) as error:
            for name, plan in self._plans.of(query).items():
                for path in plan.paths:
                    if near.here(path).removeprefix("file://") in str(error):
                        near.forget(path)
                        raise lost(name) from error
            raise

    def _run(self, query: str, params: Mapping[str, Any]) -> "DuckDBPyRelation":
        for statement in views(query, self._plans.of(query), self._viewed):
            self._connection.execute(statement)
        return self._connection.sql(query, params=dict(params))


def lost(name: str) -> LakeBroken:
    """Say that files of a table are missing or damaged, and what helps."""
    return LakeBroken(
        _(
            "These figures cannot be read: files of “%(name)s” in the lake are missing or damaged. "
            "Customers and orders are safe. Ask whoever runs the server to call `guanxi lake rebuild`."
        )
        % {"name": name}
    )


@contextmanager
def snapshot(of: Mapping[str, int] | None = None) -> Iterator[Lake]:
    """Open the latest moment of the lake for reading; whatever is written meanwhile is not seen.

    `of` names older snapshots of some tables, to be seen beside the latest of the others.
    """
    found = latest() if of is None else _beside(of)
    with connect() as connection:
        yield Lake(connection, found)


def remembers(of: Mapping[str, int]) -> bool:
    """Tell whether the lake still knows these snapshots; whoever opens them now can read them to the end."""
    found = {name: lake.find(name) for name in of}
    return bool(of) and all(table and table.snapshot_by_id(of[name]) for name, table in found.items())


def _beside(of: Mapping[str, int]) -> "Plans":
    return Plans({**Moment.objects.heads(), **of})


class Plans:
    """The plans of one moment, made when it is opened: its snapshots may be forgotten soon, its files later."""

    def __init__(self, snapshots: Mapping[str, int]) -> None:
        self._found: dict[str, Plan] = {}
        self.broken: dict[str, LakeAway | LakeBroken] = {}
        wanted = [(name, snapshots[name]) for name in (*tables(), *marts()) if name in snapshots]
        for (name, _id), told in zip(wanted, place.at_once(_planned, wanted), strict=True):
            if isinstance(told, LakeAway | LakeBroken):
                self.broken[name] = told
            else:
                self._found[name] = told

    def of(self, query: str) -> dict[str, Plan]:
        """The plans of the tables and marts that a query may read; LakeBroken, LakeAway where one cannot be had."""
        wanted = mentioned(query)
        for name in wanted:
            if name in self.broken:
                raise self.broken[name]
        return {name: self._found[name] for name in wanted if name in self._found}


def _planned(wanted: tuple[str, int]) -> Plan | LakeAway | LakeBroken:
    name, snapshot_id = wanted
    try:
        return plans.plan(name, snapshot_id, settings.LAKE)
    except (LakeAway, LakeBroken) as error:
        return error


def latest() -> Plans:
    """Plan the latest moment; once more where it was overtaken by newer ones meanwhile."""
    for _turn in range(TRIES):
        moment = Moment.objects.latest_one()
        found = Plans(moment.snapshots if moment else {})
        if not found.broken or Moment.objects.latest_one() == moment:
            break
    return found


def mentioned(query: str) -> list[str]:
    """Name the tables and marts whose names occur in a query, and those they are read through, these first."""
    words = set(re.findall(r"\w+", query.lower()))
    direct = [name for name in (*tables(), *marts()) if name in words]
    through = [link.table for name in direct if name in tables() for link in tables()[name].through]
    return list(dict.fromkeys([*through, *direct]))


def views(query: str, found: Mapping[str, Plan], viewed: dict[str, str]) -> Iterator[str]:
    """Spell the views that a query needs and that are not yet there as it needs them."""
    for view, rows in selections(query, found):
        statement = f"create or replace view {plans.name(view)} as {rows}"
        if viewed.get(view) != statement:
            viewed[view] = statement
            yield statement


def selections(query: str, found: Mapping[str, Plan], *, scan: Scan = plans.scan) -> Iterator[tuple[str, str]]:
    """Name the views that a query needs, each with its SELECT, in the order in which they read each other."""
    for name in mentioned(query):
        declared, plan = tables().get(name), found.get(name, Plan())
        if declared is None:
            yield name, f"select * from {_rows(name, plan, scan)}"
            continue
        yield "_" + name, f"select * from {_rows(name, plan, scan)}"
        yield name, plans.shown(declared, plans.name("_" + name), linked=_names_link(declared, query))


def _rows(name: str, plan: Plan, scan: Scan) -> str:
    """Spell the rows of a table or mart; LakeBroken where a file of theirs had to be fetched and is missing."""
    declared = tables().get(name)
    try:
        if declared is None:
            return scan(plan.base, marts()[name].schema, dict(plan.field_ids))
        return plans.newest(declared, plan, scan=scan)
    except FileNotFoundError as error:
        raise lost(name) from error


def _names_link(declared: Table, query: str) -> bool:
    """Tell whether a query may use a joined column: it costs a join, which the engine does not leave out by itself."""
    words, columns = query.lower().replace("count(*)", ""), tuple(link.column for link in declared.through)
    named = bool(re.search(r"\*|\bcolumns\b|\bnatural\b", words)) or any(
        re.search(rf"\b{column}\b", words) for column in columns
    )
    return bool(columns) and named and queries.may_take(query, declared.name, columns)


__all__ = ["Lake", "LakeBroken", "remembers", "snapshot"]
