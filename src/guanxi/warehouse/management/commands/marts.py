"""Compute the marts: the analytical results kept in the lake, each one SQL file.

`guanxi marts run` brings the lake up to date, then computes every mart whose inputs or parameters have changed, each
after the marts it reads; `guanxi marts list` says what there is and how the last run of each went.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.warehouse import engines, runs, sync
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.registry import marts
from guanxi.warehouse.runs import Outcome


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        run = self.subcommand(parser, "run", self.compute, help="compute marts, all of them unless named")
        run.add_argument("names", nargs="*", metavar="NAME", help="marts to compute, with those they read; all")
        run.add_argument(
            "--engine", default="", metavar="ENGINE", help="who computes: duckdb, or sc://host:port; the settings' one"
        )
        run.add_argument("--anew", action="store_true", help="compute also what would be the same again")
        self.subcommand(parser, "list", self.list_all, help="say which marts there are, and how they stand")

    def compute(self, *, names: Sequence[str], engine: str, anew: bool, **options: Any) -> Any:
        engines.chosen(engine)
        runs.ordered(names)
        sync.sync(note=self.note)
        outcomes = runs.run(names, engine=engine, anew=anew, seen=self._seen)
        result = {outcome.mart: _told(outcome) for outcome in outcomes}
        failed = [outcome for outcome in outcomes if not outcome.is_sound]
        if not failed:
            return result
        self.stdout.write(json.dumps(result, default=str) if options["json"] else self.words(result))
        raise CommandError(_sentence(failed, len(outcomes)))

    def list_all(self, **_: Any) -> list[dict[str, Any]]:
        last = MartRun.objects.newest()
        return [_listed(name, last.get(name)) for name in runs.ordered()]

    def words(self, result: Any) -> str:
        if not isinstance(result, dict):
            return super().words(result)
        return "\n".join(
            f"{name:<24}{told['state']:<12}{'' if told['rows'] is None else told['rows']:>12}{told['seconds']:>10.3f} s"
            for name, told in result.items()
        )

    def _seen(self, done: int, total: int, last: Outcome | None, following: str) -> None:
        if last is not None and not last.is_sound:
            self.note(f"{last.mart}: {last.problem}")
        if following:
            self.note(f"{done + 1} of {total}: {following}")


def _told(outcome: Outcome) -> dict[str, Any]:
    told = {"rows": outcome.rows, "seconds": round(outcome.seconds, 3), "state": str(outcome.state)}
    more = {"engine": outcome.engine, "problem": outcome.problem, "step": outcome.step}
    return told | {name: value for name, value in more.items() if value}


def _listed(name: str, last: MartRun | None) -> dict[str, Any]:
    mart = marts()[name]
    return {
        "mart": name,
        "sentence": mart.header.sentence,
        "grain": mart.grain,
        "parameters": [parameter.name for parameter in mart.parameters],
        "reads": sorted(mart.reads),
        "state": last.state if last else None,
        "rows": last.rows if last else None,
        "seconds": round(last.seconds, 3) if last else None,
        "finished_at": last.finished_at if last else None,
        "engine": last.engine if last else None,
        "problem": last.problem if last else None,
    }


def _sentence(failed: Sequence[Outcome], total: int) -> str:
    first, more = failed[0], len(failed) - 1
    others = f" {more} more could not be computed either." if more else ""
    return f"{len(failed)} of {total} marts failed. {first.mart}: {first.problem.rstrip('.')}.{others}"
