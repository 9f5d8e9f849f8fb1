"""What other rules would do, as the page shows it: the sentence, gains and losses of each class, who goes where."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight import amendment
from guanxi.insight.amendment import Change
from guanxi.insight.naming import OLD, series_of
from guanxi.insight.whatif import ClassMove, WhatIf
from guanxi.pages import formats
from guanxi.pages.components import Part


@dataclass(frozen=True)
class Consequence:
    """A what-if and the change of the rules behind it."""

    found: WhatIf
    currency: str

    @property
    def sentence(self) -> str:
        """How many would change class."""
        if not self.found.changed:
            return _("Nobody would change class")
        said = {"count": formats.count(self.found.changed)}
        sentence = ngettext(
            "%(count)s customer would change class", "%(count)s customers would change class", self.found.changed
        )
        return sentence % said

    @property
    def share(self) -> float:
        """Which part of all that is."""
        return self.found.changed / self.found.customers if self.found.customers else 0.0

    @property
    def seconds(self) -> str:
        """How long it took to find out."""
        return _("computed in %(seconds)s s") % {"seconds": formats.decimal(max(self.found.seconds, 0.01), 2)}

    @property
    def changes(self) -> list[Change]:
        """What the rules say otherwise, in words."""
        return amendment.changes(self.found.standing, self.found.proposed, self.currency)

    @cached_property
    def classes(self) -> list[dict[str, Any]]:
        """The classes with what they gain and lose."""
        return [
            {
                "name": self.found.named(move.key).name,
                "series": self._series(move.key),
                "move": move,
                "gain": formats.signed(move.gained),
                "words": _words(move),
            }
            for move in self.found.classes
        ]

    @property
    def now(self) -> list[Part]:
        """The classes as they are, as parts of a whole."""
        return [Part(each["move"].now or 0, each["series"]) for each in self.classes]

    @property
    def after(self) -> list[Part]:
        """The classes as they would be."""
        return [Part(each["move"].after or 0, each["series"]) for each in self.classes]

    @property
    def destinations(self) -> list[str]:
        """The heads of the table of who goes where: the proposed classes."""
        return [each.name for each in self.found.proposed.classes]

    @property
    def origins(self) -> list[dict[str, Any]]:
        """The rows of that table: the present classes, and how many of each go to which."""
        return [
            {
                "name": each.name,
                "cells": [
                    {"count": self.found.flows.get((each.key, to.key), 0), "stays": each.key == to.key}
                    for to in self.found.proposed.classes
                ],
            }
            for each in self.found.standing.classes
        ]

    def _series(self, key: str) -> int:
        keys = [each.key for each in self.found.proposed.classes]
        return series_of(self.found.proposed, keys.index(key)) if key in keys else OLD


def _words(move: ClassMove) -> str:
    """Say who comes and who goes."""
    said = {"comes": formats.count(move.comes), "goes": formats.count(move.goes)}
    if move.after is None:
        return _("no more; %(goes)s go elsewhere") % said
    if move.now is None:
        return _("new; %(comes)s come in") % said
    return _("%(comes)s come, %(goes)s go") % said if move.comes or move.goes else _("stays as it is")
