"""The toy shop, its tables in the book, and a lake of its own for every test."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from guanxi.warehouse import registry, sync
from tests.warehouse import toy


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        toy.make_tables()


@pytest.fixture
def lake_home(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    for known in ("_tables", "_feeds", "_marts"):
        monkeypatch.setattr(registry, known, {})
    registry.register(*toy.ITEMS)
    monkeypatch.setattr(sync, "TERM", dt.timedelta(minutes=10))  # no renewal: its connection sees no test's transaction
    settings.LAKE = str(tmp_path / "lake")
    settings.LAKE_GRACE_SECONDS = 0
    return tmp_path / "lake"


@pytest.fixture
def shop(lake_home: Path, db: None) -> Path:
    return lake_home
