"""Background work that was given up, as people are told of it. Contexts register, at the start, what concerns them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from guanxi.core.jobs.models import Job, State
from guanxi.pages.commands import Text


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
