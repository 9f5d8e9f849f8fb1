"""The page of layers: value against lifecycle, and what customers like, from the last night's mart."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.customers.faces import faces_of
from guanxi.customers.models import Customer
from guanxi.guard.fileout import Cell
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column, Table
from guanxi.pages.components import Metric
from guanxi.pages.shell import AsOf
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.reading import snapshot

MART = "customer_layers"
SHOWN = 12
AT_ONCE = 500
PROMISED = dt.timedelta(days=2)
STATES: Mapping[str, Promise] = {
    "new": gettext_lazy("New"), "active": gettext_lazy("Active"),
    "dormant": gettext_lazy("Dormant"), "lost": gettext_lazy("Lost"),
}  # fmt: skip
BANDS = (1, 2, 3, 4)
CELLS = """
    select is_top, state, count(*) as customers, cast(sum(spend_minor) as bigint) as spend_minor
    from customer_layers group by is_top, state
"""
TASTES = """
    select category, count(*) as customers, cast(sum(spend_minor) as bigint) as spend_minor,
           count(*) filter (where is_top) as top, count(*) filter (where state in ('dormant', 'lost')) as away,
           count(*) filter (where band = 1) as band_1, count(*) filter (where band = 2) as band_2,
           count(*) filter (where band = 3) as band_3, count(*) filter (where band = 4) as band_4,
           min(dormant_after) as dormant_after, min(lost_after) as lost_after, min(limits) as limits
    from customer_layers group by category order by customers desc, category limit $most
"""
LIMITS = """
    select limits, min(dormant_after) as dormant_after, min(lost_after) as lost_after, count(*) as customers,
           count(distinct category) as categories
    from customer_layers group by limits
"""
ROWS = """
    select customer_id, spend_minor, is_top, category, band, state, silent_days, dormant_after, lost_after, limits
    from customer_layers order by place, customer_id
"""
COLUMNS = (
    "id", "name", "spend_minor", "is_top", "category", "band", "state", "silent_days", "dormant_after", "lost_after",
    "limits",
)  # fmt: skip


class Standing(NamedTuple):
    """How many customers of one value stand in one state, and what they spent."""

    state: str
    customers: int
    share: float
    spend_minor: int


@dataclass(frozen=True)
class LayersPage:
    """The last night's layers; the run is None before the first."""

    run: MartRun | None
    currency: str

    @classmethod
    def now(cls) -> "LayersPage":
        """Find the last run that succeeded."""
        return cls(MartRun.objects.of(MART).filter(state=MartRun.State.DONE).first(), base_currency())

    @cached_property
    def _read(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
        if self.run is None:
            return [], [], []
        with snapshot() as lake:
            return (
                lake.sql(CELLS).to_pylist(), lake.sql(TASTES, most=SHOWN).to_pylist(), lake.sql(LIMITS).to_pylist(),
            )  # fmt: skip

    @property
    def customers(self) -> int:
        """How many bought at all."""
        return sum(cell["customers"] for cell in self._read[0])

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if not self.customers:
            return _("Nobody stands in a layer yet")
        top, away = self._count(top=True), self._count("dormant", "lost", top=True)
        if not top:
            return _("No customer is of top value yet")
        said = {"top": formats.count(top), "away": formats.count(away), "share": formats.percent(self.top_share, 0)}
        if away:
            return _("%(top)s customers of top value bring %(share)s of sales; %(away)s of them stay away") % said
        return _("%(top)s customers of top value bring %(share)s of sales, and none of them stays away") % said

    @property
    def top_share(self) -> float:
        """Which part of net sales top value brought; of sales above nothing."""
        whole = sum(max(cell["spend_minor"], 0) for cell in self._read[0])
        return sum(max(cell["spend_minor"], 0) for cell in self._read[0] if cell["is_top"]) / whole if whole else 0.0

    @property
    def metrics(self) -> list[Metric]:
        """How many stand in each state."""
        return [
            Metric(title, formats.number_large(self._count(state)), note=formats.percent(self._share(state), 0))
            for state, title in STATES.items()
        ]

    @property
    def matrix(self) -> list[tuple[str, list[Standing]]]:
        """Value against lifecycle."""
        return [
            (str(title), [self._cell(state, top=top) for state in STATES])
            for top, title in ((True, _("Top value")), (False, _("Others")))
        ]

    @property
    def states(self) -> Sequence[Promise]:
        """The columns of the matrix."""
        return list(STATES.values())

    @property
    def sheet(self) -> Table:
        """The matrix as a file."""
        columns = [
            Column("value", _("Value")), Column("state", _("Lifecycle")),
            Column("customers", _("Customers"), form="count"), Column("spend", _("Net sales"), form="money"),
        ]  # fmt: skip
        rows = [
            {"value": title, "state": str(STATES[cell.state]), "customers": cell.customers, "spend": cell.spend_minor}
            for title, cells in self.matrix
            for cell in cells
        ]
        return Table("layers-matrix", columns, rows, self.currency)

    @property
    def tastes(self) -> list[dict[str, Any]]:
        """What customers like, the most liked first, with the shares of price bands and of who stays away."""
        return [
            row
            | {
                "name": row["category"] or _("Not known"),
                "away_share": row["away"] / row["customers"],
                "bands": [row[f"band_{band}"] / row["customers"] for band in BANDS],
            }
            for row in self._read[1]
        ]

    @property
    def chart(self) -> Chart | None:
        """Draw the price bands of the most liked categories."""
        rows = [
            {"name": row["name"], **{f"band_{band}": row[f"band_{band}"] for band in BANDS}}
            for row in self.tastes
            if row["category"]
        ]
        if not rows:
            return None
        titles = (_("Cheapest quarter"), _("Second quarter"), _("Third quarter"), _("Dearest quarter"))
        bands = [
            Column(f"band_{band}", title, form="count", series=band) for band, title in zip(BANDS, titles, strict=True)
        ]
        said = _("%(category)s is what most customers like.") % {"category": rows[0]["name"]}
        return Chart("layers-bands", "stacked", said, [Column("name", _("Category")), *bands], rows, self.currency)

    @property
    def limits(self) -> list[str]:
        """By which limits customers are dormant and lost, in sentences."""
        return [self._limit(row) for row in sorted(self._read[2], key=lambda row: -row["customers"])]

    def _limit(self, row: Mapping[str, Any]) -> str:
        said = {name: formats.count(row[name]) for name in ("dormant_after", "lost_after", "customers", "categories")}
        if row["limits"] == "category":
            return _("%(customers)s customers: by the cycle of the category they like, %(categories)s of them.") % said
        if row["limits"] == "shop":
            text = _("%(customers)s customers: dormant after %(dormant_after)s days, lost after %(lost_after)s, by the "
                     "shop's cycle.")  # fmt: skip
            return text % said
        text = _("%(customers)s customers: dormant after %(dormant_after)s days, lost after %(lost_after)s: too few "
                 "came back to read a cycle.")  # fmt: skip
        return text % said

    @property
    def as_of(self) -> str:
        """The last day observed, as the run was told."""
        return str(self.run.parameters.get("as_of", "")) if self.run else ""

    @property
    def age(self) -> AsOf | None:
        """When it was computed."""
        return AsOf(self.run.finished_at, PROMISED) if self.run else None

    def rows(self, viewer: Staff) -> Iterator[tuple[Cell, ...]]:
        """Give every customer the viewer may see as a row of a file, names masked as on pages."""
        if self.run is None:
            return
        with snapshot() as lake:
            for batch in lake.batches(ROWS):
                for first in range(0, batch.num_rows, AT_ONCE):
                    yield from _named(batch.slice(first, AT_ONCE).to_pylist(), viewer)

    def _count(self, *states: str, top: bool | None = None) -> int:
        return sum(
            cell["customers"]
            for cell in self._read[0]
            if (not states or cell["state"] in states) and top in {None, cell["is_top"]}
        )

    def _share(self, state: str) -> float:
        return self._count(state) / max(self.customers, 1)

    def _cell(self, state: str, *, top: bool) -> Standing:
        found = [cell for cell in self._read[0] if cell["state"] == state and cell["is_top"] == top]
        count = sum(cell["customers"] for cell in found)
        spend = sum(cell["spend_minor"] for cell in found)
        return Standing(state, count, count / max(self._count(top=top), 1), spend)


def _named(rows: Sequence[Mapping[str, Any]], viewer: Staff) -> Iterator[tuple[Cell, ...]]:
    known = Customer.objects.visible_to(viewer).in_bulk([row["customer_id"] for row in rows])
    faces = faces_of(list(known.values()))
    for row in rows:
        if (key := row["customer_id"]) in known:
            yield known[key].public_id, str(faces[key].name), *(row[name] for name in COLUMNS[2:])
