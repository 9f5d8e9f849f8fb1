"""The page of layers: what customers are worth, where they stand by their own purchase cycle, and what they like."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from guanxi.insight.daily import PROMISED
from guanxi.insight.given import DORMANT_DAYS, LOST_DAYS, TOP_PERCENT
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, moments
from guanxi.pages.components import Metric
from guanxi.pages.shell import AsOf
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.reading import snapshot

MART = "customer_layers"
STEPS = 10  # shades from paper to pine
LIKED = 12  # categories that are listed
VALUES: Mapping[str, Promise] = {"top": gettext_lazy("Top value"), "other": gettext_lazy("All others")}
STATES: Mapping[str, Promise] = {
    "new": pgettext_lazy("customers", "New"),
    "active": gettext_lazy("Active"),
    "dormant": gettext_lazy("Dormant"),
    "lost": gettext_lazy("Lost"),
}
BANDS: Mapping[int, Promise] = {
    1: gettext_lazy("Cheapest quarter"),
    2: gettext_lazy("Second quarter"),
    3: gettext_lazy("Third quarter"),
    4: gettext_lazy("Dearest quarter"),
}
CELLS = """
    select case when is_top then 'top' else 'other' end as worth, state, count(*) as customers,
           cast(sum(spend_minor) as bigint) as net_minor
    from customer_layers group by 1, 2
"""
TASTES = """
    select category, band, count(*) as customers, cast(sum(spend_minor) as bigint) as net_minor
    from customer_layers group by category, band
"""
LIMITS = """
    select limits, case when limits = 'category' then category else '' end as category,
           dormant_after, lost_after, count(*) as customers
    from customer_layers group by 1, 2, 3, 4 order by customers desc, 1, 2
"""


WHOSE: Mapping[str, Promise] = {
    "shop": gettext_lazy("Everybody else: the rhythm of the whole shop"),
    "fixed": gettext_lazy("Everybody: too few have come back for a limit of your own"),
}


class Limit(NamedTuple):
    """Whose limits, how many customers they are for, and after how many days those count as dormant and lost."""

    whose: str
    customers: int
    dormant: str
    lost: str


class Cell(NamedTuple):
    """Some customers: how many, their share of net sales, the people behind them, and a shade (0: none)."""

    customers: int
    share: str
    href: str
    step: int = 0


class Taste(NamedTuple):
    """A category or a quarter of prices, and who likes it."""

    title: str
    cell: Cell


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": formats.count(count)}


def behind(**told: str | int) -> str:
    """Write the address of the people behind a figure: `behind(worth="top", state="lost")`."""
    return f"{reverse('insight:layer-people')}?{urlencode(told)}"


@dataclass(frozen=True)
class Layers:
    """What the last run of the mart says."""

    run: MartRun
    cells: Sequence[Mapping[str, Any]]
    tastes: Sequence[Mapping[str, Any]]
    limits: Sequence[Mapping[str, Any]]
    currency: str

    @classmethod
    def read(cls) -> "Layers | None":
        """Read the mart on one moment of the lake; None before its first run, and while nobody has bought."""
        run = MartRun.objects.filter(mart=MART, state=MartRun.State.DONE).order_by("-pk").first()
        if run is None:
            return None
        with snapshot() as lake:
            cells, tastes, limits = (lake.sql(sql).to_pylist() for sql in (CELLS, TASTES, LIMITS))
        return cls(run, cells, tastes, limits, base_currency()) if cells else None

    @property
    def as_of(self) -> dt.date:
        """The last day observed."""
        return dt.date.fromisoformat(str(self.run.parameters["as_of"])[:10])

    @property
    def age(self) -> AsOf:
        """When it was computed."""
        return AsOf(self.run.finished_at, 24 * PROMISED)

    def sums(self, worth: str = "", state: str = "") -> tuple[int, int]:
        """Add up customers and net sales, in minor units, of a row, a column, a cell or all."""
        rows = [each for each in self.cells if worth in {"", each["worth"]} and state in {"", each["state"]}]
        return sum(each["customers"] for each in rows), sum(each["net_minor"] for each in rows)

    @property
    def finding(self) -> str:
        """What the customers of top value bring, and how many of them are slipping away."""
        top, net = self.sums("top")
        away = self.sums("top", "dormant")[0] + self.sums("top", "lost")[0]
        said = {"count": formats.count(top), "share": self._share(net), "away": formats.count(away)}
        if not top or not self._net:
            everybody = self.sums()[0]
            words = ngettext("%(count)s customer bought so far", "%(count)s customers bought so far", everybody)
            return words % {"count": formats.count(everybody)}
        brought = ngettext(
            "%(count)s customer of top value brought %(share)s of net sales; %(away)s of them is dormant or lost",
            "%(count)s customers of top value brought %(share)s of net sales; %(away)s of them are dormant or lost",
            top,
        )
        return brought % said

    @property
    def metrics(self) -> list[Metric]:
        """How many stand where."""
        everybody = self.sums()[0]
        return [
            Metric(
                str(words), formats.number_large(self.sums("", key)[0]),
                note=formats.percent(self.sums("", key)[0] / everybody), href=behind(state=key),
            )
            for key, words in STATES.items()
        ]  # fmt: skip

    @property
    def states(self) -> list[str]:
        """The heads of the matrix."""
        return [str(words) for words in STATES.values()]

    @property
    def lines(self) -> list[tuple[str, list[Cell]]]:
        """The matrix: what they are worth by where they stand, with the sum of each row at its end."""
        return [(str(words), [self._cell(key, state) for state in (*STATES, "")]) for key, words in VALUES.items()]

    @property
    def totals(self) -> list[Cell]:
        """The sums below the matrix."""
        return [self._cell("", state) for state in (*STATES, "")]

    @cached_property
    def categories(self) -> list[Taste]:
        """What most like, the most liked first."""
        found = self._liked("category")
        return [Taste(key or _("Not known"), self._made(sums, behind(category=key))) for key, sums in found[:LIKED]]

    @cached_property
    def bands(self) -> list[Taste]:
        """Which prices they choose within the category they like."""
        found: dict[int | None, tuple[int, int]] = dict(self._liked("band"))
        titles: list[tuple[int | None, Promise]] = [*BANDS.items(), (None, gettext_lazy("Not known"))]
        return [
            Taste(str(words), self._made(found[key], behind(band=key or 0))) for key, words in titles if key in found
        ]

    @property
    def limit_lines(self) -> Iterator[Limit]:
        """After how many days customers count as dormant and lost, those of most customers first."""
        for row in self.limits[:LIKED]:
            whose = WHOSE.get(row["limits"], row["category"])
            yield Limit(str(whose), row["customers"], _days(row["dormant_after"]), _days(row["lost_after"]))

    @property
    def difference(self) -> str:
        """How this differs from what home says."""
        said = {"dormant": DORMANT_DAYS, "lost": LOST_DAYS}
        text = _(
            "Home counts everybody as dormant after %(dormant)s days and as lost after %(lost)s; here the rhythm of "
            "your shop and of the category they like decides, so the numbers differ."
        )
        return text % said

    @property
    def how(self) -> list[tuple[str, str]]:
        """What each layer means."""
        top = _("the %(percent)s%% who brought most net sales, ties included") % {"percent": TOP_PERCENT}
        return [
            (_("Top value"), top),
            (_("New"), _("bought on one day only, and is not dormant yet")),
            (_("Category"), _("the one most of a customer’s orders hold")),
            (_("Prices"), _("where most of what they bought in it lies among all that is sold in it")),
            (_("As of"), moments.full_day(self.as_of)),
        ]

    @property
    def _net(self) -> int:
        return max(self.sums()[1], 0)

    def _share(self, net: int) -> str:
        return formats.percent(net / self._net) if self._net else formats.missing(applies=False)

    def _cell(self, worth: str, state: str) -> Cell:
        asked = {name: key for name, key in (("worth", worth), ("state", state)) if key}
        most = max((each["customers"] for each in self.cells), default=1)
        customers, net = self.sums(worth, state)
        step = max(1, round(STEPS * customers / most)) if worth and state and customers else 0
        return self._made((customers, net), behind(**asked), step)

    def _made(self, sums: tuple[int, int], href: str, step: int = 0) -> Cell:
        customers, net = sums
        return Cell(customers, self._share(net), href if customers else "", step)

    def _liked(self, by: str) -> list[tuple[Any, tuple[int, int]]]:
        found: dict[Any, tuple[int, int]] = {}
        for row in self.tastes:
            customers, net = found.get(row[by], (0, 0))
            found[row[by]] = (customers + row["customers"], net + row["net_minor"])
        return sorted(found.items(), key=lambda each: (not each[0], -each[1][0], str(each[0])))
