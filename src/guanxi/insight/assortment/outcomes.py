"""What becomes of orders: placed, paid, money that stayed, and nothing given back."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight.assortment.asked import Asked
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.warehouse.reading import Lake

MART = "sales_by_place"
WHOLE = "select * from sales_by_place where level = 'all' and days = $days"


@dataclass(frozen=True)
class Outcomes:
    """How many orders of a span came how far; amounts in the company's currency."""

    orders: int
    paid: int
    received: int
    kept: int
    refunded: int
    total_minor: int
    net_minor: int
    refunded_minor: int
    customers: int
    unpriced: int
    currency: str

    @classmethod
    def read(cls, lake: Lake, asked: Asked, currency: str) -> "Outcomes | None":
        """Read the whole shop; None where no order was placed."""
        rows = lake.sql(WHOLE, days=asked.days).to_pylist()
        return cls(**{name: rows[0][name] for name in cls.names()}, currency=currency) if rows else None

    @classmethod
    def names(cls) -> list[str]:
        """What the mart tells of it."""
        return [name for name in cls.__dataclass_fields__ if name != "currency"]

    @property
    def finding(self) -> str:
        """How many were paid, and how many gave money back."""
        said = {
            "count": formats.count(self.orders), "paid": formats.count(self.paid), "back": formats.count(self.refunded),
            "share": formats.percent(self.paid / self.orders),
        }  # fmt: skip
        words = ngettext(
            "Of %(count)s order placed, %(paid)s was paid (%(share)s); of %(back)s money was given back",
            "Of %(count)s orders placed, %(paid)s were paid (%(share)s); of %(back)s money was given back",
            self.orders,
        )
        return words % said

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The stages in their order."""
        titles = {
            "orders": _("Placed"), "paid": _("Paid"), "received": _("Money stayed"), "kept": _("Nothing given back"),
        }  # fmt: skip
        return [{"stage": title, "orders": getattr(self, name)} for name, title in titles.items()]

    @property
    def chart(self) -> Chart:
        """The stages as a funnel."""
        columns = [Column("stage", _("Stage")), Column("orders", _("Orders"), form="count", series=1)]
        return Chart(
            name="order-outcomes", kind="funnel", finding=self.finding, columns=columns, rows=self.steps, height="s"
        )

    @property
    def amounts(self) -> list[tuple[str, str]]:
        """The money behind it, in words."""
        return [
            (_("Orders placed, with shipping and tax"), formats.money(self.total_minor, self.currency)),
            (_("Net sales of those paid"), formats.money(self.net_minor, self.currency)),
            (_("Given back"), formats.money(self.refunded_minor, self.currency)),
        ]
