"""A task's view of its own job: report progress, see a request to stop."""

from threading import Event
from time import monotonic

from django.utils.translation import gettext as _
from django_tasks import TaskContext

from guanxi.core.errors import Refused
from guanxi.core.jobs.heartbeat import LeaseLost
from guanxi.core.jobs.models import Job, State

stopping = Event()  # set when this process was asked to end
INTERVAL = 1.0


class Stopped(Refused):
    """The work was asked to stop: cancelled by a person, or put aside because the worker ends."""


class Run:
    """The job behind a task's context: `run = Run(context)`, then `run.report(…)` and `run.check()` in the loop.

    Both may be called often: they reach the book once a second. In a test without a job they do nothing.
    """

    def __init__(self, context: TaskContext) -> None:
        result = context.task_result
        self._is_job = result.id.isdecimal()
        key = int(result.id) if self._is_job else 0
        worker = result.worker_ids[-1] if result.worker_ids else ""
        self._mine = Job.objects.filter(pk=key, worker=worker, attempts=context.attempt, state=State.RUNNING)
        self._reported = self._checked = -INTERVAL

    def report(self, done: int, total: int | None = None, unit: str = "") -> None:
        """Say how far the work is."""
        if self._is_job and monotonic() - self._reported >= INTERVAL:
            self._mine.update(progress={"done": done, "total": total, "unit": unit})
            self._reported = monotonic()

    def check(self) -> None:
        """Raise Stopped where the work should stop here, LeaseLost where another worker has it."""
        if stopping.is_set():
            raise Stopped(_("The worker ends; the work goes on with the next one."))
        if self._is_job and monotonic() - self._checked >= INTERVAL:
            self._look()
            self._checked = monotonic()

    def _look(self) -> None:
        row = self._mine.values_list("cancel_requested_at").first()
        if row is None:
            raise LeaseLost(_("Another worker has this job now. Nothing has to be done."))
        if row[0] is not None:
            raise Stopped(_("The work was cancelled."))
