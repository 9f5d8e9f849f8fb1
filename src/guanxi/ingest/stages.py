"""Where an import stands on its page: what is at work, how far it is, and what can be done next."""

from dataclasses import dataclass
from typing import Self

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from guanxi.core.jobs.models import Job
from guanxi.core.jobs.models import State as JobState
from guanxi.core.time import now
from guanxi.ingest import preview, wizard
from guanxi.ingest.columns import title_of
from guanxi.ingest.models import Import
from guanxi.ingest.presets import BadMapping
from guanxi.pages import formats
from guanxi.pages.components import Progress, Step

State = Import.State
INTERRUPTED = {State.DRAFT: State.CHECKING, State.STOPPED: State.RUNNING}


@dataclass(frozen=True)
class Stage:
    """One import with the job that works on it."""

    batch: Import
    job: Job | None

    @classmethod
    def of(cls, batch: Import) -> Self:
        """Look at the job first: one that has ended leaves a state that is final."""
        job = wizard.job_of(batch)
        if job is None and batch.is_at_work:
            batch.refresh_from_db()
        return cls(batch, job)

    @property
    def state(self) -> str:
        """The state, where work that a worker put aside and will take up again counts as going on."""
        return INTERRUPTED.get(State(self.batch.state), self.batch.state) if self.job else self.batch.state

    @property
    def at_work(self) -> bool:
        """Whether a worker is on it, or will be."""
        return self.job is not None and self.state in {State.CHECKING, State.RUNNING, State.UNDOING}

    @property
    def template(self) -> str:
        """Which page shows it."""
        if self.at_work:
            return "ingest/working.html"
        pages = {State.CHECKED: "checked", State.DONE: "finished", State.UNDONE: "finished"}
        return f"ingest/{pages.get(State(self.state), 'halted')}.html"

    @cached_property
    def written(self) -> bool:
        """Whether something of it stands in the book."""
        return self.batch.changes.exists()

    @property
    def number(self) -> int:
        """Which step of the wizard it is at."""
        early = {State.DRAFT: 2, State.CHECKING: 3, State.CHECKED: 3}
        if self.state == State.FAILED and not self.written:
            return 3
        return early.get(State(self.state), 4)

    @property
    def halt(self) -> str:
        """Say why nothing goes on, and what is there to be done."""
        told = {
            State.STOPPED: _("Stopped. What was written stays; go on, or take it back."),
            State.RUNNING: _("The work stood still. Resume it; nothing is written twice."),
            State.UNDOING: _("Taking it back stood still. Go on with it."),
            State.CHECKING: _("The dry run stood still. Nothing was written; try it out again."),
            State.DRAFT: _("This import is being prepared; nothing was written."),
        }
        broken = _("The import broke off. What was written stays.") if self.written else _("Nothing was written.")
        return told.get(State(self.state), broken)

    @property
    def done_share(self) -> float:
        """How much of the rows is written, 0 to 1."""
        return min(1.0, self.batch.rows_done / self.batch.rows_total) if self.batch.rows_total else 0

    def steps(self) -> list[Step]:
        """The steps; columns may be gone back to while nothing was written."""
        is_open = self.job is None and self.batch.state in wizard.OPEN and not self.written
        columns = reverse("import-columns", args=[self.batch.pk]) if is_open else ""
        return steps(columns)

    @property
    def progress(self) -> Progress:
        """How far the work is."""
        stop = "" if self.state == State.UNDOING else reverse("import-stop", args=[self.batch.pk])
        is_waiting = self.job is not None and self.job.state == JobState.READY
        notes = [_("It begins as soon as a worker is free.")] if is_waiting else []
        title, done, total, per_second = self._course()
        return Progress(title, done, total, per_second, cancel_url=stop, notes=notes)

    def _course(self) -> tuple[str, int, int, float]:
        batch = self.batch
        if self.state == State.RUNNING:
            return _("Importing"), batch.rows_done, batch.rows_total, _rate(batch.rows_done, batch.seconds)
        done = int((self.job.progress if self.job else {}).get("done") or 0)
        per_second = _rate(done, self._elapsed)
        if self.state == State.UNDOING:
            steps_done = batch.rows_done
            return _("Taking the import back"), steps_done, batch.rows_total, _rate(steps_done, self._elapsed)
        if batch.rows_total:
            return _("Comparing the rows with your shop"), batch.rows_total, 0, per_second
        return _("Reading the rows"), done, max(done, _rows_expected(batch)), per_second

    @property
    def _elapsed(self) -> float:
        return (now() - self.job.started_at).total_seconds() if self.job and self.job.started_at else 0

    @property
    def percent(self) -> int:
        """How much is done, in steps of ten, for those who listen."""
        progress = self.progress
        return 10 * progress.done // progress.total * 10 if progress.total else 0


def steps(columns: str = "") -> list[Step]:
    """The four steps of the wizard."""
    return [Step(_("File")), Step(_("Columns"), columns), Step(_("Dry run")), Step(_("Import"))]


def title(batch: Import) -> str:
    """Name the import: Orders from november.csv."""
    names = batch.file_names
    told = {"file": names[0] if names else "?", "more": formats.count(len(names) - 1)}
    if batch.subject == "customers":
        return (_("Customers from %(file)s and %(more)s more") if names[1:] else _("Customers from %(file)s")) % told
    if batch.subject == "events":
        return (_("Events from %(file)s and %(more)s more") if names[1:] else _("Events from %(file)s")) % told
    return (_("Orders from %(file)s and %(more)s more") if names[1:] else _("Orders from %(file)s")) % told


def note(batch: Import) -> str:
    """Say how the files are read: preset, encoding, columns, size."""
    files = preview.kept(batch)
    told = [preset_title(batch)]
    told += sorted({file.encoding.upper() for file in files if file.encoding})
    if files:
        told.append(_("%(count)s columns") % {"count": sum(len(file.columns) for file in files)})
    told.append(formats.size(sum(file["size"] for file in batch.files)))
    return " · ".join(part for part in told if part)


def preset_title(batch: Import) -> str:
    """Name the way its files are read."""
    if batch.preset in {"", "generic"}:
        return _("own columns") if batch.mapping else ""
    try:
        preset = batch.read_as
    except BadMapping:  # the preset is gone since
        return batch.preset
    return title_of(preset) if preset.name == batch.preset and (batch.mapping or {}).get("preset") else batch.preset


def _rate(done: int, seconds: float) -> float:
    return done / seconds if done and seconds else 0


def _rows_expected(batch: Import) -> int:
    return sum(file.row_count for file in preview.kept(batch))
