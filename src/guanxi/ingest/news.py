"""Imports in the bell: those at work, with their progress, and what came of the reader's own."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.trail import Named, Words
from guanxi.ingest import outcome, picture, stages
from guanxi.ingest.models import Import
from guanxi.ingest.stages import Stage
from guanxi.pages.navigation import allowed
from guanxi.pages.notices import SHOWN, Notice

State = Import.State
AT_WORK = (State.CHECKING, State.RUNNING, State.UNDOING)
ENDED = (State.CHECKED, State.DONE, State.UNDONE, State.FAILED, State.STOPPED)
LOOKS = {
    State.DONE: ("circle-check", "good"),
    State.UNDONE: ("arrow-back-up", ""),
    State.FAILED: ("alert-triangle", "danger"),
    State.STOPPED: ("player-pause", "warn"),
    State.CHECKED: ("eye", "accent"),
}


def of_imports(request: HttpRequest) -> Sequence[Notice]:
    """Tell of the imports at work, whoever began them, and of how the reader's own ended."""
    if not allowed(request.user, "imports.view"):
        return ()
    told = Q(state__in=AT_WORK) | Q(state__in=ENDED, by=request.user.pk)
    batches = Import.objects.visible_to(request.user).filter(told).defer("cursor").newest_first()[:SHOWN]
    return [_notice(batch) for batch in batches]


def _notice(batch: Import) -> Notice:
    icon, tone = LOOKS.get(State(batch.state), ("file-import", "info"))
    return Notice(
        title=stages.title(batch),
        text=_words(batch),
        href=reverse("import", args=[batch.pk]),
        at=batch.finished_at or batch.started_at or batch.created_at,
        icon=icon,
        tone=tone,
        progress=Stage.of(batch).progress if batch.state in AT_WORK else None,
    )


def _named(keys: Iterable[str]) -> dict[str, Named]:
    found = Import.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()]).defer("sealed_report", "cursor")
    return {str(each.pk): Named(stages.title(each), reverse("import", args=[each.pk])) for each in found}


WORDS = Words(
    acts={
        "import.done": gettext_lazy("Imported files"),
        "import.received": gettext_lazy("Took in what a program sent"),
        "import.undone": gettext_lazy("Took an import back"),
        "import.exported": gettext_lazy("Exported rejected rows"),
    },
    fields={
        "rows": gettext_lazy("Rows"),
        "documents": gettext_lazy("Documents"),
        "orders_new": gettext_lazy("New orders"),
        "customers_new": gettext_lazy("New customers"),
        "rejected": gettext_lazy("Rejected"),
        "added": gettext_lazy("New orders"),
        "changed": gettext_lazy("Changed orders"),
        "file": gettext_lazy("File"),
    },
    names=_named,
)


def _words(batch: Import) -> str:
    """Say what became of it."""
    if batch.state == State.CHECKED:
        return picture.finding(batch)
    if batch.state in {State.DONE, State.UNDONE}:
        return outcome.finding(batch)
    if batch.state == State.FAILED:
        return batch.error.splitlines()[0][:200] if batch.error else _("It failed; open it to go on or take it back.")
    return _("Stopped; open it to go on or take it back.")
