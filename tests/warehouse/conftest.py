"""The toy shop, its tables in the book, and a lake of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.warehouse import toy

from guanxi.warehouse import registry


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock():
        toy.make_tables()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: Path, db: None) -> Iterator[None]:
    for known in ("_tables", "_feeds", "_marts"):
        monkeypatch.setattr(registry, known, {})
    registry.register(*toy.ITEMS)
    settings.LAKE = str(tmp_path / "lake")
    settings.LAKE_GRACE_SECONDS = 0
    yield
