"""A lake of its own for every test that asks for one."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
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
