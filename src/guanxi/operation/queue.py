"""The queue as its owner sees it: what is at work, what was given up, what is done; and the two verbs upon a job."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.models import Job, State
from guanxi.pages import formats
from guanxi.pages.components import Tone

SHOWN = 50
COUNTED = 1_000
VIEWS = {
    "work": (gettext_lazy("At work"), [State.RUNNING, State.READY]),
    "dead": (gettext_lazy("Given up"), [State.DEAD]),
    "done": (gettext_lazy("Done"), [State.DONE]),
}
TITLES: dict[str, str | Promise] = {
    "guanxi.warehouse.tasks.sync_lake": gettext_lazy("Bring the figures up to date"),
    "guanxi.warehouse.tasks.fold_lake": gettext_lazy("Tidy the lake, nightly"),
    "guanxi.warehouse.tasks.run_marts": gettext_lazy("Compute the marts"),
    "guanxi.ingest.tasks.check_import": gettext_lazy("Dry run of an import"),
    "guanxi.ingest.tasks.run_import": gettext_lazy("Import"),
    "guanxi.ingest.tasks.undo_import": gettext_lazy("Take an import back"),
    "guanxi.ingest.tasks.retry_quarantined": gettext_lazy("Try calls in quarantine again"),
    "guanxi.ingest.tasks.drop_quarantined": gettext_lazy("Drop calls in quarantine"),
    "guanxi.ingest.tasks.sweep_imports": gettext_lazy("Forget imports that were left"),
    "guanxi.ingest.webhooks.tasks.replay_failed": gettext_lazy("Send once more what a webhook did not take"),
    "guanxi.ingest.webhooks.tasks.forget_webhook": gettext_lazy("Delete the log of a webhook"),
    "guanxi.insight.tasks.keep_review": gettext_lazy("Keep the review of the week"),
    "guanxi.insight.tasks.refresh_rfm": gettext_lazy("Score the customers"),
    "guanxi.insight.tasks.rescore": gettext_lazy("Score the customers by new rules"),
    "guanxi.insight.tasks.refresh_figures": gettext_lazy("Add up the days of the shop"),
    "guanxi.insight.tasks.refresh_value": gettext_lazy("Estimate what customers will still buy"),
    "guanxi.insight.tasks.refresh_forecast": gettext_lazy("Forecast what will be sold"),
    "guanxi.insight.tasks.refresh_recommendations": gettext_lazy("Find what to recommend"),
    "guanxi.insight.tasks.refresh_churn": gettext_lazy("Estimate who will come back"),
    "guanxi.insight.tasks.find_lookalikes": gettext_lazy("Find who resembles a set of customers"),
    "guanxi.insight.tasks.answer_question": gettext_lazy("Answer a question of a notebook"),
    "guanxi.insight.tasks.refresh_goods": gettext_lazy("Add up the goods"),
    "guanxi.identity.tasks.resolve_everybody": gettext_lazy("Find anew who is who"),
    "guanxi.identity.tasks.rehearse_rules": gettext_lazy("Look who would change by other rules"),
    "guanxi.identity.tasks.search_duplicates": gettext_lazy("Search for probable duplicates"),
    "guanxi.identity.tasks.search_new_duplicates": gettext_lazy("Compare new customers with the others"),
    "guanxi.identity.tasks.count_quality": gettext_lazy("Count how good the data is"),
    "guanxi.identity.tasks.trace_parcels": gettext_lazy("Find who shares an address"),
    "guanxi.operation.tasks.take_backup": gettext_lazy("Take a backup"),
    "guanxi.core.jobs.tasks.sweep_jobs": gettext_lazy("Forget old jobs"),
    "guanxi.accounts.tasks.forget_old_attempts": gettext_lazy("Forget failed sign-ins"),
    "guanxi.accounts.tasks.seal_the_trail": gettext_lazy("Seal the audit trail"),
    "guanxi.privacy.tasks.erase_person": gettext_lazy("Erase a customer"),
    "guanxi.privacy.tasks.finish_erasures": gettext_lazy("Go on with erasures"),
    "guanxi.privacy.tasks.finish_erasures_at_night": gettext_lazy("End erasures, nightly"),
    "guanxi.privacy.tasks.keep_to_retention": gettext_lazy("Keep to the retention periods, nightly"),
    "guanxi.privacy.tasks.sweep_copies": gettext_lazy("Delete copies of customers that stood a day"),
    "guanxi.orders.tasks.settle_purchases": gettext_lazy("Add up what each customer bought"),
}


@dataclass(frozen=True)
class Row:
    """A job as the page tells it."""

    job: Job
    title: str | Promise
    state: str
    tone: str
    at: dt.datetime | None
    done: int | None = None
    total: int | None = None
    error: str = ""

    @classmethod
    def of(cls, job: Job) -> "Row":
        """Put a job into words."""
        state, tone, at = _standing(job)
        progress: dict[str, Any] = job.progress if job.state == State.RUNNING else {}
        lines = job.error.strip().splitlines()
        return cls(
            job,
            title_of(job.task),
            state,
            tone,
            at,
            progress.get("done"),
            progress.get("total"),
            lines[-1] if lines else "",
        )

    @property
    def may_be_cancelled(self) -> bool:
        """Whether it can still be asked to stop."""
        return self.job.state in {State.READY, State.RUNNING} and self.job.cancel_requested_at is None

    @property
    def may_be_retried(self) -> bool:
        """Whether it was given up."""
        return bool(self.job.state == State.DEAD)


def title_of(task: str) -> str | Promise:
    """Say what a task is for; one that nobody named goes by its function."""
    return TITLES.get(task, task.rpartition(".")[2].replace("_", " "))


def _standing(job: Job) -> tuple[str, str, dt.datetime | None]:
    if job.state == State.RUNNING:
        words = _("Stopping") if job.cancel_requested_at else _("Running")
        return words, Tone.INFO, job.started_at or job.enqueued_at
    if job.state == State.READY:
        return (_("Tries again"), Tone.WARN, job.run_after) if job.attempts else (_("Waiting"), "", job.run_after)
    if job.state == State.DEAD:
        return _("Given up"), Tone.DANGER, job.finished_at
    return (_("Cancelled"), "", job.finished_at) if job.cancel_requested_at else (_("Done"), Tone.GOOD, job.finished_at)


def of(view: str, *, before: int | None = None) -> tuple[Sequence[Row], int | None]:
    """Give the newest jobs of a view, and where the older ones begin."""
    jobs = _of(view)
    jobs = jobs.filter(pk__lt=before) if before else jobs
    found = list(jobs.order_by("-pk")[: SHOWN + 1])
    rows = [Row.of(job) for job in found[:SHOWN]]
    return rows, found[SHOWN - 1].pk if len(found) > SHOWN else None


def count(view: str) -> int:
    """Count the jobs of a view, to a thousand."""
    return _of(view)[:COUNTED].count()


def _of(view: str) -> QuerySet[Job]:
    return Job.objects.filter(state__in=VIEWS[view][1])


@transaction.atomic
def retry(job: Job, *, by: Staff) -> bool:
    """Have a job that was given up tried again from the beginning; False where it was not given up."""
    given_up = Job.objects.filter(pk=job.pk, state=State.DEAD)
    fresh = {"attempts": 0, "run_after": Now(), "finished_at": None, "cancel_requested_at": None}
    if not given_up.update(state=State.READY, **fresh):
        return False
    AuditEntry.write("job.retried", by=by, on=f"job:{job.pk}")
    return True


@transaction.atomic
def cancel(job: Job, *, by: Staff) -> None:
    """Ask a job to stop."""
    job.cancel()
    AuditEntry.write("job.cancelled", by=by, on=f"job:{job.pk}")


def finding() -> str:
    """Say in a sentence how the work stands."""
    dead, running = count("dead"), Job.objects.filter(state=State.RUNNING).count()
    waiting = max(count("work") - running, 0)
    told = {"running": formats.count(running), "waiting": formats.count(waiting), "dead": formats.count(dead)}
    if dead:
        return _("%(dead)s given up, %(running)s at work, %(waiting)s waiting") % told
    if running or waiting:
        return _("%(running)s at work, %(waiting)s waiting, nothing given up") % told
    return _("Nothing is waiting, and nothing was given up")
