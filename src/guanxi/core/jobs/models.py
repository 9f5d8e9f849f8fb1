"""The queue: one row per task to be done, and the verbs by which it is claimed, kept, ended and tried again."""

import datetime as dt
import random
from collections.abc import Collection
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

LEASE = dt.timedelta(seconds=30)
FIRST_RETRY = dt.timedelta(seconds=5)
LONGEST_RETRY = dt.timedelta(hours=1)
KEPT = dt.timedelta(days=14)
DIED = gettext_noop("The worker died, or stood still for longer than its lease.")


class State(models.TextChoices):
    """Where a job stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class JobQuerySet(models.QuerySet["Job"]):
    """Sets of jobs."""

    def due(self, queues: Collection[str] = ()) -> Self:
        """Keep those that may start now; of these queues, or of all."""
        due = self.filter(state=State.READY, run_after__lte=Now())
        return due.filter(queue__in=queues) if queues else due

    def unfinished(self) -> Self:
        """Keep those that wait or run."""
        return self.filter(state__in=[State.READY, State.RUNNING])

    def claim(self, worker: str, queues: Collection[str] = (), *, lease: dt.timedelta = LEASE) -> "Job | None":
        """Take the most urgent due job for `worker`, or None. Two workers never take the same attempt.

        The first look takes no lock, so that idle workers do not queue at SQLite's one writer.
        """
        if not self.due(queues).exists():
            return None
        with transaction.atomic():
            urgent = self.due(queues).order_by("-priority", "run_after", "pk")
            job = urgent.select_for_update(skip_locked=True).first()
            if job:
                self.filter(pk=job.pk).update(
                    state=State.RUNNING,
                    worker=worker,
                    attempts=F("attempts") + 1,
                    started_at=Now(),
                    lease_until=Now() + lease,
                )
                job.refresh_from_db()
        return job

    def reap(self) -> int:
        """Take back the jobs whose worker no longer renews its lease: to try again, or dead after the last try."""
        orphans = self.filter(state=State.RUNNING, lease_until__lt=Now())
        last_try = orphans.filter(attempts__gte=F("max_attempts"))
        dead = last_try.update(state=State.DEAD, finished_at=Now(), error=DIED)
        return dead + orphans.update(state=State.READY, run_after=Now(), error=DIED)

    def sweep(self) -> int:
        """Forget the jobs that ended long ago; periodic ones after a day."""
        ended = self.filter(state__in=[State.DONE, State.DEAD])
        old = Q(finished_at__lt=Now() - KEPT)
        periodic = Q(finished_at__lt=Now() - dt.timedelta(days=1), unique_key__isnull=False, state=State.DONE)
        return ended.filter(old | periodic).delete()[0]


class Job(models.Model):
    """One task to be done, from the transaction that asked for it to its end."""

    task = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    queue = models.CharField(max_length=40, default="default")
    priority = models.SmallIntegerField(default=0)
    run_after = models.DateTimeField(db_default=Now())
    unique_key = models.CharField(max_length=250, null=True, unique=True)  # noqa: DJ001 - null is never a duplicate
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    progress = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    cancel_requested_at = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("priority").desc(), "run_after", name="job_waiting", condition=Q(state="ready")),
            models.Index("lease_until", name="job_running", condition=Q(state="running")),
            models.Index("finished_at", name="job_ended", condition=Q(state__in=["done", "dead"])),
            models.Index("task", name="job_given_up", condition=Q(state="dead")),
        ]

    def __str__(self) -> str:
        return f"{self.task} ({self.state})"

    def cancel(self) -> None:
        """Ask the job to stop: one that waits ends at once, one that runs when it next looks, one that ended stays."""
        same = Job.objects.filter(pk=self.pk, cancel_requested_at=None)
        if not same.filter(state=State.READY).update(state=State.DONE, finished_at=Now(), cancel_requested_at=Now()):
            same.filter(state=State.RUNNING).update(cancel_requested_at=Now())

    def renew(self, *, lease: dt.timedelta = LEASE) -> bool:
        """Keep the claim for another lease; False where it is no longer ours."""
        return self._change(lease_until=Now() + lease)

    def finish(self, result: Any = None) -> bool:
        """End the job with its result."""
        return self._change(state=State.DONE, finished_at=Now(), result=result, error="")

    def release(self) -> bool:
        """Give the job back unfinished, because the worker stops; the attempt does not count."""
        return self._change(state=State.READY, run_after=Now(), attempts=F("attempts") - 1)

    def fail(self, error: str, *, retry: bool = True) -> bool:
        """End the attempt with an error: another try after a growing pause, or a dead letter."""
        if retry and self.attempts < self.max_attempts:
            return self._change(state=State.READY, run_after=Now() + self.pause(), error=error)
        return self._change(state=State.DEAD, finished_at=Now(), error=error)

    def pause(self) -> dt.timedelta:
        """How long to wait after this attempt: doubling, and spread so that retries do not march in step."""
        doubled: dt.timedelta = min(FIRST_RETRY * 2 ** min(self.attempts - 1, 20), LONGEST_RETRY)
        return doubled * random.uniform(0.5, 1.5)  # noqa: S311 - not a secret

    def _change(self, **values: Any) -> bool:
        """Update the row only while this attempt is ours: whoever lost the lease must not touch the next one's."""
        mine = Job.objects.filter(pk=self.pk, state=State.RUNNING, worker=self.worker, attempts=self.attempts)
        return bool(mine.update(**values))
