"""What is kept in the repository is ours, whole, and knows no machine."""

import json
import re
import subprocess
import tomllib

import pytest

from tests.architecture.source import ROOT, text_of, tracked

LOCKS = ("requirements.lock", "requirements-dev.lock")
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.:}/~*])/(?:home|root|work|Users|mnt|workspace)/\w")
BUILT = {"vendor", "node_modules", "__pycache__", ".venv", "artifacts"}


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        for match in SOMEBODYS_MACHINE.finditer(text_of(path))
    ]
    assert found == []


def test_nothing_built_is_committed() -> None:
    built = [path for path in tracked() if BUILT & set(path.relative_to(ROOT).parts) or path.suffix in {".mo", ".pyc"}]
    assert built == []


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License\n" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert "APPENDIX: How to apply the Apache License to your work." in text


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_file_pins_with_hashes_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    blocks = re.findall(r"^\S+==\S+(?: ;.*?)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    assert len(blocks) == len(re.findall(r"^\w.*==", text, re.MULTILINE)) > 0


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"requirements.lock": project["project"]["dependencies"]}
    wanted["requirements-dev.lock"] = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for name, dependencies in wanted.items():
        pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(), re.MULTILINE))
        assert {re.split(r"[\[<>=]", dependency)[0].lower() for dependency in dependencies} <= pinned


def test_the_front_end_lock_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_continuous_integration_run_is_a_sound_script() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=True)
