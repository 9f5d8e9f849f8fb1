"""A lake of its own for every test that asks for one."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.cast import TODAY


@pytest.fixture
def lake(settings: Any, tmp_path: Path, db: None) -> Path:
    """An empty lake."""
    settings.LAKE = str(tmp_path / "lake")
    settings.LAKE_GRACE_SECONDS = 0
    return tmp_path / "lake"


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """The cast's day, noon in Hangzhou."""
    noon = dt.datetime.combine(TODAY, dt.time(4), dt.UTC)
    monkeypatch.setattr("guanxi.insight.scoring.now", lambda: noon)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    return TODAY


@pytest.fixture
def emptied_fast(transactional_db: None) -> Iterator[None]:
    """Let SQLite empty the book afterwards without looking for every row's children, which takes minutes."""
    yield
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA foreign_keys=OFF")


@pytest.fixture
def checked_again(django_db_blocker: Any) -> Iterator[None]:
    """Open the connection anew for the tests after this one, with its checks on; asked for first, so it ends last."""
    yield
    with django_db_blocker.unblock():
        connection.close()
