"""Before a book is brought up to date it is looked at; there is always a way back."""

import datetime as dt
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from guanxi.core import book
from guanxi.guard.errors import NoSpace
from guanxi.operation import backup, rooms, upgrade
from guanxi.operation.errors import NotUpgradable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book that lacks a migration."""
    monkeypatch.setattr(book, "pending", lambda: ["orders.0099_more"])
    return home


def backed_up(home: Path, *, ago: dt.timedelta) -> None:
    told = {"made_at": (timezone.now() - ago).isoformat()}
    (home / backup.DIARY).write_text(json.dumps(told) + "\n")


def test_a_book_that_is_up_to_date_or_new_needs_nothing(home: Path) -> None:
    upgrade.check()
    assert list(home.iterdir()) == []


def test_a_sqlite_book_without_a_backup_is_copied_first(behind: Path) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(NotUpgradable, match="guanxi backup FILE"):
            upgrade.check()
        return
    upgrade.check()
    with closing(sqlite3.connect(behind / upgrade.COPY)) as copy:
        assert copy.execute("select count(*) from django_migrations").fetchone()[0] > 20
    assert (behind / upgrade.COPY).stat().st_mode & 0o777 == 0o600


def test_a_backup_of_today_is_enough_and_an_old_one_is_not(behind: Path) -> None:
    backed_up(behind, ago=dt.timedelta(hours=3))
    upgrade.check()
    assert not (behind / upgrade.COPY).exists()
    backed_up(behind, ago=dt.timedelta(days=3))
    if connection.vendor == "postgresql":
        with pytest.raises(NotUpgradable):
            upgrade.check()
    else:
        upgrade.check()
        assert (behind / upgrade.COPY).exists()


def test_who_insists_goes_without(behind: Path) -> None:
    upgrade.check(without_backup=True)
    assert not (behind / upgrade.COPY).exists()


def test_a_disk_without_room_is_told_first(behind: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("its disk is not ours to see")
    monkeypatch.setattr(rooms, "SPARE", 1 << 60)
    backed_up(behind, ago=dt.timedelta(hours=3))
    with pytest.raises(NoSpace):
        upgrade.check()


def test_a_book_of_a_newer_guanxi_is_left_alone(home: Path) -> None:
    MigrationRecorder(connection).record_applied("orders", "0999_unheard_of")
    try:
        for with_or_without in (True, False):
            with pytest.raises(CommandError, match="0999_unheard_of"):
                call_command("migrate", verbosity=0, without_backup=with_or_without)
    finally:
        MigrationRecorder(connection).record_unapplied("orders", "0999_unheard_of")
