"""The page of the backups: what was taken, whether it is whole and still there, and the button for another."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs import run
from guanxi.core.jobs.models import Job, State
from guanxi.core.jobs.worker import Worker
from guanxi.operation import archive, backup, keeping, sending
from guanxi.operation.models import Pause

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def english(home: Path, owner: Staff) -> None:
    Staff.objects.update(language="en")


@pytest.fixture
def page(owners_browser: Client) -> Any:
    return lambda: " ".join(owners_browser.get("/jobs/backups/").content.decode().split())


def noted(home: Path, file: Path, *, days: float = 0, sealed: bool = True) -> None:
    made_at = timezone.now() - dt.timedelta(days=days)
    told = {"file": str(file), "made_at": made_at.isoformat(), "bytes": 3_100_000, "rows": 1_234, "sealed": sealed}
    with (home / backup.DIARY).open("a") as diary:
        diary.write(json.dumps(told) + "\n")


def test_before_the_first_backup_the_page_says_how_one_is_taken(page: Any) -> None:
    shown = page()
    assert "<h1>No backup was taken yet</h1>" in shown
    assert "Back up now" in shown


def test_the_button_takes_a_whole_backup_in_the_background(
    shop: Path, owners_browser: Client, owner: Staff, page: Any
) -> None:
    owners_browser.post("/jobs/backups/new/")
    assert "<h1>A backup is being taken</h1>" in page()
    assert "Back up now" not in page()
    assert f"/jobs/{keeping.at_work().pk}/cancellation/" in page()
    entry = AuditEntry.objects.get(act="operation.backup_taken")
    assert (entry.by, entry.subject) == (owner, "operation:backup")
    Worker(["long"]).drain()
    job = Job.objects.get(task=keeping.TASK)
    assert job.state == State.DONE, job.error
    (file,) = (shop / "backups").glob("guanxi-*.backup")
    assert archive.read(file, "")["guanxi"]
    assert file.stat().st_mode & 0o777 == 0o600
    shown = page()
    assert "<h1>The last backup is whole: " in shown
    for words in (str(file), "Read back whole", "Not sealed", "copy it to another machine", "Back up now"):
        assert words in shown, words


def test_with_a_pass_phrase_the_button_seals(shop: Path, page: Any, owner: Staff, monkeypatch: Any) -> None:
    assert "Backups taken here are not sealed" in page()
    monkeypatch.setenv("GUANXI_BACKUP_PASSPHRASE", "rain on the tea hill")
    assert "Backups taken here are not sealed" not in page()
    keeping.ask_for(by=owner)
    Worker(["long"]).drain()
    (taken,) = keeping.taken()
    assert taken.sealed
    assert archive.read(taken.file, "rain on the tea hill")["guanxi"]


def test_while_a_backup_is_on_its_way_the_button_asks_for_no_second(owners_browser: Client, owner: Staff) -> None:
    assert keeping.ask_for(by=owner)
    assert not keeping.ask_for(by=owner)
    owners_browser.post("/jobs/backups/new/")
    assert Job.objects.filter(task=keeping.TASK).count() == 1
    assert AuditEntry.objects.filter(act="operation.backup_taken").count() == 1


def test_a_backup_that_was_asked_to_stop_leaves_nothing(shop: Path, owner: Staff, monkeypatch: Any) -> None:
    keeping.ask_for(by=owner)
    job = Job.objects.get(task=keeping.TASK)
    monkeypatch.setattr(run, "INTERVAL", 0)
    monkeypatch.setattr(backup.bookcopy, "take", lambda _stage: job.cancel() or {"tables": {}})
    Worker(["long"]).drain()
    job.refresh_from_db()
    assert job.cancel_requested_at
    assert list((shop / "backups").iterdir()) == []
    assert keeping.taken() == []


def test_the_page_tells_how_old_a_backup_is_and_whether_it_is_still_there(
    home: Path, tmp_path: Path, page: Any
) -> None:
    (tmp_path / "kept.backup").touch()
    noted(home, tmp_path / "kept.backup", days=3)
    assert "<h1>The last backup is old: 3 days ago</h1>" in page()
    noted(home, tmp_path / "lost.backup", sealed=False)
    shown = page()
    assert "is not where it was put</h1>" in shown
    assert shown.index("lost.backup") < shown.index("kept.backup")
    for words in ("Not there any more", "Read back whole", "Sealed", "Not sealed", "1,234", "3.1 MB"):
        assert words in shown, words
    assert "copy it to another machine" not in shown


def test_the_page_hands_out_no_backup(home: Path, page: Any, owners_browser: Client) -> None:
    (home / "kept.backup").write_text("the whole shop")
    noted(home, home / "kept.backup")
    assert 'kept.backup"' not in page()
    assert owners_browser.get("/jobs/backups/kept.backup").status_code == 404


def test_the_page_costs_the_same_however_many_there_are(
    home: Path, page: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        noted(home, home / f"{number}.backup", days=60 - number)
    with django_assert_max_num_queries(12):
        shown = page()
    assert "59.backup" in shown
    assert "29.backup" not in shown


def test_backups_are_for_owners(agent: Staff) -> None:
    client = Client()
    client.force_login(agent)
    assert client.get("/jobs/backups/").status_code == 403
    assert client.post("/jobs/backups/new/").status_code == 403
    assert not Job.objects.exists()
    assert "/jobs/backups/" not in client.get("/customers/").content.decode()


def test_what_a_killed_backup_left_is_removed_a_day_later(shop: Path, tmp_path: Path) -> None:
    import os

    old, fresh = tmp_path / ".old.backup.part", tmp_path / ".new.backup.part"
    for part in (old, fresh):
        part.touch()
    os.utime(old, (0, 0))
    backup.back_up(tmp_path / "shop.backup")
    assert not old.exists()
    assert fresh.exists()


def test_what_owners_do_to_the_installation_stands_in_the_trail(owners_browser: Client, owner: Staff) -> None:
    dead, running = (Job.objects.create(task="x", state=state) for state in (State.DEAD, State.RUNNING))
    for address in ("pause/", "pause/end/", f"{dead.pk}/retry/", f"{running.pk}/cancellation/", "backups/new/"):
        owners_browser.post(f"/jobs/{address}")
    acts = AuditEntry.objects.filter(by=owner).order_by("pk").values_list("act", flat=True)
    told = ["operation.sending_paused", "operation.sending_resumed", "job.retried", "job.cancelled"]
    assert list(acts) == [*told, "operation.backup_taken"]
    trail = owners_browser.get("/settings/audit/").content.decode()
    for words in ("Paused all sending", "Had a job tried again", f"Job No. {dead.pk}", "Had a backup taken"):
        assert words in trail, words
    sending.pause(Pause.Reason.COPIED)  # nobody did that
    assert AuditEntry.objects.count() == 5
