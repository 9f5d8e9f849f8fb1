"""One place says which version this is, and everything that tells it agrees."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

import guanxi
from guanxi.web import checks
from tests.architecture.source import ROOT, tracked

VERSION = guanxi.__version__


def test_the_version_is_written_once() -> None:
    written = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix in {".py", ".toml", ".html"} and re.search(rf'["\']{re.escape(VERSION)}["\']', path.read_text())
    ]
    assert written == ["src/guanxi/__init__.py"]
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", VERSION)


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    titles = [line for line in lines if line.startswith("## ")]
    assert re.fullmatch(rf"## \[{re.escape(VERSION)}\] - (not released yet|\d{{4}}-\d\d-\d\d)", titles[0])
    kinds = {line for line in lines if line.startswith("### ")}
    assert kinds <= {f"### {kind}" for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")}


def test_the_program_says_its_version_without_a_home(tmp_path: Path) -> None:
    for word in ("version", "--version"):
        program = [sys.executable, "-m", "guanxi", word]
        done = subprocess.run(
            program, cwd=tmp_path, env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, check=True
        )
        assert done.stdout.decode() == f"guanxi {VERSION}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_whoever_is_signed_in_sees_the_version_and_nobody_else(owners_browser: Client) -> None:
    assert f"Guanxi {VERSION}" in owners_browser.get("/").content.decode()
    assert VERSION not in Client().get("/sign-in/").content.decode()


def test_the_doctor_begins_with_the_version() -> None:
    assert next(checks.version()).sentence.startswith(f"Guanxi {VERSION}, Python 3.")
