"""What one product did, as its page tells it: sales over time, prices, what lies beside it, who buys it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Product, VariantCost
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight import goods
from guanxi.insight.addresses import placed
from guanxi.insight.span import against
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric
from guanxi.pages.period import COMPARISONS, Period
from guanxi.shop import calendar

MOST_DAYS = 62  # longer periods are drawn by month
FIGURES = ("quantity", "orders", "sales_minor", "returned_minor")
Sums = dict[str, Any]


@dataclass(frozen=True)
class History:
    """What a product sold on each day of a period and of the one it is compared with, in its leading currency."""

    period: Period
    currency: str
    days: dict[dt.date, Sums]
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, product: Product, period: Period) -> "History":
        """Read a product's days."""
        earliest = min([period.start, *period.before])
        rows = goods.sold(skus_of(product), earliest, period.end)
        worth: dict[str, int] = {}
        for row in rows:
            worth[row["currency"]] = worth.get(row["currency"], 0) + row["sales_minor"]
        currency, *others = sorted(worth, key=lambda each: (-worth[each], each)) or [""]
        return cls(
            period, currency, {row["placed_on"]: row for row in rows if row["currency"] == currency}, tuple(others)
        )

    @cached_property
    def now(self) -> Sums:
        """The sums of the period."""
        return self._sum(self.period.days)

    @cached_property
    def then(self) -> Sums:
        """The sums of the days compared with, each with its weight: a day may stand for two."""
        return self._sum(self.period.before)

    @property
    def metrics(self) -> list[Metric]:
        """Draw the sums, with how they moved."""
        share = self.now["returned_minor"] / self.now["sales_minor"] if self.now["sales_minor"] else 0
        back = _("%(share)s of sales") % {"share": formats.percent(share)} if share else _("nothing was returned")
        return [
            self._metric(_("Sold for"), formats.money_large(self.now["sales_minor"], self.currency), "sales_minor"),
            self._metric(_("Units"), formats.number_large(self.now["quantity"]), "quantity"),
            self._metric(_("Orders"), formats.number_large(self.now["orders"]), "orders"),
            Metric(
                _("Returned"),
                formats.money_large(self.now["returned_minor"], self.currency),
                note=back,
            ),
        ]

    @property
    def chart(self) -> Chart:
        """Draw sales by day, by month where there are many days."""
        by_month = len(self.period.days) > MOST_DAYS
        columns = [
            Column("day", _("Month") if by_month else _("Day"), form="month" if by_month else "day"),
            Column("sales", _("Sold for"), form="money", series=1),
        ]
        if self.period.before:
            columns.append(
                Column("past", capfirst(str(COMPARISONS[self.period.compared])), form="money", series="past")
            )
        running = self.period.unfinished
        return Chart(
            name="product-sales",
            kind="bars",
            finding=self.finding,
            columns=columns,
            rows=list(self._months() if by_month else self._points()),
            currency=self.currency or "CNY",
            marks={} if by_month else {**calendar.marks(self.period.days)},
            hrefs=placed("{first}", "{last}"),
            unfinished=running.replace(day=1) if running and by_month else running,
        )

    @property
    def finding(self) -> str:
        """Say what was sold, and how that compares."""
        if not self.now["sales_minor"]:
            return _("Nothing was sold in these days.")
        words = {
            "units": formats.number(self.now["quantity"]),
            "amount": formats.money_large(self.now["sales_minor"], self.currency),
        }
        if not self.then["sales_minor"]:
            return _("%(units)s units sold for %(amount)s.") % words
        change = self.now["sales_minor"] / self.then["sales_minor"] - 1
        words |= {"change": formats.signed(change * 100, 1) + "%", "against": self.period.against}
        return _("%(units)s units sold for %(amount)s; %(change)s %(against)s.") % words

    def _metric(self, title: str, value: formats.Figure, name: str) -> Metric:
        before = self.then[name]
        change = formats.change(float(self.now[name]) / float(before) - 1) if before else None
        return Metric(title, value, change, against(self.period) if change else "")

    def _points(self) -> Iterator[Sums]:
        before: Sequence[dt.date | None] = self.period.before or [None] * len(self.period.days)
        for day, earlier in zip(self.period.days, before, strict=True):
            sold = day if day in self.days and self.days[day]["orders"] else None
            past = self._sales(earlier) if earlier else None
            yield {"day": day, "sales": self._sales(day), "past": past, "first": sold, "last": sold}

    def _months(self) -> Iterator[Sums]:
        months: dict[dt.date, Sums] = {}
        for point in self._points():
            first = point["day"].replace(day=1)
            month = months.setdefault(first, {"day": first, "sales": 0, "past": 0, "first": None, "last": None})
            month["sales"] += point["sales"]
            month["past"] += point["past"] or 0
            month["first"], month["last"] = month["first"] or point["first"], point["last"] or month["last"]
        yield from months.values()

    def _sales(self, day: dt.date) -> int:
        return int(self.days[day]["sales_minor"]) if day in self.days else 0

    def _sum(self, days: Sequence[dt.date]) -> Sums:
        known = [self.days[day] for day in days if day in self.days]
        return {name: sum(row[name] for row in known) for name in FIGURES}


@dataclass(frozen=True)
class Prices:
    """At which price a product went on average, month by month through a year, and what it cost us."""

    currency: str
    months: list[Sums]

    @classmethod
    def of(cls, product: Product, end: dt.date, *, with_costs: bool) -> "Prices":
        """Read the twelve months up to a day; what it cost where the reader sees that."""
        start = (end.replace(day=1) - dt.timedelta(days=334)).replace(day=1)
        history = History.of(product, Period(start, end, "none"))
        sums: dict[dt.date, Sums] = {first: {"quantity": 0, "sales": 0} for first in _firsts(start, end)}
        for day, row in history.days.items():
            sums[day.replace(day=1)]["quantity"] += row["quantity"]
            sums[day.replace(day=1)]["sales"] += row["sales_minor"]
        costs = _costs(product, history.currency) if with_costs else []
        months = [
            {
                "month": first,
                "price": round(each["sales"] / each["quantity"]) if each["quantity"] else None,
                "cost": next((cost for since, cost in costs if since <= _last(first)), None),
            }
            for first, each in sums.items()
        ]
        return cls(history.currency, months)

    @property
    def known(self) -> bool:
        """Whether anything was sold at a price."""
        return any(month["price"] is not None for month in self.months)

    @property
    def chart(self) -> Chart:
        """Draw prices, and costs where they are known."""
        columns = [
            Column("month", _("Month"), form="month"),
            Column("price", _("Price"), form="money", series=1),
        ]
        if any(month["cost"] is not None for month in self.months):
            columns.append(Column("cost", _("Cost"), form="money", series=2))
        return Chart(
            name="product-prices", kind="line", finding=self.finding, columns=columns, rows=self.months,
            currency=self.currency, height="s",
        )  # fmt: skip

    @property
    def finding(self) -> str:
        """Say how the price moved from the first month to the last one with sales."""
        prices = [month["price"] for month in self.months if month["price"] is not None]
        first, last = (formats.money(price, self.currency) for price in (prices[0], prices[-1]))
        if first == last:
            return _("It goes at %(price)s, after discounts.") % {"price": last}
        return _("It went at %(first)s and goes at %(last)s, after discounts.") % {"first": first, "last": last}


@dataclass(frozen=True)
class Pair:
    """Another product that lies in the same orders more often than chance would put it there."""

    other: Product
    together: int
    share: float
    lift: float

    @classmethod
    def all_of(cls, product: Product) -> "list[Pair]":
        """Read the products beside one, those of the most orders first."""
        rows = goods.pairs(product.pk)
        found = Product.objects.in_bulk([row["other_product_id"] for row in rows])
        return [
            cls(found[row["other_product_id"]], row["together"], row["together"] / row["orders"], row["lift"])
            for row in rows
            if row["other_product_id"] in found
        ]


@dataclass(frozen=True)
class Buyers:
    """Who buys a product most often, and how many buy it."""

    rows: list[tuple[Customer, Face, Sums]]
    buyers: int = 0
    again: int = 0

    @classmethod
    def of(cls, product: Product, user: Staff) -> "Buyers":
        """Read the buyers this member of staff may see; people are masked."""
        rows = goods.buyers(product.pk)
        visible = Customer.objects.visible_to(user).in_bulk([row["customer_id"] for row in rows])
        faces = faces_of(list(visible.values()))
        told = [(visible[key], faces[key], row) for row in rows if (key := row["customer_id"]) in visible]
        return cls(told, rows[0]["buyers"], rows[0]["buyers_again"]) if rows else cls([])

    @property
    def share_again(self) -> float:
        """Which share of the buyers came back for it."""
        return self.again / self.buyers if self.buyers else 0.0


def skus_of(product: Product) -> list[str]:
    """Name a product's variants as the lake knows them."""
    return [variant.sku for variant in product.variants.all()]


def _costs(product: Product, currency: str) -> list[tuple[dt.date, int]]:
    """Read what a product costs from which day on, newest first; one of several variants has no cost of its own."""
    variants = [variant.pk for variant in product.variants.all()]
    if len(variants) != 1:
        return []
    costs = VariantCost.objects.filter(variant__in=variants, currency=currency).order_by("-valid_from")
    return list(costs.values_list("valid_from", "cost_minor"))


def _firsts(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """Name the first day of each month."""
    first = start.replace(day=1)
    while first <= end:
        yield first
        first = _last(first) + dt.timedelta(days=1)


def _last(first: dt.date) -> dt.date:
    """Find the last day of a month."""
    return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
