"""A release as a stranger gets it: packed from this tree, put into an empty environment, started from there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    pack(ROOT, folder)
    return folder


def pack(tree: Path, folder: Path) -> None:
    program = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(program, cwd=tree, check=True, capture_output=True)


@pytest.fixture(scope="session")
def installed(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which nothing is but the wheel and what the lock file names."""
    place = tmp_path_factory.mktemp("installed") / "env"
    wheel, python = next(packed.glob("*.whl")), place / "bin" / "python"
    for words in (
        [UV, "venv", "--python", sys.executable, place],
        [UV, "pip", "install", "--python", python, "--require-hashes", "--requirement", ROOT / "requirements.lock"],
        [UV, "pip", "install", "--python", python, "--no-deps", wheel],
    ):
        done = subprocess.run(
            [*map(str, words), "--quiet"], check=False, capture_output=True, text=True, env=quiet_environment()
        )
        assert done.returncode == 0, done.stderr
    return python.parent


def quiet_environment() -> dict[str, str]:
    """What installing may know: not where our sources lie."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
