"""Products and categories by what they sold, how that moved, and how few of them make most of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.catalog.models import Product
from guanxi.core.money import to_major
from guanxi.guard.fileout import Cell
from guanxi.insight.assortment.asked import EVER, Asked
from guanxi.insight.trading import growth
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.warehouse.reading import Lake

MART = "goods_sales"
SHOWN, POINTS = 20, 20
ROWS = """
    select * from goods_sales
    where days = $days and part = $part and (orders > 0 or net_minor <> 0 or net_before_minor <> 0)
    order by place is null, place limit $most
"""
CLASSES = """
    select class, count(*) as entries, cast(sum(net_minor) as bigint) as net_minor from goods_sales
    where days = $days and part = $part and class is not null and (orders > 0 or net_minor <> 0)
    group by class order by class
"""
CURVE = """
    select cast(ceil(cast(place * $points as double) / $most) as integer) as point, max(cumulative_share) as share,
           cast(max(place) as bigint) as place
    from goods_sales where days = $days and part = $part and net_minor > 0 and place is not null
    group by 1 order by 1
"""
MANY = 10**6


class Line(NamedTuple):
    """A product or category of the table, in words and figures."""

    name: str
    product_id: int | None
    letter: str
    net: str
    change: formats.Change | None
    orders: str
    units: str
    share: str
    cumulative: str


@dataclass(frozen=True)
class Ranking:
    """The first products or categories of a span, the classes, and the curve of their shares."""

    asked: Asked
    rows: Sequence[Mapping[str, Any]]
    classes: Sequence[Mapping[str, Any]]
    curve: Sequence[Mapping[str, Any]]
    currency: str

    @classmethod
    def read(cls, lake: Lake, asked: Asked, currency: str, *, most: int = SHOWN) -> "Ranking":
        """Read them from the mart."""
        about = {"days": asked.days, "part": asked.part}
        classes = lake.sql(CLASSES, **about).to_pylist()
        sold = lake.sql(
            "select count(*) as sold from goods_sales where days = $days and part = $part and net_minor > 0 "
            "and place is not null", **about
        ).to_pylist()[0]["sold"]  # fmt: skip
        curve = lake.sql(CURVE, points=POINTS, most=max(sold, 1), **about).to_pylist()
        return cls(asked, lake.sql(ROWS, most=most, **about).to_pylist(), classes, curve, currency)

    @cached_property
    def whole_minor(self) -> int:
        """Net sales of all that is known, in minor units."""
        return sum(each["net_minor"] for each in self.classes)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each entry is called."""
        keys = [row["product_id"] for row in self.rows if row["product_id"] is not None]
        products = {str(pk): name for pk, name in Product.objects.filter(pk__in=keys).values_list("pk", "name")}
        unknown = _("Not known") if self.asked.part == "product" else _("Without a category")
        return {row["entry"]: products.get(row["entry"], row["entry"]) or unknown for row in self.rows}

    @property
    def lines(self) -> Iterator[Line]:
        """The rows of the table."""
        for row in self.rows:
            net = row["net_minor"]
            moved = growth(net, row["net_before_minor"] or 0) if self.asked.days != EVER else None
            yield Line(
                self.names[row["entry"]],
                row["product_id"],
                row["class"] or "",
                formats.money_whole(net, self.currency),
                formats.change(moved) if moved is not None else None,
                formats.count(row["orders"]),
                formats.number(round(row["units"], 2), 2),
                formats.percent(net / self.whole_minor) if self.whole_minor > 0 and row["place"] else "—",
                formats.percent(row["cumulative_share"]) if row["cumulative_share"] is not None else "—",
            )

    @property
    def entries(self) -> int:
        """How many are known."""
        return sum(each["entries"] for each in self.classes)

    @property
    def finding(self) -> str:
        """How few make four fifths of net sales."""
        first = next((each["entries"] for each in self.classes if each["class"] == "A"), 0)
        if not first:
            return _("Nothing was sold for more than it gave back")
        said = {
            "count": formats.count(first), "all": formats.count(self.entries),
            "share": formats.percent(first / self.entries, 0),
        }  # fmt: skip
        products = ngettext(
            "%(count)s of %(all)s products makes 80%% of net sales",
            "%(count)s of %(all)s products make 80%% of net sales",
            first,
        )  # fmt: skip
        categories = ngettext(
            "%(count)s of %(all)s categories makes 80%% of net sales",
            "%(count)s of %(all)s categories make 80%% of net sales",
            first,
        )
        return (products if self.asked.part == "product" else categories) % said

    @property
    def class_lines(self) -> list[tuple[str, str, str, str, str]]:
        """Each class: its letter, how many are in it, their share of all, what they sold for, and its share."""
        return [
            (
                each["class"], formats.count(each["entries"]), formats.percent(each["entries"] / self.entries, 0),
                formats.money_whole(each["net_minor"], self.currency),
                formats.percent(each["net_minor"] / self.whole_minor) if self.whole_minor > 0 else "—",
            )
            for each in self.classes
        ]  # fmt: skip

    @property
    def pareto(self) -> Chart | None:
        """The share of net sales that the best products make together; None where fewer than two sold."""
        if len(self.curve) < 2:
            return None
        sold = max(each["place"] for each in self.curve)
        rows = [
            {
                "part": formats.percent(each["place"] / sold, 0), "share": each["share"],
                "equal": each["place"] / sold, "count": each["place"],
            }
            for each in self.curve
        ]  # fmt: skip
        columns = [
            Column("part", _("Best of them")), Column("share", _("Share of net sales"), form="percent", series=1),
            Column("equal", _("If all sold alike"), form="percent", series="past"),
            Column("count", _("How many of them"), form="count"),
        ]  # fmt: skip
        return Chart(name="goods-pareto", kind="bars", finding=self._fifth(rows), columns=columns, rows=rows)

    @staticmethod
    def _fifth(rows: Sequence[Mapping[str, Any]]) -> str:
        best = min(rows, key=lambda row: abs(row["equal"] - 0.2))
        return _("The best %(part)s of them bring %(share)s of net sales") % {
            "part": best["part"], "share": formats.percent(best["share"]),
        }  # fmt: skip

    @property
    def headings(self) -> list[str]:
        """The heads of the file."""
        money = [
            f"{words} ({self.currency})" for words in (_("Net sales"), _("Returned"), _("Net sales before"))
        ]  # fmt: skip
        title = _("Product") if self.asked.part == "product" else _("Category")
        return [title, _("Class"), *money, _("Orders"), _("Orders before"), _("Units sold"), _("Cumulative share")]

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """The rows of the file, all of them."""
        for row in self.rows:
            before = row["net_before_minor"]
            yield [
                self.names[row["entry"]], row["class"] or "", to_major(row["net_minor"], self.currency),
                to_major(row["returned_minor"], self.currency),
                None if before is None else to_major(before, self.currency), row["orders"], row["orders_before"],
                row["units"], row["cumulative_share"],
            ]  # fmt: skip
