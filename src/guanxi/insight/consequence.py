"""What other rules would do, as the page shows it: the sentence, gains and losses of each class, who goes where."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight import amendment
from guanxi.insight.addresses import people
from guanxi.insight.amendment import Change
from guanxi.insight.naming import OLD, series_of
from guanxi.insight.whatif import ClassMove, WhatIf
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
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
    def flows(self) -> Chart:
        """Who goes from which class to which; a scheme has six classes at most, so that each side stays readable."""
        was, made = self.found.standing.classes, self.found.proposed.classes
        pairs = [(one, other, self.found.flows.get((one.key, other.key), 0)) for one in was for other in made]
        whole = {one.key: sum(count for each, _other, count in pairs if each is one) for one in was}
        return Chart(
            name="class-moves",
            kind="sankey",
            finding=self.flow_finding,
            columns=[
                Column("was", _("Class now")),
                Column("made", _("Class after")),
                Column("customers", _("Customers"), form="count", series=1),
            ],
            rows=[
                {"was": one.name, "made": other.name, "customers": count, "all_of": self._all_of(one.key, count, whole)}
                for one, other, count in pairs
                if count
            ],
            colours={each.name: self._series(each.key) for each in (*was, *made)},
            hrefs=people() + "?class={all_of}",
        )

    @property
    def flow_finding(self) -> str:
        """The largest move, in a sentence."""
        moves = {pair: count for pair, count in self.found.flows.items() if pair[0] != pair[1]}
        if not moves:
            return _("Nobody would change class")
        was, made = max(moves, key=lambda pair: moves[pair])
        said = {"count": formats.count(moves[was, made]), "was": self._was(was), "made": self.found.named(made).name}
        sentence = ngettext(
            "The largest move: %(count)s customer from “%(was)s” to “%(made)s”",
            "The largest move: %(count)s customers from “%(was)s” to “%(made)s”",
            moves[was, made],
        )
        return sentence % said

    def _was(self, key: str) -> str:
        standing = self.found.standing.named(key)
        return standing.name if standing else key

    @staticmethod
    def _all_of(key: str, count: int, whole: dict[str, int]) -> str | None:
        """Name the class whose people a flow holds, where it holds all of them: no list tells a part from the rest."""
        return key if count == whole[key] else None

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
