"""What the palette can do and find: verbs and finders, registered by the contexts that own them.

A context registers in `AppConfig.ready()`; what the reader may not use, or whose page is not built, is absent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from guanxi.pages.navigation import allowed

Text = str | Promise
Find = Callable[[HttpRequest, str], "Sequence[Hit]"]
Recall = Callable[[HttpRequest, Sequence[str]], "Mapping[str, Hit]"]


@dataclass(frozen=True)
class Subject:
    """What a page is about: its kind, such as `customer`, and its public id."""

    kind: str
    public_id: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """A verb. `subject` names the kind of thing it is done to; without one it is done from anywhere.

    `key` is the letter that does it. `focus` is what the key goes to where the page has it already; else the address
    of `url_name` opens, `rest` added to it.
    """

    name: str
    title: Text
    url_name: str
    subject: str = ""
    rest: str = ""
    focus: str = ""
    key: str = ""
    icon: str = "chevron-right"
    order: int = 50
    permission: str = ""
    words: str = ""


@dataclass(frozen=True)
class Hit:
    """One line of the palette: what it is, what tells it from others, and where it leads."""

    title: Text
    url: str
    icon: str = ""
    note: Text = ""
    key: str = ""
    focus: str = ""
    initial: str = ""
    words: str = ""


@dataclass(frozen=True)
class Finder:
    """A kind of records the palette finds, in the order of the groups.

    `recall` gives back the records of public ids the reader opened lately, `prefix` says which ids are its own.
    """

    name: str
    title: Text
    find: Find
    recall: Recall | None = None
    prefix: str = ""
    order: int = 50
    permission: str = ""


@dataclass
class _Registry:
    commands: dict[str, Command] = field(default_factory=dict)
    finders: dict[str, Finder] = field(default_factory=dict)


_registry = _Registry()


def register(offered: Command | Finder) -> None:
    """Offer a verb or a kind of records; the same name again replaces it."""
    if isinstance(offered, Command):
        _registry.commands[offered.name] = offered
    else:
        _registry.finders[offered.name] = offered


def finders(user: Any) -> list[Finder]:
    """List what the reader may find, in the order of the groups."""
    known = [each for each in _registry.finders.values() if allowed(user, each.permission)]
    return sorted(known, key=lambda each: (each.order, each.name))


def verbs(user: Any, subject: Subject | None) -> list[Hit]:
    """List what the reader may do to a subject, or from anywhere where there is none."""
    kind = subject.kind if subject else ""
    mine = [each for each in _registry.commands.values() if each.subject == kind and allowed(user, each.permission)]
    drawn = (_drawn(each, subject) for each in sorted(mine, key=lambda each: (each.order, each.name)))
    return [hit for hit in drawn if hit.url]


def _drawn(command: Command, subject: Subject | None) -> Hit:
    try:
        url = reverse(command.url_name, args=[subject.public_id] if subject else [])
    except NoReverseMatch:
        url = ""
    return Hit(
        command.title,
        url and url + command.rest,
        command.icon,
        key=command.key,
        focus=command.focus,
        words=command.words,
    )
