"""The doctor: checks that say in plain words what is wrong and how to mend it. Each context brings its own."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from django.db import DatabaseError

from guanxi.core.errors import GuanxiError

State = Literal["good", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """What a check found: its state in a sentence, and how to mend it where something is wrong."""

    state: State
    sentence: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]
_checks: dict[str, Check] = {}


def good(sentence: str) -> Finding:
    """All is well."""
    return Finding("good", sentence)


def note(sentence: str, remedy: str = "") -> Finding:
    """Worth knowing, and not wrong."""
    return Finding("note", sentence, remedy)


def wrong(sentence: str, remedy: str) -> Finding:
    """Something is wrong; the remedy says what to do."""
    return Finding("wrong", sentence, remedy)


def check(name: str) -> Callable[[Check], Check]:
    """Register a check, a generator of findings, under a name; in a module that `AppConfig.ready()` imports."""

    def register(function: Check) -> Check:
        _checks[name] = function
        return function

    return register


def examine() -> list[dict[str, str]]:
    """Run every check; one that breaks is itself a finding, and the others go on."""
    return [{"check": name, **asdict(finding)} for name, function in _checks.items() for finding in _run(function)]


def _run(function: Check) -> list[Finding]:
    try:
        return list(function())
    except GuanxiError as error:
        return [wrong(str(error), "Mend this first, then run `guanxi doctor` again.")]
    except DatabaseError:  # the book's own check says why, once
        return [note("Not looked at, because the book cannot be used.", "Mend the book first.")]
    except Exception as error:  # noqa: BLE001 - a broken check must not hide the others
        return [
            wrong(f"This could not be checked: {' '.join(str(error).split())}", "Mend what the other lines name first.")
        ]
