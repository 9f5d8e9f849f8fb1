"""Runs of many marts: in the order in which they read each other, without those whose result would be the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.utils.translation import gettext as _

from guanxi.core.errors import Refused
from guanxi.core.jobs.heartbeat import LeaseLost
from guanxi.warehouse import engines, marts
from guanxi.warehouse.headers import MartBroken
from guanxi.warehouse.marts import Mart
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.place import LakeAway
from guanxi.warehouse.registry import marts as registered

UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Outcome:
    """How it went with one mart: `state` is unchanged or one of MartRun's, `problem` a sentence where it failed."""

    mart: str
    state: str
    engine: str
    rows: int | None = None
    seconds: float = 0.0
    problem: str = ""
    step: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether its rows are those of now."""
        return self.state in {UNCHANGED, MartRun.State.DONE}


Seen = Callable[[int, int, Outcome | None, str], None]


def _nobody(_done: int, _total: int, _last: Outcome | None, _next: str) -> None:
    """Tell nobody."""


def _unasked() -> None:
    """Let the work go on."""


def reads(mart: Mart) -> set[str]:
    """Name the marts that a mart reads."""
    return {name for name in mart.reads & registered().keys() if not registered()[name].is_told}


def computed() -> dict[str, Mart]:
    """Give the marts whose file says how they are computed; the others are told by programs of their own."""
    return {name: mart for name, mart in registered().items() if not mart.is_told}


def ordered(names: Collection[str] = ()) -> list[str]:
    """Put marts, all of them unless named, and those they read into an order in which each comes after what it reads.

    NoSuchMart where a name is unknown, MartBroken where marts read each other in a circle.
    """
    graph: dict[str, set[str]] = {}
    wanted = [marts.found(name).name for name in names or computed()]
    while wanted:
        name = wanted.pop()
        if name not in graph:
            graph[name] = reads(registered()[name])
            wanted += graph[name]
    graph = {name: graph[name] for name in computed() if name in graph}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise MartBroken(f"Marts read each other in a circle: {circle}. Take one of these out of a query.") from error


def run(
    names: Collection[str] = (),
    *,
    engine: str = "",
    anew: bool = False,
    seen: Seen = _nobody,
    check: Callable[[], None] = _unasked,
) -> list[Outcome]:
    """Compute marts, all of them unless named, and what they read; one that fails stops only those that read it.

    One whose inputs and parameters are those of its last run is left as it is, unless `anew`. `seen` is told how many
    of how many are done, how the last one went, and which comes next; what `check` raises ends the work.
    BadEngine, EngineAway, NoSuchMart before anything is computed.
    """
    line, work = ordered(names), Work(engines.chosen(engine), anew=anew, check=check)
    engines.reach(work.engine)
    for nth, name in enumerate(line):
        check()
        seen(nth, len(line), work.last, name)
        work.do(registered()[name])
    seen(len(line), len(line), work.last, "")
    return list(work.found.values())


def refresh(
    names: Collection[str], given: Callable[[str], Mapping[str, Any]], check: Callable[[], None] = _unasked
) -> None:
    """Compute marts and what they read with parameters of their own; what would come out the same is left as it is.

    The first one that fails ends the work; `check` is called after each.
    """
    for name in ordered(names):
        params = given(name)
        if marts.unchanged(registered()[name], engines.chosen(""), params) is None:
            marts.run(name, check=check, **params)
        check()


class Work:
    """One pass over marts: what was found of those done so far, and why none can be computed any more, if so."""

    def __init__(self, engine: str, *, anew: bool, check: Callable[[], None]) -> None:
        self.engine, self.anew, self.check = engine, anew, check
        self.found: dict[str, Outcome] = {}
        self.last: Outcome | None = None
        self.away = ""

    def do(self, mart: Mart) -> None:
        """Compute one mart, or leave it out where what it reads failed."""
        failed = sorted(name for name in reads(mart) if name in self.found and not self.found[name].is_sound)
        why = self.away or (_("It reads %(marts)s, which failed.") % {"marts": ", ".join(failed)} if failed else "")
        self.last = self._left_out(mart.name, why) if why else self._one(mart)
        self.found[mart.name] = self.last

    def _one(self, mart: Mart) -> Outcome:
        shown = engines.shown(self.engine)
        try:
            params = mart.values()
            same = None if self.anew else marts.unchanged(mart, self.engine, params)
            if same is not None:
                return Outcome(mart.name, UNCHANGED, shown, same.rows)
            made = marts.run(mart, engine=self.engine, anew=self.anew, check=self.check, **params)
            return Outcome(mart.name, MartRun.State.DONE, shown, made.rows, made.seconds)
        except (Refused, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - marts.run keeps it in the book; the other marts go on
            return self._failed(mart.name, error)

    def _failed(self, name: str, error: Exception) -> Outcome:
        if isinstance(error, engines.EngineAway | LakeAway):
            self.away = str(error)
        told = marts.failure(error)
        shown = engines.shown(self.engine)
        return Outcome(name, MartRun.State.FAILED, shown, problem=told["problem"], step=told["step"])

    def _left_out(self, name: str, why: str) -> Outcome:
        shown = engines.shown(self.engine)
        MartRun.objects.keep(mart=name, state=MartRun.State.LEFT_OUT, engine=shown, problem=why)
        return Outcome(name, MartRun.State.LEFT_OUT, shown, problem=why)
