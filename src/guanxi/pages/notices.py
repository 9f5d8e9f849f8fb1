"""What the bell tells: long work and how it ended. Contexts register who knows, in `AppConfig.ready()`."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from guanxi.pages.commands import Text
from guanxi.pages.components import Progress

SHOWN = 8
KEPT = dt.timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One piece of news: what it is about, what became of it, when; `progress` while it is still at work."""

    title: Text
    text: Text
    href: str
    at: dt.datetime
    icon: str = "activity"
    tone: str = ""
    progress: Progress | None = None


Source = Callable[[HttpRequest], Sequence[Notice]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Say who knows of news; the same name again replaces it."""
    _sources[name] = source


def news(request: HttpRequest) -> list[Notice]:
    """Gather the news of a reader: what is at work first, then the newest."""
    since = timezone.now() - KEPT
    told = [notice for source in _sources.values() for notice in source(request) if notice.at >= since]
    return sorted(told, key=lambda notice: (notice.progress is not None, notice.at), reverse=True)[:SHOWN]


def unread(told: Sequence[Notice], user: Any) -> int:
    """Count the news that ended after the reader looked last."""
    seen: dt.datetime | None = getattr(user, "notices_seen_at", None)
    return sum(1 for notice in told if notice.progress is None and (seen is None or notice.at > seen))
