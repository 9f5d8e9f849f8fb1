"""The usual way of taking events, to measure ours against: a Django view with pydantic and `bulk_create`, served alike.

It takes batches at the same address and keeps them in a table of its own in the book, as durably.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")

import django

django.setup()

from datetime import datetime
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection, connections, models, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from pydantic import BaseModel


class UsualEvent(models.Model):
    """An event as a plain Django project would keep it."""

    message_id = models.CharField(max_length=100, unique=True)
    event = models.CharField(max_length=100)
    user_id = models.CharField(max_length=100, blank=True, default="")
    anonymous_id = models.CharField(max_length=100, blank=True, default="")
    at = models.DateTimeField()
    properties = models.JSONField(default=dict)
    context = models.JSONField(default=dict)

    class Meta:
        app_label = "ingest"
        db_table = "benchmark_usual_event"

    def __str__(self) -> str:
        return self.event


class Told(BaseModel):
    """A call."""

    type: str
    event: str = ""
    messageId: str  # noqa: N815 - the interface's name
    userId: str = ""  # noqa: N815 - as above
    anonymousId: str = ""  # noqa: N815 - as above
    timestamp: datetime
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}


class Batch(BaseModel):
    """Calls."""

    writeKey: str  # noqa: N815 - as above
    batch: list[Told]


def take(request: HttpRequest) -> JsonResponse:
    """Keep a batch."""
    told = Batch.model_validate_json(request.body)
    rows = [
        UsualEvent(
            message_id=each.messageId, event=each.event, user_id=each.userId, anonymous_id=each.anonymousId,
            at=each.timestamp, properties=each.properties, context=each.context,
        )
        for each in told.batch
    ]  # fmt: skip
    with transaction.atomic():
        UsualEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return JsonResponse({"success": True})


urlpatterns = [path("v1/batch", take), path("health", lambda _request: JsonResponse({}))]


def load() -> Any:
    """Load the application with this one view, and as durable as the inbox is."""
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks._collected"
    settings.MIDDLEWARE = []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("pragma synchronous=full")
    return get_wsgi_application()


def make() -> None:
    """Make the table."""
    with connection.schema_editor() as editor:
        editor.create_model(UsualEvent)


def serve(port: int) -> None:
    """Serve until SIGTERM, as our own server does."""
    from granian import Granian
    from granian.constants import Interfaces

    from guanxi.web.server import PROCESSES, THREADS

    connections.close_all()
    Granian(
        "benchmarks._collected:load", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=PROCESSES,
        blocking_threads=THREADS, backpressure=512, log_level="error",
    ).serve(target_loader=load, wrap_loader=False)  # fmt: skip
