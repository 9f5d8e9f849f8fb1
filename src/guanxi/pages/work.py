"""Background work that was given up, as people are told of it. Contexts register, at the start, what concerns them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from guanxi.core.jobs.models import Job, State
from guanxi.pages.commands import Text
from guanxi.pages.components import Progress


@dataclass(frozen=True)
class Work:
    """A background task whose failure concerns people: in which words, where its outcome is seen, by whose leave."""

    title: Text
    url_name: str
    permission: str


registered: dict[str, Work] = {}


def register(titles: Mapping[str, Text], *, url_name: str, permission: str) -> None:
    """Have background work told that was given up and has not succeeded since: `titles` by its tasks."""
    for task, title in titles.items():
        registered[task] = Work(title, url_name, permission)


def given_up(tasks: Collection[str]) -> list[Job]:
    """Find the last job of each task where it was given up and none has succeeded since; the newest first."""
    dead = Job.objects.filter(state=State.DEAD, task__in=tasks).values_list("task").annotate(last=Max("pk"))
    last = Job.objects.in_bulk([pk for _task, pk in dead])
    if not last:
        return []
    done = Job.objects.filter(state=State.DONE, task__in=tasks).values_list("task").annotate(last=Max("pk"))
    since: dict[str, int] = dict(done)
    return sorted((job for pk, job in last.items() if since.get(job.task, 0) < pk), key=lambda job: -job.pk)


def sentence(job: Job) -> str:
    """Say what went wrong: in a sentence of ours, never the trace that is kept for whoever mends it."""
    kept = job.error.strip()
    last = kept.rpartition("\n")[2]
    if last == kept:
        return _(last) if last else ""
    _kind, _colon, told = last.partition(": ")
    said = {"number": job.pk}
    return told or _("Something broke on our side; the log of the worker says what, as job %(number)s.") % said


@dataclass(frozen=True)
class UnderWay:
    """The last job of a task as its page shows it: while it waits or runs, and where it was given up."""

    job: Job
    title: str
    progress_url: str
    cancel_url: str = ""

    @classmethod
    def last(cls, task: str, title: str, progress_url: str, cancel_url: str = "") -> "UnderWay | None":
        """Find it by the path of its task; None where it ended well, or there was none."""
        job = Job.objects.filter(task=task).order_by("-pk").first()
        return cls(job, title, progress_url, cancel_url) if job and job.state != State.DONE else None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.job.state == State.DEAD

    @property
    def failure(self) -> str:
        """What went wrong, where it gave up."""
        return sentence(self.job) if self.is_over else ""

    @property
    def failed(self) -> Text:
        """What could not be done, as it was registered."""
        return registered[self.job.task].title

    @property
    def progress(self) -> Progress:
        """How far it is."""
        told = self.job.progress or {}
        waits = [_("It begins as soon as a worker is free.")] if self.job.state == State.READY else []
        done, total = int(told.get("done") or 0), int(told.get("total") or 0)
        return Progress(self.title, done, total, notes=waits, cancel_url=self.cancel_url)


def under_way(request: HttpRequest, work: UnderWay | None) -> HttpResponse:
    """Answer how far work is; once it is over, the page loads anew."""
    answer = render(request, "pages/components/under_way.html", {"work": work})
    if work is None or work.is_over:
        answer["HX-Refresh"] = "true"
    return answer
