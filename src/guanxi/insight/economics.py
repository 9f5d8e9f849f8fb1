"""Channel economics as their page tells them: a line for each way, the models beside each other, what stands out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from guanxi.insight import sheets
from guanxi.insight.attribution.contacts import Credit
from guanxi.insight.channels import MARTS, MODELS, WAYS, Channels, Line
from guanxi.insight.models import ShopRun
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column, Table
from guanxi.pages.components import Tab
from guanxi.pages.period import Period
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot

SHOWN, DRAWN = 50, 8
NOTHING = "—"


@dataclass(frozen=True)
class Row:
    """A way in the table, in words and figures."""

    line: Line
    name: str
    currency: str

    @property
    def cost(self) -> str:
        """What it cost."""
        return self._money(self.line.cost_minor)

    @property
    def conversion(self) -> str:
        """Orders of one visit."""
        rate = self.line.conversion
        return NOTHING if rate is None else formats.percent(rate)

    @property
    def net(self) -> str:
        """Net sales that followed."""
        return self._money(self.line.brought.value_minor)

    @property
    def acquisition(self) -> str:
        """What one new customer cost."""
        return self._money(self.line.acquisition_minor)

    @property
    def returned(self) -> str:
        """How much more came in than was spent."""
        gain = self.line.returned
        return NOTHING if gain is None else formats.signed(100 * gain) + "%"

    @property
    def paid_back(self) -> str:
        """After how long those it brought had paid for it, or how far they are."""
        if (days := self.line.paid_back_days) is not None:
            return _("after %(days)s days") % {"days": formats.count(days)} if days else _("with the first order")
        part = self.line.paid_back
        return NOTHING if part is None else _("%(part)s so far") % {"part": formats.percent(max(part, 0), 0)}

    @property
    def words(self) -> str:
        """What a narrow screen says beneath the name."""
        told = {"orders": formats.decimal(self.line.brought.orders, 1), "visits": formats.count(self.line.visits)}
        words = _("%(orders)s orders of %(visits)s visits") % told
        return f"{words} · −{self.cost} · {self.returned}" if self.line.cost_minor else words

    def _money(self, minor: float | None) -> str:
        return NOTHING if minor is None else formats.money_whole(round(minor), self.currency)


@dataclass(frozen=True)
class ChannelsPage:
    """The channels of some days."""

    by: str
    model: str
    channels: Channels | None
    currency: str

    @classmethod
    def read(cls, told: Mapping[str, str], period: Period) -> "ChannelsPage":
        """Read them on one moment of the lake; before the first computation there is nothing."""
        by = told.get("by", "") if told.get("by") in WAYS else next(iter(WAYS))
        model = told.get("model", "") if told.get("model") in MODELS else next(iter(MODELS))
        moment = Moment.objects.latest_one()
        if moment is None or not moment.snapshots.keys() >= {*MARTS}:
            return cls(by, model, None, base_currency())
        with snapshot() as lake:
            return cls(by, model, Channels.read(lake, period, by=by, model=model), base_currency())

    def __bool__(self) -> bool:
        return bool(self.channels and self.channels.lines)

    @cached_property
    def run(self) -> ShopRun | None:
        """The computation that kept what is read here."""
        return ShopRun.latest()

    @property
    def marts(self) -> Sequence[str]:
        """What is read here, for those who want to know how it is computed."""
        return MARTS

    @property
    def title(self) -> str:
        """What a way is called here."""
        return str(WAYS[self.by])

    @property
    def ways(self) -> list[Tab]:
        """By what ways are told apart."""
        return [self._tab(words, self.by == key, by=key) for key, words in WAYS.items()]

    @property
    def models(self) -> list[Tab]:
        """By which rule orders are parted."""
        return [self._tab(words, self.model == key, model=key) for key, words in MODELS.items()]

    def _tab(self, words: Any, active: bool, **changed: str) -> Tab:  # noqa: FBT001
        asked = {"by": self.by, "model": self.model} | changed
        return Tab(words, f"?{urlencode(asked)}", active=active)

    @cached_property
    def ranked(self) -> list[Line]:
        """All ways, those that brought most first."""
        lines = self.channels.lines.values() if self.channels else ()
        return sorted(
            lines, key=lambda each: (-each.brought.value_minor, -(each.cost_minor or 0), -each.visits, each.way)
        )

    @cached_property
    def rows(self) -> list[Row]:
        """The ways shown."""
        return [Row(each, name_of(each.way, self.by), self.currency) for each in self.ranked[:SHOWN]]

    @cached_property
    def sums(self) -> dict[str, float]:
        """All ways together; people who came by several stand in each of them."""
        lines = self.channels.lines.values() if self.channels else ()
        return {
            "visits": sum(each.visits for each in lines),
            "orders": sum(each.brought.orders for each in lines),
            "met": sum(each.met.orders for each in lines),
            "net_minor": sum(each.brought.value_minor for each in lines),
            "cost_minor": sum(each.cost_minor or 0 for each in lines),
        }

    @property
    def total_cost(self) -> str:
        """What all of them cost."""
        return formats.money_whole(round(self.sums["cost_minor"]), self.currency)

    @property
    def total_net(self) -> str:
        """Net sales that followed visits."""
        return formats.money_whole(round(self.sums["net_minor"]), self.currency)

    @cached_property
    def compared(self) -> list[tuple[str, Sequence[Credit]]]:
        """The ways shown, each with what every model gives it."""
        found = self.channels.side_by_side() if self.channels else {}
        return [(row.name, [told.get(row.line.way, Credit()) for told in found.values()]) for row in self.rows]

    @property
    def sheet(self) -> Table:
        """All ways as a file."""
        return sheets.channels([(name_of(each.way, self.by), each) for each in self.ranked], self.title, self.currency)

    @property
    def compared_sheet(self) -> Table:
        """What every rule gives the ways shown, as a file."""
        return sheets.attribution(self.compared, self.title)

    @property
    def finding(self) -> str:
        """What a new customer cost where costs are known, and else which way brought most."""
        paid = [row for row in self.rows if row.line.returned is not None and row.line.brought.value_minor > 0]
        if paid:
            best = max(paid, key=lambda row: row.line.returned or 0)
            told = {"way": best.name, "back": formats.decimal(1 + (best.line.returned or 0), 2)}
            return _("“%(way)s” gives most back: %(back)s in net sales for each 1 spent") % told
        if self.rows and self.sums["net_minor"] > 0:
            share = self.rows[0].line.brought.value_minor / self.sums["net_minor"]
            told = {"way": self.rows[0].name, "share": formats.percent(share, 0)}
            return _("“%(way)s” brought %(share)s of the net sales that followed a visit") % told
        return _("No order followed a visit in these days")

    @property
    def chart(self) -> Chart:
        """What each way cost and what followed, the most first."""
        rows = [
            {
                "name": row.name,
                "net_minor": round(row.line.brought.value_minor),
                "cost_minor": round(row.line.cost_minor or 0),
            }
            for row in self.rows[:DRAWN]
        ]
        columns = [
            Column("name", self.title),
            Column("net_minor", _("Net sales that followed"), form="money", series=1),
            Column("cost_minor", _("Spent"), form="money", series=2),
        ]
        return Chart(
            name="channels", kind="horizontal", finding=self.finding, columns=columns, rows=rows, height="l",
            currency=self.currency,
        )  # fmt: skip


def name_of(way: str, by: str) -> str:
    """Give what a way is called; the empty one came directly, or told nothing."""
    return way or (_("Came directly") if by == "source" else _("Nothing told"))
