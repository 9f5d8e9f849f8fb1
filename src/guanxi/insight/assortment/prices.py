"""Bands of prices: how many orders and how much net sales each brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.insight.assortment.asked import Asked
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.warehouse.reading import Lake

MART = "price_bands"
ROWS = "select * from price_bands where scale = $scale order by band"


@dataclass(frozen=True)
class Bands:
    """The bands of one scale, the cheapest first."""

    rows: Sequence[Mapping[str, Any]]
    currency: str

    @classmethod
    def read(cls, lake: Lake, asked: Asked, currency: str) -> "Bands":
        """Read them from the mart."""
        return cls(lake.sql(ROWS, scale=asked.scale).to_pylist(), currency)

    def name(self, row: Mapping[str, Any]) -> str:
        """Write the limits of a band."""
        low, high = row["lower_minor"], row["upper_minor"]
        if high is None:
            return _("from %(price)s") % {"price": formats.money_whole(low, self.currency)}
        if row["scale"] == "fifths":
            ends = (formats.money(low, self.currency), formats.money(high, self.currency))
            return ends[0] if low == high else f"{ends[0]} – {ends[1]}"
        if low == 0:
            return _("below %(price)s") % {"price": formats.money_whole(high, self.currency)}
        return formats.money_range(low, high, self.currency)

    @property
    def whole(self) -> tuple[int, float]:
        """Net sales above nothing, and units, of all."""
        return sum(max(row["net_minor"], 0) for row in self.rows), sum(row["units"] for row in self.rows)

    @property
    def finding(self) -> str:
        """Which band brings most, and how many of the units it takes for that."""
        net, units = self.whole
        if net <= 0:
            return _("Nothing was sold for more than nothing")
        best = max(self.rows, key=lambda row: row["net_minor"])
        said = {
            "band": self.name(best), "share": formats.percent(best["net_minor"] / net, 0),
            "units": formats.percent(best["units"] / units, 0),
        }  # fmt: skip
        return _("%(band)s brings most: %(share)s of net sales with %(units)s of the units") % said

    @property
    def chart(self) -> Chart | None:
        """Net sales by band, with orders, units and products in the table; None where nothing was sold."""
        if not self.rows:
            return None
        rows = [{**row, "band": self.name(row), "units": round(row["units"], 2)} for row in self.rows]
        columns = [
            Column("band", _("Price")), Column("net_minor", _("Net sales"), form="money", series=1),
            Column("orders", _("Orders"), form="count"), Column("units", _("Units sold"), form="number"),
            Column("products", _("Products"), form="count"),
        ]  # fmt: skip
        return Chart(
            name="price-bands",
            kind="horizontal",
            finding=self.finding,
            columns=columns,
            rows=rows,
            currency=self.currency,
        )
