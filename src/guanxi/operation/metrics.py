"""What a monitoring system reads: `GET /metrics` in the text format of Prometheus, figures of the installation alone.

It answers a bearer of `GUANXI_METRICS_TOKEN`; without a token only this machine itself. A request that came through a
proxy is not this machine's. Whoever may not ask is told that there is nothing.
"""

import hmac
import shutil
from collections.abc import Callable, Iterator
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from guanxi import __version__
from guanxi.core.jobs.models import Job, State
from guanxi.operation import backup, rooms
from guanxi.operation.models import Pause
from guanxi.warehouse import models as lake

Figure = tuple[str, str, float]
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")


class Metrics:
    """Answers `/metrics` before every other middleware, and hands on the rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer who may ask."""
        if request.path != "/metrics" or not may_ask(request):
            return self.get_response(request)
        return HttpResponse(text(), content_type="text/plain; version=0.0.4", headers={"Cache-Control": "no-store"})


def may_ask(request: HttpRequest) -> bool:
    """Tell whether a request bears the token, or comes from this machine where there is none."""
    token = settings.METRICS_TOKEN
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    if any(request.headers.get(name) for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def text() -> str:
    """Spell every figure; a book that cannot be reached is a figure too."""
    lines = [f'# TYPE guanxi_info gauge\nguanxi_info{{version="{__version__}"}} 1']
    try:
        found = [*of_the_book(), *of_the_machine(), ("guanxi_book_up", "", 1)]
    except DatabaseError:
        found = [*of_the_machine(), ("guanxi_book_up", "", 0)]
    told = set()
    for name, labels, value in found:
        if name not in told:
            lines.append(f"# TYPE {name} gauge")
            told.add(name)
        lines.append(f"{name}{labels} {value:g}" if value != int(value) else f"{name}{labels} {int(value)}")
    return "\n".join(lines) + "\n"


def of_the_book() -> Iterator[Figure]:
    """Count jobs, and tell how old things are."""
    now = timezone.now()
    counted = dict(Job.objects.exclude(state=State.DONE).order_by().values_list("state").annotate(Count("pk")))
    for state in (State.READY, State.RUNNING, State.DEAD):
        yield "guanxi_jobs", f'{{state="{state}"}}', counted.get(state, 0)
    oldest = Job.objects.due().order_by().aggregate(first=Min("run_after"))["first"]
    yield "guanxi_jobs_oldest_wait_seconds", "", (now - oldest).total_seconds() if oldest else 0
    as_of = lake.as_of()
    if as_of:
        yield "guanxi_lake_age_seconds", "", (now - as_of).total_seconds()
    yield "guanxi_sending_paused", "", int(Pause.objects.open().exists())
    yield "guanxi_book_bytes", "", rooms.size_of_book()


def of_the_machine() -> Iterator[Figure]:
    """Tell of the disk and of the last backup."""
    yield "guanxi_disk_free_bytes", "", shutil.disk_usage(settings.HOME).free
    age = backup.age()
    if age is not None:
        yield "guanxi_backup_age_seconds", "", age.total_seconds()
