"""What `guanxi customers` can do: each context brings its verbs in `AppConfig.ready()`, for a command has one place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandParser


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One subcommand: `arguments` adds its own to the parser, `run` takes them by name with `note` beside them."""

    name: str
    help: str
    run: Callable[..., Any]
    arguments: Callable[[CommandParser], object] = lambda _parser: None


_verbs: dict[str, Verb] = {}


def register(*verbs: Verb) -> None:
    """Offer verbs; the same name again replaces it."""
    _verbs.update({verb.name: verb for verb in verbs})


def verbs() -> list[Verb]:
    """List what can be done, by name."""
    return [_verbs[name] for name in sorted(_verbs)]
