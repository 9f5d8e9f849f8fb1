"""What people ask of an import on its page: each turns the state once and enqueues its job in the same transaction.

Asking twice is harmless: whoever comes second finds the state turned and changes nothing.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django_tasks.base import Task

from guanxi.core.jobs.models import Job
from guanxi.core.jobs.models import State as JobState
from guanxi.ingest import tasks
from guanxi.ingest.begin import discard
from guanxi.ingest.models import Import

State = Import.State
OPEN = (State.DRAFT, State.CHECKED, State.FAILED)
BROKEN_OFF = (State.STOPPED, State.FAILED, State.RUNNING)


def job_of(batch: Import) -> Job | None:
    """Find the job that works on an import or waits to; None where none is left."""
    jobs = Job.objects.unfinished().filter(queue="long", task__startswith="guanxi.ingest.tasks.")
    return jobs.filter(arguments__args__0=batch.pk).order_by("pk").first()


def is_open(batch: Import) -> bool:
    """Tell whether its columns may still be changed: nothing of it was written, and nothing is at work."""
    return batch.state in OPEN and not batch.changes.exists() and job_of(batch) is None


def check(batch: Import) -> None:
    """Try the import out; nothing happens where it is being tried already, or was begun."""
    if is_open(batch):
        _turn(batch, OPEN, State.CHECKING, tasks.check_import, rows_done=0, rows_total=0, seconds=0)


def start(batch: Import) -> None:
    """Begin to write what the dry run showed; nothing happens the second time."""
    _turn(batch, [State.CHECKED], State.RUNNING, tasks.run_import)


def resume(batch: Import) -> None:
    """Go on with an import that was stopped or broke off; one of which nothing was written is tried out again."""
    if job_of(batch) is not None:
        return
    if batch.state in {State.FAILED, State.CHECKING} and not batch.changes.exists():
        _turn(batch, [State.FAILED, State.CHECKING], State.CHECKING, tasks.check_import)
    else:
        _turn(batch, BROKEN_OFF, State.RUNNING, tasks.run_import)


def take_back(batch: Import) -> None:
    """Undo what the import wrote; nothing happens while a worker is on it."""
    if job_of(batch) is None:
        states = [*BROKEN_OFF, State.DONE, State.UNDOING]
        _turn(batch, states, State.UNDOING, tasks.undo_import, rows_done=0, rows_total=batch.changes.count())


@transaction.atomic
def stop(batch: Import) -> None:
    """Stop the dry run or the import: after the chunk it is at, or at once where no worker has taken it yet."""
    if batch.state not in {State.CHECKING, State.RUNNING}:
        return
    batch.stop()
    job = job_of(batch)
    if job:
        job.cancel()
    if job is None or job.state == JobState.READY:
        mine = Import.objects.filter(pk=batch.pk)
        mine.filter(state=State.CHECKING).update(state=State.DRAFT)
        mine.filter(state=State.RUNNING).update(state=State.STOPPED)


def forget(batch: Import) -> bool:
    """Throw a draft away with its files; False where something was written or is at work."""
    if not is_open(batch):
        return False
    discard(batch)
    return True


@transaction.atomic
def _turn(batch: Import, states: Collection[State], to: State, task: Task[[int], None], **values: Any) -> None:
    turned = Import.objects.filter(pk=batch.pk, state__in=states)
    if turned.update(state=to, stop_requested_at=None, error="", **values):
        task.enqueue(batch.pk)
