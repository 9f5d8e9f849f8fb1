"""Marts: analytical results, each a SQL file a person can read, computed on one moment and kept in the lake.

What cannot be computed in SQL is a mart whose file has a header alone: a program computes its rows (`warehouse.parts`).
"""

# ruff: noqa: S608 - what stands in the SQL are names and files of our own, quoted

import datetime as dt
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput, GuanxiError, Refused
from guanxi.core.jobs.heartbeat import LeaseLost
from guanxi.warehouse import dialect, engines, making, plans, queries, slices
from guanxi.warehouse.engine import connect
from guanxi.warehouse.headers import Header, MartBroken, Named, parse
from guanxi.warehouse.models import MartRun, Moment
from guanxi.warehouse.reading import mentioned, snapshot, views
from guanxi.warehouse.registry import marts

if TYPE_CHECKING:
    pass

SAMPLES: dict[str, Any] = {
    "date": dt.date(2024, 2, 29),
    "timestamp": dt.datetime(2024, 2, 29),  # noqa: DTZ001 - the lake's instants are UTC without saying so
    "integer": 1,
    "bigint": 1,
    "double": 1.0,
    "boolean": True,
    "varchar": "",
}


class NoSuchMart(BadInput):
    """No mart has the name that was given."""


@dataclass(frozen=True)
class Given:
    """How a mart's parameters are given when it is computed by itself: `names` those that `values` knows."""

    names: Collection[str]
    values: Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Mart:
    """One analytical result: `<context>/sql/<name>.sql`; `given` says with which parameters it is computed nightly."""

    name: str
    sql_path: Path
    given: Given | None = None

    @cached_property
    def sql(self) -> str:
        """The file's text, which is one SELECT."""
        return self.sql_path.read_text(encoding="utf-8")

    @cached_property
    def header(self) -> Header:
        """What the file says of itself."""
        try:
            return parse(self.sql)
        except ValueError as error:
            raise MartBroken(f"Mart {self.name}: {error}. Correct the header in {self.sql_path.name}.") from error

    @cached_property
    def is_told(self) -> bool:
        """Whether a program computes it, because its file has no SELECT."""
        return all(line.startswith("--") or not line.strip() for line in self.sql.splitlines())

    @property
    def grain(self) -> str:
        """What one row is."""
        return self.header.grain

    @property
    def parameters(self) -> tuple[Named, ...]:
        """The values it has to be given."""
        return self.header.parameters

    @cached_property
    def reads(self) -> frozenset[str]:
        """The tables and marts of the lake it reads, also those through which a column of theirs is found."""
        return frozenset(name for table in queries.named(self.sql) for name in mentioned(table))

    @property
    def asked(self) -> tuple[Named, ...]:
        """The parameters that whoever computes it gives; the bounds of its months are not among them."""
        return tuple(each for each in self.parameters if each.name not in self.unbounded)

    @property
    def unbounded(self) -> dict[str, Any]:
        """The bounds by which all of its months are computed at once; none where it has no months."""
        return dict(slices.ALL) if self.header.slices else {}

    def values(self) -> dict[str, Any]:
        """Give its parameters as they are now; MartBroken where nobody declared them."""
        if undeclared := self.undeclared():
            raise MartBroken(
                f"Mart {self.name}: nothing says how {', '.join(undeclared)} is given when it is computed by itself. "
                "Declare it in the `given` of the mart where its context registers it (insight/given.py)."
            )
        found = self.given.values() if self.given else {}
        return {parameter.name: found[parameter.name] for parameter in self.asked}

    def undeclared(self) -> list[str]:
        """Name the parameters of which nothing says how they are given."""
        known = self.given.names if self.given else ()
        return [parameter.name for parameter in self.asked if parameter.name not in known]

    @property
    def types(self) -> dict[str, str]:
        """The types of its parameters."""
        return {parameter.name: parameter.type for parameter in self.parameters}

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        return pa.schema([(column.name, plans.arrow_type(column.type)) for column in self.header.columns])


@dataclass(frozen=True)
class Run:
    """One computation of a mart, as kept in the lake."""

    mart: str
    rows: int
    seconds: float
    snapshot_id: int


def _unasked() -> None:
    """Let the work go on."""


def run(
    mart: Mart | str,
    /,
    *,
    engine: str = "",
    anew: bool = False,
    check: Callable[[], None] = _unasked,
    **params: Any,
) -> Run:
    """Compute a mart on the latest moment and replace what the lake has of it; readers see the old rows until then.

    Of one that falls into months those that would come out otherwise are computed, all of them where it is `anew`. The
    `engine` is the settings' one unless named. `check` is called again and again; what it raises ends the work.
    Either ending is kept in the book; EngineFailed names the step that could not be computed.
    """
    mart, engine, begun = found(mart) if isinstance(mart, str) else mart, engines.chosen(engine), monotonic()
    told: dict[str, Any] = {"mart": mart.name, "engine": engines.shown(engine), **_inputs(mart, params)}
    try:
        made = making.make(mart, params, engine=engine, check=check, anew=anew)
    except (Refused, LeaseLost):
        raise
    except Exception as error:
        failed = MartRun.State.FAILED
        MartRun.objects.keep(state=failed, seconds=monotonic() - begun, **failure(error), **told)
        raise
    seconds = monotonic() - begun
    MartRun.objects.keep(
        state=MartRun.State.DONE, seconds=seconds, rows=made.rows, snapshot_id=made.head, slices=made.slices, **told
    )
    return Run(mart.name, made.rows, seconds, made.head)


def found(name: str) -> Mart:
    """Find a mart; NoSuchMart names those there are."""
    if name not in marts():
        said = {"name": name, "known": ", ".join(sorted(marts()))}
        raise NoSuchMart(_("There is no mart %(name)s. There are: %(known)s.") % said)
    return marts()[name]


def unchanged(mart: Mart, engine: str, params: Mapping[str, Any]) -> MartRun | None:
    """Find the run that would give the same again: same inputs, parameters, SQL and engine, its rows still there."""
    last, moment = MartRun.objects.of(mart.name).first(), Moment.objects.latest_one()
    if last is None or moment is None or last.state != MartRun.State.DONE or last.engine != engines.shown(engine):
        return None
    same = all(getattr(last, name) == value for name, value in _inputs(mart, params).items())
    return last if same and moment.snapshots.get(mart.name) == last.snapshot_id else None


def _inputs(mart: Mart, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a result depends on, as the book keeps it."""
    heads = Moment.objects.heads()
    return {
        "basis": {name: heads[name] for name in sorted(mart.reads) if name in heads},
        "parameters": {name: json.loads(json.dumps(value, default=str)) for name, value in sorted(params.items())},
        "text": f"{zlib.crc32(mart.sql.encode()):08x}",
    }


def failure(error: Exception) -> dict[str, str]:
    """Say what went wrong with a mart in a sentence, and at which step where that is known."""
    problem = str(error) if isinstance(error, GuanxiError) else f"{type(error).__name__}: {error}"
    return {"problem": " ".join(problem.split())[:2_000], "step": getattr(error, "step", "")}


def rows(mart: str, columns: str = "*") -> Iterator[pa.RecordBatch]:
    """Read what the lake has of a mart, piece by piece."""
    with snapshot() as now:
        yield from now.batches(f"select {columns} from {plans.name(mart)}")


def check(mart: Mart) -> None:
    """Prove a mart without data: its header, its tables, its functions, and its result's columns and types."""
    problems = list(_problems(mart))
    if problems:
        raise MartBroken(f"Mart {mart.name}: {'; '.join(problems)}. Correct {mart.sql_path.name}.")


def _problems(mart: Mart) -> Iterator[str]:
    if mart.header.name != mart.name:
        yield f"the header calls it {mart.header.name}"
    if mart.is_told:
        return
    try:
        tree = queries.parsed(mart.sql)
    except queries.BadQuery as error:
        yield str(error)
        return
    unknown = queries.outside(tree)
    yield from (f"{table} is not a table of the lake" for table in unknown)
    if hidden := queries.reads(tree) ^ queries.named(mart.sql):
        yield f"it reads {', '.join(sorted(hidden))} otherwise than by `from` or `join` and the name"
    yield from dialect.strays(tree)
    used = queries.parameters(mart.sql)
    if used != (declared := {parameter.name for parameter in mart.parameters}):
        yield f"it uses the parameters {sorted(used)}, the header says {sorted(declared)}"
    elif not unknown:
        yield from _differences(mart)


def _differences(mart: Mart) -> Iterator[str]:
    """Run the mart on empty tables and compare its columns with the header's."""
    import duckdb  # noqa: PLC0415 - as above

    params = {parameter.name: SAMPLES.get(parameter.type) for parameter in mart.parameters}
    try:
        with connect() as engine:
            for statement in views(mart.sql, {}, {}):
                engine.execute(statement)
            found = engine.sql(mart.sql, params=params)
            given = [(name, str(kind).lower()) for name, kind in zip(found.columns, found.types, strict=True)]
    except duckdb.Error as error:
        yield " ".join(str(error).split())
        return
    wanted = [(column.name, column.type) for column in mart.header.columns]
    if given != wanted:
        yield f"its columns are {_spelled(given)}, the header says {_spelled(wanted)}"


def _spelled(columns: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)
