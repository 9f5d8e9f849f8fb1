"""Imports in the background: each task fetches one import and calls one verb."""

import datetime as dt

from django.conf import settings
from django.utils import translation
from django_tasks import TaskContext, task

from guanxi.accounts.models import Staff
from guanxi.core.jobs.run import Run
from guanxi.core.time import now
from guanxi.guard import uploads
from guanxi.ingest.begin import discard
from guanxi.ingest.collection import again, waiting
from guanxi.ingest.customers import run_customers
from guanxi.ingest.dry_run import dry_run
from guanxi.ingest.events import run_events
from guanxi.ingest.models import Import
from guanxi.ingest.run import run
from guanxi.ingest.undo import undo

KEPT = dt.timedelta(days=7)
DAY = 86_400
VERBS = {"orders": run, "customers": run_customers, "events": run_events}


def _watched(context: TaskContext) -> "_Watch":
    return _Watch(Run(context))


def _language(batch: Import) -> str:
    """The language of whoever began it: reasons and errors are kept as they were said."""
    return (batch.by.language if batch.by else "") or settings.LANGUAGE_CODE


class _Watch:
    """Tells the job how far its import is, and stops where the worker must."""

    def __init__(self, job: Run) -> None:
        self.job = job

    def __call__(self, batch: Import) -> None:
        self.job.report(batch.rows_done, batch.rows_total, "rows")
        self.job.check()


@task(queue_name="long", takes_context=True)
def check_import(context: TaskContext, import_id: int) -> None:
    """Try an import out."""
    batch = Import.objects.get(pk=import_id)
    with translation.override(_language(batch)):
        dry_run(batch, progress=_watched(context))


@task(queue_name="long", takes_context=True)
def run_import(context: TaskContext, import_id: int) -> None:
    """Write an import, or the rest of it."""
    batch = Import.objects.get(pk=import_id)
    with translation.override(_language(batch)):
        VERBS[batch.subject](batch, progress=_watched(context), wait=None)


@task(queue_name="long", takes_context=True)
def undo_import(context: TaskContext, import_id: int) -> None:
    """Take an import back."""
    batch = Import.objects.get(pk=import_id)
    with translation.override(_language(batch)):
        undo(batch, progress=_watched(context))


@task
def sweep_imports() -> None:
    """Forget imports that were prepared and left, and files that a killed upload left behind."""
    left = Import.objects.filter(state__in=[Import.State.DRAFT, Import.State.CHECKED], created_at__lt=now() - KEPT)
    for batch in left.filter(changes=None):
        discard(batch)
    uploads.sweep(older_than=dt.timedelta(days=1))


@task(queue_name="long")
def retry_quarantined(query: str, newest: int, staff_id: int) -> None:
    """Try again what waits in quarantine and an address asks for, up to a key."""
    again.retry(waiting.asked_for(query, newest=newest), by=Staff.objects.get(pk=staff_id))


@task(queue_name="long")
def drop_quarantined(query: str, newest: int, staff_id: int) -> None:
    """Drop what waits in quarantine and an address asks for, up to a key."""
    again.drop(waiting.asked_for(query, newest=newest), by=Staff.objects.get(pk=staff_id))
