"""The events a webhook can ask for by name: those that pages tell, and the catalogue of what sources say."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.customers import timeline
from guanxi.ingest.collection.names import CATALOGUE

Text = str | Promise
VIEWS = ("Page Viewed", "Screen Viewed")
REST = _("In the shop")


def groups() -> Iterator[tuple[Text, list[str]]]:
    """Give the names in groups, each name once."""
    seen: set[str] = set()
    for title, names in [*((each.title, each.events) for each in timeline.chapters()), (REST, _rest())]:
        mine = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(mine)
        if mine:
            yield title, mine


def known() -> set[str]:
    """Give every name that can be chosen."""
    return {name for _title, names in groups() for name in names}


def _rest() -> tuple[str, ...]:
    return (*VIEWS, *(entry.name for entry in CATALOGUE))
