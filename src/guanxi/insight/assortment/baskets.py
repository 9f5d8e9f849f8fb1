"""Rules of baskets: who buys one product also buys another, how often, and how surely more than by chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from guanxi.catalog.models import Product
from guanxi.guard.fileout import Cell
from guanxi.pages import formats
from guanxi.warehouse.reading import Lake

MART, PAIRS = "basket_rules", "product_pairs"
SHOWN, MOST = 12, 100_000
ROWS = "select * from basket_rules order by place limit $most"


class Line(NamedTuple):
    """A rule of the table."""

    product_id: int
    name: str
    other_id: int
    other: str
    together: str
    support: str
    confidence: str
    lift: str
    least: str


@dataclass(frozen=True)
class Rules:
    """The rules, the surest first."""

    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, lake: Lake, *, most: int = SHOWN) -> "Rules":
        """Read them from the mart."""
        return cls(lake.sql(ROWS, most=most).to_pylist())

    @cached_property
    def names(self) -> Mapping[int, str]:
        """What the products are called; those that are gone are left out."""
        keys = {row[name] for row in self.rows for name in ("product_id", "other_product_id")}
        return dict(Product.objects.filter(pk__in=keys).values_list("pk", "name"))

    @property
    def known(self) -> Iterator[Mapping[str, Any]]:
        """The rules of which both products are there."""
        return (row for row in self.rows if {row["product_id"], row["other_product_id"]} <= self.names.keys())

    @property
    def lines(self) -> list[Line]:
        """The rows of the table."""
        return [
            Line(
                row["product_id"], self.names[row["product_id"]], row["other_product_id"],
                self.names[row["other_product_id"]], formats.count(row["together"]), formats.percent(row["support"], 2),
                formats.percent(row["confidence"]), f"{formats.decimal(row['lift'], 1)}×",
                f"{formats.decimal(row['lift_low'], 1)}×",
            )
            for row in self.known
        ]  # fmt: skip

    @property
    def finding(self) -> str:
        """The surest rule in a sentence."""
        first = next(iter(self.lines), None)
        if first is None:
            return _("No two products go together more surely than by chance yet")
        said = {"one": first.name, "other": first.other, "share": first.confidence, "least": first.least}
        words = _("%(share)s of the orders with “%(one)s” hold “%(other)s” too, at least %(least)s chance")
        return words % said

    @property
    def headings(self) -> list[str]:
        """The heads of the file."""
        return [
            _("Who buys"), _("also buys"), _("Orders with both"), _("Support"), _("Confidence"),
            _("Confidence, at least"), _("Lift"), _("Lift, at least"),
        ]  # fmt: skip

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """The rows of the file."""
        figures = ("together", "support", "confidence", "confidence_low", "lift", "lift_low")
        for row in self.known:
            yield [
                self.names[row["product_id"]], self.names[row["other_product_id"]], *(row[name] for name in figures),
            ]  # fmt: skip
