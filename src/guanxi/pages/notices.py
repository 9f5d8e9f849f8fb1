"""What the bell tells: long work and how it ended. Contexts register who knows, in `AppConfig.ready()`."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from guanxi.core.jobs.models import Job
from guanxi.pages import work
from guanxi.pages.commands import Text
from guanxi.pages.components import Progress
from guanxi.pages.navigation import allowed
from guanxi.pages.work import Work

SHOWN = 8
KEPT = dt.timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One piece of news: what it is about, what became of it, when; `progress` while it is still at work.

    One that is `standing` is told as long as it holds, however long ago it began.
    """

    title: Text
    text: Text
    href: str
    at: dt.datetime
    icon: str = "activity"
    tone: str = ""
    progress: Progress | None = None
    standing: bool = False


Source = Callable[[HttpRequest], Sequence[Notice]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Say who knows of news; the same name again replaces it."""
    _sources[name] = source


def of_work(request: HttpRequest) -> Sequence[Notice]:
    """Tell of the work that was given up, as far as the reader is concerned by it: one question for all of it."""
    mine = {task: each for task, each in work.registered.items() if allowed(request.user, each.permission)}
    return [_given_up(job, mine[job.task]) for job in work.given_up(mine)] if mine else ()


def _given_up(job: Job, told: Work) -> Notice:
    at = job.finished_at or job.enqueued_at
    href = reverse(told.url_name)
    return Notice(title=told.title, text=work.sentence(job), href=href, at=at, icon="alert-triangle", tone="danger")


def news(request: HttpRequest) -> list[Notice]:
    """Gather the news of a reader: what is at work first, then the newest."""
    since = timezone.now() - KEPT
    found = [notice for source in (*_sources.values(), of_work) for notice in source(request)]
    told = [notice for notice in found if notice.standing or notice.at >= since]
    return sorted(told, key=lambda notice: (notice.progress is not None, notice.at), reverse=True)[:SHOWN]


def unread(told: Sequence[Notice], user: Any) -> int:
    """Count the news that ended after the reader looked last."""
    seen: dt.datetime | None = getattr(user, "notices_seen_at", None)
    return sum(1 for notice in told if notice.progress is None and (seen is None or notice.at > seen))
