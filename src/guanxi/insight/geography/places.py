"""The page of places: orders, customers and net sales of China's divisions and cities, and of countries and regions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.core.money import to_major
from guanxi.guard.fileout import Cell
from guanxi.insight.assortment.asked import SHADES, SPANS, Asked
from guanxi.insight.assortment.computed import Computed
from guanxi.insight.assortment.outcomes import MART, Outcomes
from guanxi.insight.geography import countries, rates
from guanxi.insight.geography.divisions import DIVISIONS
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric, Tab
from guanxi.warehouse.reading import snapshot

ROWS = """
    select * from sales_by_place where days = $days and level = $level
    order by net_minor desc, orders desc, country, province, city limit $most
"""
CITIES, DRAWN, MANY = 12, 12, 10**6
CHINA = "CN"
FIGURES = ("orders", "paid", "received", "kept", "refunded", "customers", "total_minor", "net_minor", "refunded_minor")
LEVELS = {
    "province": gettext_lazy("Province"), "city": gettext_lazy("City"), "country": gettext_lazy("Country or region"),
}  # fmt: skip
PLACES = {"country": ("country",), "province": ("country", "province"), "city": ("country", "province", "city")}
WIDE, HIGH, GAP = 84, 58, 4


class Tile(NamedTuple):
    """A division as it is drawn: where, how dark, and what stands in it."""

    x: int
    y: int
    name: str
    shade: int
    figure: str
    words: str

    @property
    def middle(self) -> int:
        """Where its texts stand."""
        return self.x + WIDE // 2

    @property
    def name_y(self) -> int:
        """The line of its name."""
        return self.y + 26

    @property
    def figure_y(self) -> int:
        """The line of its figure."""
        return self.y + 44


class Line(NamedTuple):
    """A place of a table, in words and figures."""

    name: str
    within: str
    orders: str
    paid: str
    customers: str
    net: str
    share: str
    average: str


@dataclass(frozen=True)
class PlacesPage:
    """What the mart says of a span."""

    asked: Asked
    computed: Computed
    whole: Outcomes
    provinces: Sequence[Mapping[str, Any]]
    cities: Sequence[Mapping[str, Any]]
    countries: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, asked: Asked) -> "PlacesPage | None":
        """Read it; None before the first computation, and where no order was placed in the span."""
        computed, currency = Computed.last(MART), base_currency()
        if computed is None:
            return None
        with snapshot() as lake:
            whole = Outcomes.read(lake, asked, currency)
            provinces, cities, world = (
                lake.sql(ROWS, days=asked.days, level=level, most=most).to_pylist()
                for level, most in (("province", 5_000), ("city", CITIES + 1), ("country", 5_000))
            )
        return cls(asked, computed, whole, provinces, cities, merged(world)) if whole else None

    @property
    def currency(self) -> str:
        """Of all amounts."""
        return self.whole.currency

    @cached_property
    def divisions(self) -> Mapping[str, Mapping[str, Any]]:
        """China's divisions with orders, by their code."""
        return {row["division"]: row for row in self.provinces if row["division"]}

    @property
    def home(self) -> list[Mapping[str, Any]]:
        """The provinces of China, those that are not known last."""
        rows = [row for row in self.provinces if row["division"] or countries.code_of(row["country"]) == CHINA]
        return sorted(rows, key=lambda row: not row["division"])

    @property
    def has_world(self) -> bool:
        """Whether there is another country than China, or none at all."""
        return any(countries.code_of(row["country"]) != CHINA for row in self.countries)

    @property
    def told(self) -> bool:
        """Whether any order says where it went."""
        return any(row["country"] or row["province"] or row["city"] for row in (*self.provinces, *self.countries))

    @property
    def finding(self) -> str:
        """Which place brings most, and how much of it all."""
        world, home = [row for row in self.countries if row["country"]], [*self.divisions.values()]
        if not self.told:
            return _("Orders do not say where they go")
        if len(world) > 1 or not home:
            return self._most([countries.name_of(row["country"]) for row in world], world, _("countries and regions"))
        return self._most([str(DIVISIONS[row["division"]].name) for row in home], home, _("provinces"))

    def _most(self, names: Sequence[str], rows: Sequence[Mapping[str, Any]], what: str) -> str:
        net = self.whole.net_minor
        if net <= 0 or rows[0]["net_minor"] <= 0:
            said = {"count": formats.count(len(rows)), "what": what, "name": names[0]}
            return _("Orders go to %(count)s %(what)s, first of all to %(name)s") % said
        share = formats.percent(rows[0]["net_minor"] / net, 0)
        said = {"name": names[0], "share": share, "count": formats.count(len(rows)), "what": what}
        return _("%(name)s brings %(share)s of net sales; orders come from %(count)s %(what)s") % said

    @property
    def metrics(self) -> list[Metric]:
        """Orders, customers and net sales of the whole."""
        whole = self.whole
        span = str(SPANS[self.asked.days])
        share = _("%(share)s of those placed") % {"share": formats.percent(whole.paid / whole.orders)}
        return [
            Metric(_("Orders placed"), formats.number_large(whole.orders), note=span),
            Metric(_("Paid"), formats.number_large(whole.paid), note=share),
            Metric(_("Customers"), formats.number_large(whole.customers), note=_("known, with a paid order")),
            Metric(_("Net sales"), formats.money_large(whole.net_minor, self.currency), note=_("of paid orders")),
        ]

    @property
    def tiles(self) -> Iterator[Tile]:
        """All 34 divisions, those without orders too."""
        shades = (rates.by_sum if self.asked.shade == "net" else rates.by_rate)(self.divisions)
        for code, division in DIVISIONS.items():
            row = self.divisions.get(code)
            yield Tile(
                division.column * (WIDE + GAP), division.row * (HIGH + GAP), str(division.name), shades.get(code, 0),
                self._figure(row), self._words(row, str(division.name)),
            )  # fmt: skip

    def _figure(self, row: Mapping[str, Any] | None) -> str:
        if row is None:
            return "—"
        return (
            str(formats.money_large(row["net_minor"], self.currency)) if self.asked.shade == "net" else self._each(row)
        )

    def _each(self, row: Mapping[str, Any]) -> str:
        """Write net sales by paid order; a dash where none was paid."""
        each = rates.rate(row)
        return "—" if each is None else formats.money_whole(round(each), self.currency)

    @cached_property
    def shade_tabs(self) -> list[Tab]:
        """The switch of what makes a province dark."""
        return self.asked.tabs("shade", SHADES, "#map")

    @property
    def map_finding(self) -> str:
        """What the map shows: where a paid order brings most."""
        if self.asked.shade == "net" and self.divisions:
            return self._most(
                [str(DIVISIONS[code].name) for code in self.divisions], [*self.divisions.values()], _("provinces")
            )
        return self._dearest({str(DIVISIONS[code].name): row for code, row in self.divisions.items()})

    def _dearest(self, places: Mapping[str, Mapping[str, Any]]) -> str:
        best = rates.best(places)
        if best is None:
            return _("No two places have ten paid orders yet, too few to compare them by what an order brings")
        whole = formats.money_whole(round(self.whole.net_minor / self.whole.paid), self.currency)
        said = {"name": best, "average": self._each(places[best]), "whole": whole}
        return _("A paid order brings most in %(name)s: %(average)s; everywhere together %(whole)s") % said

    @property
    def untold(self) -> str:
        """How many orders do not say where they go; nothing where all do, or none."""
        orders = sum(row["orders"] for row in self.countries if not row["country"])
        if not orders or not self.told:
            return ""
        share = formats.percent(orders / self.whole.orders)
        return _("%(share)s of the orders tell no country or region; they are in the sums above, and on no map.") % {
            "share": share
        }

    def _words(self, row: Mapping[str, Any] | None, name: str) -> str:
        if row is None:
            return _("%(name)s: no order") % {"name": name}
        said = {
            "name": name, "count": formats.count(row["orders"]),
            "net": formats.money_whole(row["net_minor"], self.currency),
        }  # fmt: skip
        words = ngettext("%(name)s: %(count)s order, %(net)s", "%(name)s: %(count)s orders, %(net)s", row["orders"])
        return f"{words % said} · " + _("%(average)s by paid order") % {"average": self._each(row)}

    @property
    def province_lines(self) -> list[Line]:
        """China's provinces as a table."""
        return self._lines(self.home, _division, lambda _row: "")

    @property
    def city_lines(self) -> list[Line]:
        """The cities that bring most."""
        known = [row for row in self.cities if row["city"]][:CITIES]
        return self._lines(known, lambda row: row["city"], _within)

    @property
    def country_lines(self) -> list[Line]:
        """Countries and regions as a table."""
        return self._lines(self.countries, lambda row: countries.name_of(row["country"]), lambda _row: "")

    def _lines(self, rows: Iterable[Mapping[str, Any]], name: Any, within: Any) -> list[Line]:
        return [
            Line(
                name(row), within(row), formats.count(row["orders"]), formats.count(row["paid"]),
                formats.count(row["customers"]), formats.money_whole(row["net_minor"], self.currency),
                formats.percent(row["net_minor"] / self.whole.net_minor) if self.whole.net_minor > 0 else "—",
                self._each(row),
            )
            for row in rows
        ]  # fmt: skip

    @property
    def world(self) -> Chart:
        """The countries and regions that bring most."""
        rows = [{**row, "name": countries.name_of(row["country"])} for row in self.countries[:DRAWN] if row["country"]]
        columns = [
            Column("name", str(LEVELS["country"])), Column("net_minor", _("Net sales"), form="money", series=1),
            Column("orders", _("Orders"), form="count"), Column("customers", _("Customers"), form="count"),
        ]  # fmt: skip
        return Chart(
            name="places-world",
            kind="horizontal",
            finding=self._first_two(rows),
            columns=columns,
            rows=rows,
            currency=self.currency,
        )

    def _first_two(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Say which country brings most, and which comes next."""
        if not rows:
            return _("Orders do not say where they go")
        if len(rows) < 2 or rows[1]["net_minor"] <= 0:
            return self._most([row["name"] for row in rows], rows, _("countries and regions"))
        (first, net), (second, then) = (
            (row["name"], formats.money_large(row["net_minor"], self.currency)) for row in rows[:2]
        )
        said = {"first": first, "net": net, "second": second, "then": then}
        return _("%(first)s brings %(net)s; %(second)s comes next with %(then)s") % said


def merged(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add up the rows of one country that orders spell in several ways; it is called as most of them call it.

    Somebody who ordered under two spellings counts in both.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = countries.code_of(row["country"]) or row["country"]
        if key in found:
            found[key] |= {name: found[key][name] + row[name] for name in (*FIGURES, "unpriced")}
        else:
            found[key] = dict(row)
    return sorted(
        found.values(), key=lambda row: (not row["country"], -row["net_minor"], -row["orders"], row["country"])
    )


def rows_of(asked: Asked, level: str, most: int) -> list[dict[str, Any]]:
    """Read the places of a level as the mart has them, those that bring most first."""
    with snapshot() as lake:
        rows: list[dict[str, Any]] = lake.sql(ROWS, days=asked.days, level=level, most=most).to_pylist()
    return rows


def _division(row: Mapping[str, Any]) -> str:
    division = DIVISIONS.get(row["division"])
    return str(division.name) if division else row["province"] or _("Province not told")


def _within(row: Mapping[str, Any]) -> str:
    if row["division"]:
        return _division(row)
    return countries.name_of(row["country"])


def sheet(asked: Asked, level: str) -> tuple[list[str], Iterator[list[Cell]]]:
    """Give the heads and rows of a level as a file, every place there is."""
    currency, rows = base_currency(), rows_of(asked, level, MANY)
    words = (
        _("Orders placed"), _("Paid"), _("Money stayed"), _("Nothing given back"), _("With money given back"),
        _("Customers"), *(f"{each} ({currency})" for each in (_("Orders placed"), _("Net sales"), _("Given back"))),
    )  # fmt: skip
    places = PLACES[level]
    heads = [*(str(LEVELS[name]) for name in places), *words]
    return heads, (
        [*(row[name] for name in places), *(_cell(name, row[name], currency) for name in FIGURES)] for row in rows
    )


def _cell(name: str, value: int, currency: str) -> Cell:
    return to_major(value, currency) if name.endswith("_minor") else value
