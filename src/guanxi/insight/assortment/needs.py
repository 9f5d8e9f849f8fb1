"""What people look for and do not find, or do not buy: needs that the shop does not meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.guard.fileout import Cell
from guanxi.insight.assortment.asked import EVER, Asked
from guanxi.pages import formats
from guanxi.warehouse.reading import Lake

MART = "search_terms"
SHOWN, MOST = 10, 100_000
ROWS = "select * from search_terms where days = $days order by place limit $most"
FIGURES = ("searches", "people", "in_vain", "bought", "unbought")


@dataclass(frozen=True)
class Needs:
    """The terms after which most searches were without an order; of all time the last twelve months are told."""

    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, lake: Lake, asked: Asked, *, most: int = SHOWN) -> "Needs":
        """Read them from the mart."""
        return cls(lake.sql(ROWS, days=asked.days if asked.days != EVER else 365, most=most).to_pylist())

    @property
    def lines(self) -> list[dict[str, str]]:
        """The rows of the table."""
        return [
            {
                "term": row["term"], "searches": formats.count(row["searches"]), "people": formats.count(row["people"]),
                "in_vain": _part(row, "in_vain"), "bought": _part(row, "bought"), "unbought": _part(row, "unbought"),
            }
            for row in self.rows
        ]  # fmt: skip

    @property
    def finding(self) -> str:
        """The term that was looked for most without an order."""
        if not self.rows or not self.rows[0]["unbought"]:
            return _("Whatever was looked for was followed by an order")
        first = self.rows[0]
        words = ngettext(
            "“%(term)s” was looked for %(count)s time; %(unbought)s times nobody ordered afterwards",
            "“%(term)s” was looked for %(count)s times; %(unbought)s times nobody ordered afterwards",
            first["searches"],
        )
        said = {name: formats.count(first[key]) for name, key in (("count", "searches"), ("unbought", "unbought"))}
        return words % {"term": first["term"], **said}

    @property
    def headings(self) -> list[str]:
        """The heads of the file."""
        return [
            _("Term"), _("Searches"), _("People"), _("Found nothing"), _("Bought afterwards"), _("Nobody bought"),
        ]  # fmt: skip

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """The rows of the file."""
        return ([row["term"], *(row[name] for name in FIGURES)] for row in self.rows)


def _part(row: Mapping[str, Any], name: str) -> str:
    """Write a figure with its share of the searches; nothing is a dash."""
    if not row[name]:
        return "—"
    return f"{formats.count(row[name])} · {formats.percent(row[name] / row['searches'], 0)}"
