"""Periodic work, declared in `AppConfig.ready()`; each turn happens once, however many workers run."""

from dataclasses import dataclass
from time import time
from typing import Any

from django_tasks.base import Task

from guanxi.core.jobs.backend import job_of
from guanxi.core.jobs.models import Job


@dataclass(frozen=True)
class Periodic:
    """One task and its rhythm: a turn begins every `seconds`, `offset` seconds after midnight UTC or its multiples."""

    task: Task[..., Any]
    seconds: int
    offset: int = 0

    def key(self, instant: float) -> str:
        """Name the turn that an instant falls into; the name is unique in the queue."""
        return f"{self.task.module_path}@{self.seconds}:{int((instant - self.offset) // self.seconds)}"


_periodic: dict[str, Periodic] = {}


def every(seconds: int, task: Task[..., Any], *, offset: int = 0) -> None:
    """Have `task`, which takes no arguments, enqueued once in every `seconds`."""
    _periodic[task.module_path] = Periodic(task, seconds, offset)


def registered() -> list[Periodic]:
    """List what is declared, for `guanxi doctor`."""
    return [_periodic[name] for name in sorted(_periodic)]


def enqueue_turns(instant: float | None = None) -> None:
    """Enqueue the turns that have come; a task still waiting or running sits its turn out.

    Two workers may come here at once: the unique key lets one row in.
    """
    turns = {periodic.key(time() if instant is None else instant): periodic for periodic in registered()}
    known = set(Job.objects.filter(unique_key__in=turns).values_list("unique_key", flat=True))
    busy = set(Job.objects.unfinished().filter(task__in=_periodic).values_list("task", flat=True))
    new = [
        job_of(periodic.task, unique_key=key)
        for key, periodic in turns.items()
        if key not in known and periodic.task.module_path not in busy
    ]
    if new:
        Job.objects.bulk_create(new, ignore_conflicts=True)
