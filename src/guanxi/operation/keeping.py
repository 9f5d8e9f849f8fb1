"""The backups taken from this home as its owner sees them, and the verb to take another in the background."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.models import Job, State
from guanxi.core.jobs.run import Run
from guanxi.operation import backup, passphrases
from guanxi.operation.tasks import take_backup
from guanxi.pages import moments
from guanxi.pages.components import Progress

TASK = take_backup.module_path
OLD = dt.timedelta(days=2)
SHOWN = 30
STEPS = {  # in their order, by what the backup tells of itself
    backup.COPYING: gettext_lazy("Copying the book"),
    backup.PACKING: gettext_lazy("Packing the backup"),
    backup.READING: gettext_lazy("Reading the backup back"),
}


@dataclass(frozen=True)
class Taken:
    """A backup as the page tells it."""

    file: Path
    at: dt.datetime
    octets: int
    rows: int
    sealed: bool
    there: bool

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Taken":
        """Read a line of the diary, and look whether its file is still there."""
        file, made_at = Path(told["file"]), dt.datetime.fromisoformat(told["made_at"])
        return cls(file, made_at, told["bytes"], told["rows"], told["sealed"], _is_there(file))

    @property
    def is_beside_the_book(self) -> bool:
        """Whether it lies in the home, and is lost with it."""
        return self.file.is_relative_to(settings.HOME)


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # a folder that the pages may not look into
        return False


def folder() -> Path:
    """Give the place for backups that are taken from here."""
    return Path(settings.BACKUPS or settings.HOME / "backups")


def taken() -> list[Taken]:
    """Give the last backups, the newest first."""
    return [Taken.of(told) for told in backup.diary()[: -SHOWN - 1 : -1]]


def at_work() -> Job | None:
    """Find the backup that is being taken, or waits to be."""
    return Job.objects.filter(task=TASK, state__in=[State.READY, State.RUNNING]).order_by("-pk").first()


def progress_of(job: Job) -> Progress:
    """Say at which step a backup is."""
    done = int(job.progress.get("done", 0)) if job.state == State.RUNNING else 0
    title = list(STEPS.values())[min(done, len(STEPS) - 1)] if job.state == State.RUNNING else _("The backup begins")
    cancel_url = "" if job.cancel_requested_at else reverse("operation:cancellation", args=[job.pk])
    return Progress(title=title, done=done, total=len(STEPS), cancel_url=cancel_url)


@transaction.atomic
def ask_for(*, by: Staff) -> bool:
    """Have a backup taken in the background; False where one is on its way already."""
    if at_work():
        return False
    take_backup.enqueue()
    AuditEntry.write("operation.backup_taken", by=by, on="operation:backup")
    return True


def take(job: Run) -> dict[str, Any]:
    """Take a backup into the folder of this installation, sealed where a pass phrase is set."""
    order, place = list(STEPS), folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)

    def tell(sentence: str) -> None:
        job.check()
        if sentence in order:
            job.report(order.index(sentence), len(order), "steps")

    return backup.back_up(place, passphrase=passphrases.given(None), tell=tell)


def finding(newest: Taken | None, job: Job | None) -> str:
    """Say in a sentence how it stands."""
    if job:
        return _("A backup is being taken")
    if newest is None:
        return _("No backup was taken yet")
    words = {"age": moments.since(newest.at)}
    if not newest.there:
        return _("The last backup, %(age)s, is not where it was put") % words
    if timezone.now() - newest.at > OLD:
        return _("The last backup is old: %(age)s") % words
    return _("The last backup is whole: %(age)s") % words
