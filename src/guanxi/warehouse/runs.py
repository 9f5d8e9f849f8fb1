"""Runs of many marts: in the order in which they read each other, without those whose result would be the same."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from django.utils.translation import gettext as _

from guanxi.core.errors import GuanxiError, Refused
from guanxi.core.jobs.heartbeat import LeaseLost
from guanxi.warehouse import engines, marts
from guanxi.warehouse.marts import Mart, MartBroken
from guanxi.warehouse.models import MartRun
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
    return {name for name in mart.reads if name in registered()}


def ordered(names: Collection[str] = ()) -> list[str]:
    """Put marts, all of them unless named, and those they read into an order in which each comes after what it reads.

    NoSuchMart where a name is unknown, MartBroken where marts read each other in a circle.
    """
    graph: dict[str, set[str]] = {}
    wanted = [marts.found(name).name for name in names or registered()]
    while wanted:
        name = wanted.pop()
        if name not in graph:
            graph[name] = reads(registered()[name])
            wanted += graph[name]
    graph = {name: graph[name] for name in registered() if name in graph}
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
    engine, line = engines.chosen(engine), ordered(names)
    engines.reach(engine)
    found: dict[str, Outcome] = {}
    for outcome in _each(line, found, engine, anew=anew, check=check, seen=seen):
        found[outcome.mart] = outcome
    seen(len(line), len(line), found[line[-1]] if line else None, "")
    return list(found.values())


def _each(
    line: list[str], found: dict[str, Outcome], engine: str, *, anew: bool, check: Callable[[], None], seen: Seen
) -> Iterator[Outcome]:
    last, away = None, ""
    for nth, name in enumerate(line):
        check()
        seen(nth, len(line), last, name)
        failed = sorted(other for other in reads(registered()[name]) if other in found and not found[other].is_sound)
        if away or failed:
            why = _("It reads %(marts)s, which failed.") % {"marts": ", ".join(failed)}
            last = _left_out(name, engine, away or why)
        else:
            last, away = _one(registered()[name], engine, anew=anew, check=check)
        yield last


def _one(mart: Mart, engine: str, *, anew: bool, check: Callable[[], None]) -> tuple[Outcome, str]:
    """Compute one mart; tells too why no other can be computed any more, where the engine is gone."""
    shown, away = engines.shown(engine), ""
    try:
        params = mart.values()
        same = None if anew else marts.unchanged(mart, engine, params)
        if same is not None:
            return Outcome(mart.name, UNCHANGED, shown, same.rows), ""
        made = marts.run(mart, engine=engine, check=check, **params)
        return Outcome(mart.name, MartRun.State.DONE, shown, made.rows, made.seconds), ""
    except (Refused, LeaseLost):
        raise
    except GuanxiError as error:
        away = str(error) if isinstance(error, engines.EngineAway) else ""
    except Exception:  # noqa: BLE001 - kept in the book by marts.run; the other marts go on
        away = ""
    last = MartRun.objects.of(mart.name).first()
    problem = away or (last.problem if last else "")
    return Outcome(mart.name, MartRun.State.FAILED, shown, problem=problem, step=last.step if last else ""), away


def _left_out(name: str, engine: str, why: str) -> Outcome:
    shown = engines.shown(engine)
    MartRun.objects.keep(mart=name, state=MartRun.State.LEFT_OUT, engine=shown, problem=why)
    return Outcome(name, MartRun.State.LEFT_OUT, shown, problem=why)
