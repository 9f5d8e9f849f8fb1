"""The work that follows a change of the rules: every customer is scored anew, and the page shows how far it is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.core.jobs.models import Job, State
from guanxi.insight.tasks import rescore
from guanxi.pages.components import Progress
from guanxi.pages.work import sentence


@dataclass(frozen=True)
class Recomputation:
    """The last job that scores by new rules."""

    job: Job

    @classmethod
    def last(cls) -> "Recomputation | None":
        """Find it; None where there is none any more."""
        job = Job.objects.filter(task=rescore.module_path).order_by("-pk").first()
        return cls(job) if job else None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.job.state in {State.DONE, State.DEAD}

    @property
    def failure(self) -> str:
        """What went wrong, where it gave up."""
        return sentence(self.job) if self.job.state == State.DEAD else ""

    @property
    def progress(self) -> Progress:
        """How far it is."""
        told = self.job.progress or {}
        waits = [_("It begins as soon as a worker is free.")] if self.job.state == State.READY else []
        return Progress(
            _("Scoring every customer by the new rules"),
            int(told.get("done") or 0),
            int(told.get("total") or 0),
            notes=waits,
        )


def begin() -> None:
    """Have the customers scored by the rules in force; in the transaction of whatever changed them."""
    rescore.enqueue()
