import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from guanxi.core import book, doctor
from guanxi.core.errors import Failed
from guanxi.core.jobs.models import Job
from guanxi.web import checks

pytestmark = pytest.mark.django_db


def wrongs(check: Any) -> list[str]:
    return [finding.sentence for finding in check() if finding.state == "wrong"]


def test_a_sound_machine_has_nothing_wrong_but_what_is_not_built(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    tmp_path.chmod(0o700)
    for check in (checks.home, checks.disk, checks.database, checks.clock, checks.jobs):
        assert wrongs(check) == []


def test_a_home_open_to_others_is_wrong(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    tmp_path.chmod(0o755)
    assert "other users" in wrongs(checks.home)[0]


def test_an_old_sqlite_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("this book is not SQLite")
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")
    assert "3.40.1" in wrongs(checks.database)[0]


def test_a_full_disk_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FREE_LEAST", 1 << 70)
    assert "free" in wrongs(checks.disk)[0]


def test_a_clock_behind_its_own_records_is_wrong() -> None:
    Job.objects.create(task="x", enqueued_at=timezone.now() + dt.timedelta(hours=2))
    assert "future" in wrongs(checks.clock)[0]


def test_pending_migrations_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "pending", lambda: ["orders.0002_more"])
    assert "pending" in wrongs(checks.database)[-1]


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(doctor, "_checks", {"broken": broken, "whole": lambda: iter([doctor.good("Fine.")])})
    assert [finding["state"] for finding in doctor.examine()] == ["wrong", "good"]


def test_the_command_fails_where_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "_checks", {"disk": lambda: iter([doctor.wrong("It is full.", "Make room.")])})
    with pytest.raises(Failed, match="1 of 1"):
        call_command("doctor")
    assert "Make room." in capsys.readouterr().out


def test_a_book_that_is_gone_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def needs_the_book() -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(doctor, "_checks", {"jobs": needs_the_book})
    assert [finding["state"] for finding in doctor.examine()] == ["note"]
