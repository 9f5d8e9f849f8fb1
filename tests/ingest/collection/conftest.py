"""A home of its own, a source, and how it delivers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.working import work_off
from guanxi.ingest.models import EventSource

Sends = Callable[..., None]


@pytest.fixture
def web(owner: Staff, settings: Any, tmp_path: Path) -> EventSource:
    """A source."""
    settings.HOME = tmp_path
    return EventSource.make("Own shop", namespace="web", by=owner)[1]


@pytest.fixture
def sends(web: EventSource) -> Sends:
    """Deliver calls as one batch, and work them off."""

    def sent(*calls: Any) -> None:
        inbox.put(web.pk, json.dumps({"batch": calls}).encode())
        work_off()

    return sent
