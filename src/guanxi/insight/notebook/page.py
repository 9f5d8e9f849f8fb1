"""A notebook as its page tells it, and the answer below one of its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from guanxi.core.jobs.models import Job, State
from guanxi.insight.notebook import asking, drawing, faults
from guanxi.insight.notebook.cells import MOST_CELLS, TITLES, Cell
from guanxi.insight.notebook.models import Notebook, Question
from guanxi.insight.notebook.rows import COLUMNS, SHOWN, Field, Rows, Shown
from guanxi.pages import formats
from guanxi.pages.charts import Chart

ALL = asking.ROWS


@dataclass(frozen=True)
class Editor:
    """What the page of a notebook shows: kept, or typed and not yet kept."""

    title: str
    cells: Sequence[Cell]
    notebook: Notebook | None = None
    problems: Sequence[str] = ()
    fault_in: int = 0
    fault: str = ""

    @property
    def version(self) -> int:
        """The version that is changed."""
        return self.notebook.version if self.notebook else 0

    @property
    def is_full(self) -> bool:
        """Whether no cell more fits."""
        return len(self.cells) >= MOST_CELLS

    @property
    def charts(self) -> list[tuple[str, Promise]]:
        """The kinds of charts, by name."""
        return [*TITLES.items()]


@dataclass(frozen=True)
class Answered:
    """What the newest question with a cell's text says; `first` is the first row shown."""

    cell: Cell
    question: Question | None
    first: int = 0

    @cached_property
    def rows(self) -> Rows | None:
        """The rows, where it was answered and they are still there."""
        return Rows(self.question) if self.question and self.question.is_done else None

    @property
    def fields(self) -> list[Field]:
        """The columns that are shown."""
        return self.rows.fields[:COLUMNS] if self.rows else []

    @property
    def page(self) -> list[list[Shown]]:
        """The rows that are shown."""
        return self.rows.page(self.first) if self.rows else []

    @property
    def last(self) -> int:
        """Which row is the last one shown, from 1."""
        return min(self.first + self.rows.step, self.rows.reach) if self.rows else 0

    @property
    def before(self) -> int | None:
        """Where the page before begins."""
        return max(self.first - self.rows.step, 0) if self.rows and self.first else None

    @property
    def after(self) -> int | None:
        """Where the next page begins."""
        return self.last if self.rows and self.last < self.rows.reach else None

    @property
    def is_stale(self) -> bool:
        """Whether the lake has changed since."""
        return self.question is not None and self.question.state_key != asking.state_key(self.cell.text)

    @cached_property
    def is_at_work(self) -> bool:
        """Whether it waits or runs; one whose job ended without a word does not."""
        return bool(self.question and self.question.is_waiting and self._job and self._job.state in
                    {State.READY, State.RUNNING})  # fmt: skip

    @cached_property
    def _job(self) -> Job | None:
        return Job.objects.filter(pk=self.question.job or 0).first() if self.question else None

    @property
    def waits(self) -> bool:
        """Whether no worker has begun yet."""
        return bool(self._job and self._job.state == State.READY)

    @property
    def elapsed(self) -> int:
        """For how many seconds it has run."""
        begun = self._job and self._job.started_at
        return min(int((timezone.now() - begun).total_seconds()), asking.SECONDS) if begun else 0

    @property
    def fault(self) -> str:
        """Why it could not be answered, and where in the SQL that is."""
        return faults.whole(self.question.fault) if self.question else ""

    @property
    def summary(self) -> str:
        """Rows and seconds."""
        if self.question is None or self.rows is None:
            return ""
        count = formats.count(self.question.rows)
        said = {"rows": count, "seconds": formats.decimal(self.question.seconds, 2)}
        if self.question.truncated:
            return _("The first %(rows)s rows, in %(seconds)s s; the answer has more than is kept") % said
        return _("%(rows)s rows in %(seconds)s s") % said

    @property
    def notes(self) -> list[str]:
        """What is not shown, and where it is."""
        if self.rows is None:
            return []
        found = []
        if self.rows.count > SHOWN:
            said = {"shown": SHOWN, "all": formats.count(self.rows.count), "most": formats.count(ALL)}
            found.append(_("The first %(shown)s rows are shown; files hold all %(all)s, at most %(most)s.") % said)
        if len(self.rows.fields) > COLUMNS:
            said = {"shown": COLUMNS, "all": len(self.rows.fields)}
            found.append(_("The first %(shown)s of %(all)s columns are shown; files hold all.") % said)
        if any(each.name.lower().endswith("_minor") for each in self.fields):
            found.append(_("Columns ending in _minor are in minor units, such as cents; charts show them as money."))
        return found

    @cached_property
    def drawn(self) -> "Chart | str":
        """The chart; a sentence where these rows make none; nothing where none is wanted."""
        if self.rows is None or not self.cell.chart.kind or not self.rows.count:
            return ""
        try:
            return drawing.chart(self.cell.chart, self.rows, self.cell.name)
        except drawing.NotDrawable as error:
            return str(error)

    @property
    def chart(self) -> Chart | None:
        """The chart, where there is one."""
        return self.drawn if isinstance(self.drawn, Chart) else None

    @property
    def undrawn(self) -> str:
        """Why there is none."""
        return self.drawn if isinstance(self.drawn, str) else ""
