"""Ask whether a flaw is known in a package we lock: `python -m tests.advisories [LOCK FILE]`, part of `make check`.

pip-audit asks PyPI, and OSV about what PyPI could not tell. Alone it finds nothing and succeeds where it could ask
nobody, as behind a mirror of PyPI that keeps no advisories; here that is said aloud, and is a failure with
GUANXI_ADVISORIES=required.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCK = "requirements-dev.lock"  # holds all that requirements.lock does
OSV = "https://api.osv.dev/v1/query"
ACCEPTED: dict[str, str] = {}  # the id of an advisory, and why it does not touch us
NO_LINE = (
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "Could not connect",
    "Max retries exceeded",
)


@dataclass
class Answer:
    """What one service said: the flaws it knows, and the packages it could not tell anything about."""

    flaws: list[str] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)
    asked: int = 0


class Broken(Exception):
    """The question itself went wrong."""


def ask(lock: Path, service: str, *, osv: str = OSV) -> Answer:
    """Ask one service about every package of a lock file; one that cannot be reached told nothing about any."""
    with tempfile.TemporaryDirectory(prefix="guanxi-advisories-") as folder:
        words = ["--require-hashes", "--requirement", str(lock), "--disable-pip", "--format", "json"]
        words += ["--vulnerability-service", service, "--osv-url", osv, "--progress-spinner", "off", "--desc", "off"]
        words += ["--cache-dir", folder, *(word for known in ACCEPTED for word in ("--ignore-vuln", known))]
        program = [sys.executable, "-m", "pip_audit", *words]
        done = subprocess.run(program, check=False, capture_output=True, text=True)
    if done.stdout.startswith("{"):
        return read(json.loads(done.stdout))
    if any(word in done.stderr for word in NO_LINE):
        return Answer(untold=names(lock), asked=len(names(lock)))
    raise Broken(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip-audit said nothing at all.")


def names(lock: Path) -> set[str]:
    """Name the packages of a lock file."""
    return {line.partition("==")[0] for line in lock.read_text().splitlines() if line[:1].isalnum() and "==" in line}


def read(report: dict[str, Any]) -> Answer:
    """Take a report of pip-audit apart."""
    found = report["dependencies"]
    return Answer(
        flaws=[_told(each, flaw) for each in found for flaw in each.get("vulns", [])],
        untold={each["name"] for each in found if "skip_reason" in each},
        asked=len(found),
    )


def _told(package: dict[str, Any], flaw: dict[str, Any]) -> str:
    mended = ", ".join(flaw["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {' '.join([flaw['id'], *flaw['aliases']])}; mended in {mended}"


def verdict(answers: list[Answer], *, required: bool) -> tuple[int, str]:
    """Say how it stands, and whether that is a failure."""
    flaws = sorted({flaw for answer in answers for flaw in answer.flaws})
    untold = set.intersection(*(answer.untold for answer in answers))
    if flaws:
        return 1, "\n".join(["Flaws are known in what is locked:", *flaws])
    if untold:
        who = ", ".join(sorted(untold)[:5]) + (" …" if len(untold) > 5 else "")
        gap = f"nobody could be asked about {len(untold)} packages ({who})."
        return int(required), (
            f"ADVISORIES NOT ASKED: {gap} Whether a flaw is known in them is open. "
            "Run `python -m tests.advisories` where https://pypi.org/pypi or https://api.osv.dev can be reached."
        )
    return 0, f"{answers[0].asked} packages, no flaw is known."


def main(arguments: list[str]) -> int:
    """Ask, and ask a second service where the first one left something open."""
    lock = Path(arguments[0] if arguments else LOCK)
    try:
        answers = [ask(lock, "pypi")]
        if answers[0].untold:
            answers.append(ask(lock, "osv"))
    except Broken as error:
        print(f"The advisories could not be asked about: {error}")
        return 1
    status, sentence = verdict(answers, required=os.environ.get("GUANXI_ADVISORIES") == "required")
    print(sentence)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
