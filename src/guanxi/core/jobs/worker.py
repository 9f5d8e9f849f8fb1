"""The worker: claims one job after the other, runs it under a heartbeat, and ends cleanly when asked to."""

import contextlib
import logging
import os
import random
import signal
import traceback
from collections.abc import Collection
from threading import Timer
from time import monotonic
from types import FrameType
from typing import Any

from django.db import DatabaseError, close_old_connections
from django_tasks import TaskContext
from django_tasks.utils import normalize_json

from guanxi.core.errors import BadInput, GuanxiError, Refused
from guanxi.core.jobs import duties, periodic
from guanxi.core.jobs.backend import result_of
from guanxi.core.jobs.heartbeat import Heartbeat, LeaseLost
from guanxi.core.jobs.lease import me
from guanxi.core.jobs.models import LEASE, Job, State
from guanxi.core.jobs.run import Stopped, stopping

log = logging.getLogger("guanxi.jobs")
IDLE = 0.5  # seconds between two looks into an empty queue
GRACE = 8.0  # seconds a job may go on after the worker was asked to end
CHORES = 5.0  # seconds between two rounds of reaping and of periodic work


class Worker:
    """One process's loop over the queues it serves; all queues where none is named."""

    def __init__(self, queues: Collection[str] = ()) -> None:
        self.queues = tuple(queues)
        self.name = me()
        self._chores_done = -CHORES

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; a book that cannot be reached is tried again."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        while not stopping.is_set():
            try:
                busy = self.step()
            except DatabaseError:
                log.exception("The book cannot be reached; trying again.")
                close_old_connections()
                busy = False
            if not busy:
                stopping.wait(IDLE * random.uniform(0.8, 1.2))  # noqa: S311 - so that workers do not march in step

    def step(self) -> bool:
        """Do the chores that are due, the duties and one job; False where there was nothing to do."""
        if monotonic() - self._chores_done >= CHORES:
            Job.objects.reap()
            periodic.enqueue_turns()
            self._chores_done = monotonic()
        tended = duties.tend()
        job = Job.objects.claim(self.name, self.queues)
        if job is not None:
            self._do(job)
        close_old_connections()
        return tended or job is not None

    def drain(self) -> int:
        """Do every job that is due and return how many there were; for tests and commands."""
        count = 0
        while not stopping.is_set() and (job := Job.objects.claim(self.name, self.queues)):
            self._do(job)
            count += 1
        return count

    def _do(self, job: Job) -> None:
        with Heartbeat(f"job {job.pk}", lambda: self._renew(job), term=LEASE.total_seconds()):
            log.info("job %s %s attempt %s", job.pk, job.task, job.attempts)
            try:
                job.finish(call(job))
            except Stopped:
                job.refresh_from_db(fields=["cancel_requested_at"])
                job.finish() if job.cancel_requested_at else job.release()
            except LeaseLost:
                log.warning("job %s was lost to another worker", job.pk)
            except (Refused, BadInput) as error:  # trying again would meet the same answer
                job.fail(str(error), retry=False)
            except Exception as error:  # noqa: BLE001 - whatever a task raises is its job's error, and not the worker's end
                log.error("job %s %s failed:\n%s", job.pk, job.task, trace := trace_of(error))  # noqa: TRY400 - see trace_of
                job.fail(trace)

    def _renew(self, job: Job) -> bool:
        close_old_connections()
        return job.renew()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        if not stopping.is_set():
            stopping.set()
            timer = Timer(GRACE, self._abandon)
            timer.daemon = True
            timer.start()

    def _abandon(self) -> None:
        """Give back a job that does not look up, so that the next worker has it at once, and leave."""
        with contextlib.suppress(DatabaseError):
            for job in Job.objects.filter(state=State.RUNNING, worker=self.name):
                job.release()
        os._exit(0)


def call(job: Job) -> Any:
    """Call the job's task."""
    result = result_of(job)
    context = [TaskContext(task_result=result)] if result.task.takes_context else []
    return normalize_json(result.task.call(*context, *result.args, **result.kwargs))


def trace_of(error: Exception) -> str:
    """Tell where an error arose; foreign errors without their text, which may quote a customer's data."""
    told = f": {error}" if isinstance(error, GuanxiError) else ""
    return "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__qualname__}{told}"
