"""The events a webhook can ask for by name: those that pages tell, and the catalogue of what sources say."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.customers import timeline
from guanxi.ingest.collection.names import CATALOGUE

Text = str | Promise
VIEWS = ("Page Viewed", "Screen Viewed")
REST = _("In the shop")


@dataclass(frozen=True)
class Group:
    """Names that are chosen together: `key` stands for all of them in a form."""

    key: str
    title: Text
    names: list[str]


def groups() -> Iterator[Group]:
    """Give the names in groups, each name once."""
    seen: set[str] = set()
    for key, title, names in [*((each.name, each.title, each.events) for each in timeline.chapters()), _rest()]:
        mine = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(mine)
        if mine:
            yield Group(key, title, mine)


def known() -> set[str]:
    """Give every name that can be chosen."""
    return {name for group in groups() for name in group.names}


def _rest() -> tuple[str, Text, tuple[str, ...]]:
    return "rest", REST, (*VIEWS, *(entry.name for entry in CATALOGUE))
