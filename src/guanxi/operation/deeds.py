"""What owners do to the installation, in words: for the audit trail, and for the bell where a backup failed."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.trail import Named, Words
from guanxi.operation.tasks import take_backup

WORK = {take_backup.module_path: _("Backup")}


def _parts(keys: Iterable[str]) -> dict[str, Named]:
    named = {
        "sending": Named(_("Sending"), reverse("operation:jobs")),
        "backup": Named(_("Backups"), reverse("operation:backups")),
    }
    return {key: named[key] for key in keys if key in named}


def _jobs(keys: Iterable[str]) -> dict[str, Named]:
    return {key: Named(format_lazy(_("Job No. {number}"), number=key), reverse("operation:jobs")) for key in keys}


OPERATION = Words(
    acts={
        "operation.backup_taken": _("Had a backup taken"),
        "operation.sending_paused": _("Paused all sending"),
        "operation.sending_resumed": _("Let messages be sent again"),
    },
    names=_parts,
)
JOB = Words(acts={"job.retried": _("Had a job tried again"), "job.cancelled": _("Asked a job to stop")}, names=_jobs)
