"""What people send lies where nobody else can read it, and only if there is room."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from guanxi.guard.errors import BadFile, NoSpace
from guanxi.guard.uploads import Upload, incoming, shown_name, sweep


@pytest.fixture(autouse=True)
def home(settings: object, tmp_path: Path) -> Path:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    settings.IMPORT_MAX_BYTES = 1024**2  # type: ignore[attr-defined]
    return tmp_path


def test_an_upload_is_kept_under_a_random_name_for_its_owner_alone(home: Path) -> None:
    upload = Upload.keep([b"no,", b"name\n"], name="../../etc/三月.csv", size_bytes=8)
    assert upload.path.read_bytes() == b"no,name\n"
    assert (upload.name, upload.size_bytes, upload.path.parent) == ("三月.csv", 8, home / "incoming")
    assert "三月" not in upload.path.name
    assert stat.S_IMODE(upload.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(upload.path.parent.stat().st_mode) == 0o700
    upload.discard()
    upload.discard()
    assert not upload.path.exists()


def test_a_declared_size_too_large_is_refused_before_reading() -> None:
    def unread() -> Iterator[bytes]:
        raise AssertionError
        yield b""

    with pytest.raises(BadFile, match=r"large\.csv has 2 MB; at most 1 MB"):
        Upload.keep(unread(), name="large.csv", size_bytes=2 * 1024**2)


def test_a_size_that_was_hidden_is_found_while_writing() -> None:
    with pytest.raises(BadFile, match="at most 1 MB"):
        Upload.keep((bytes(300_000) for _ in range(10)), name="large.csv")
    assert list(incoming().iterdir()) == []


def test_a_full_disk_is_said_before_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(NoSpace, match="0 MB left"):
        Upload.keep([b"a"], name="orders.csv", size_bytes=1)
    assert list(incoming().iterdir()) == []


def test_what_a_killed_process_left_is_swept_by_age() -> None:
    old, new = (Upload.keep([b"a"], name="a.csv") for _ in range(2))
    os.utime(old.path, (1, 1))
    assert sweep(older_than=timedelta(days=1)) == 1
    assert (old.path.exists(), new.path.exists()) == (False, True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("C:\\orders\\march.csv", "march.csv"), ("a\r\nb\0.csv", "ab.csv"), ("", "The file"), ("x" * 500, "x" * 120)],
)
def test_a_name_from_outside_may_stand_in_a_sentence(name: str, shown: str) -> None:
    assert shown_name(name) == shown
