"""How soon customers buy again and which beginnings make them, as the panels of the page of retention draw it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight import first_groups
from guanxi.insight.addresses import retained
from guanxi.insight.asked_cohorts import DIMENSIONS, EVER, LENGTHS, AskedCohorts
from guanxi.insight.cohorts import REST, UNKNOWN
from guanxi.insight.models import ShopRun
from guanxi.insight.repurchase import NOBODY, Rate, Repurchase
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Tab
from guanxi.warehouse.reading import snapshot

DRAWN = 8  # segments that stand alone; the others are put together
FEWEST = 30  # customers without whom a rate is not named in a sentence


def read(asked: AskedCohorts) -> Repurchase | None:
    """Read the marts; None before the first run."""
    if ShopRun.latest() is None:
        return None
    with snapshot() as lake:
        return Repurchase.read(lake, dimension=asked.dimension, segment=asked.segment)


def days(length: int) -> str:
    """Write within how many days."""
    if length == EVER:
        return _("ever")
    return ngettext("%(count)s day", "%(count)s days", length) % {"count": formats.count(length)}


@dataclass(frozen=True)
class Soon:
    """How many of the chosen customers buy again within so many days: lately, and before."""

    asked: AskedCohorts
    repurchase: Repurchase

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each length that somebody has been observed for."""
        return [row for length in LENGTHS if length != EVER and (row := self._row(length))]

    def _row(self, length: int) -> dict[str, Any] | None:
        whole = self.repurchase.within(length, dimension=self.asked.dimension, segment=self.asked.segment)
        newest, before = self.repurchase.lately(length)
        if not whole.customers:
            return None
        low, high = whole.interval or (None, None)
        return {
            "within": days(length), "length": length, "newest": newest.share, "before": before.share,
            "newest_of": newest.customers, "before_of": before.customers,
            "whole": whole.share, "low": low, "high": high, "whole_of": whole.customers,
        }  # fmt: skip

    @property
    def compares(self) -> bool:
        """Whether there are months before the newest six."""
        return any(row["before"] is not None for row in self.rows)

    @property
    def finding(self) -> str:
        """The rate at the usual length, beside that of the months before."""
        row = next(
            (row for row in self.rows if row["length"] == self.repurchase.longest(self.asked.within)), self.rows[-1]
        )
        said = {"within": row["within"], "share": formats.percent(row["whole"])}
        if row["before"] is None or min(row["before_of"], row["newest_of"]) < FEWEST:
            return _("Within %(within)s, %(share)s buy again.") % said
        said |= {"share": formats.percent(row["newest"]), "before": formats.percent(row["before"])}
        return _("Within %(within)s, %(share)s of the newest buy again; of those before them it was %(before)s.") % said

    @property
    def chart(self) -> Chart:
        """The rates as bars, the months before as a line."""
        whole = [
            Column("whole", _("All cohorts"), form="percent", series=None if self.compares else 1),
            Column("low", _("At least (95%)"), form="percent"), Column("high", _("At most (95%)"), form="percent"),
            Column("whole_of", _("Customers observed for so long"), form="count"),
        ]  # fmt: skip
        lately = [
            Column("newest", _("Newest six months"), form="percent", series=1),
            Column("newest_of", _("Customers"), form="count"),
            Column("before", _("The six before"), form="percent", series="past"),
            Column("before_of", _("Customers"), form="count"),
        ]
        columns = [Column("within", _("Within")), *(lately if self.compares else []), *whole]
        behind = f"{retained(again=1, group=self.asked.group)}&within={{length}}"
        return Chart(
            name="repurchase-by-days", kind="bars", finding=self.finding, columns=columns, rows=self.rows, hrefs=behind
        )


@dataclass(frozen=True)
class Beginnings:
    """Which first products, categories or channels make customers come back, and after how long."""

    asked: AskedCohorts
    repurchase: Repurchase

    @property
    def tabs(self) -> list[Tab]:
        """The switch of what they are told by; what is one segment alone tells nothing."""
        told = [name for name in DIMENSIONS if name == self.asked.by or len(self.repurchase.segments(name)) > 1]
        return [self.asked.tab(first_groups.TITLES[name], "beginnings", by=name) for name in told]

    @property
    def length_tabs(self) -> list[Tab]:
        """The switch of within how many days."""
        return [self.asked.tab(days(length), "beginnings", within=length) for length in LENGTHS]

    @property
    def length(self) -> int:
        """Within how many days."""
        return self.repurchase.longest(self.asked.within)

    @cached_property
    def segments(self) -> list[str]:
        """The segments that stand alone."""
        known = [each for each in self.repurchase.segments(self.asked.by) if each not in {REST, UNKNOWN}]
        return known[:DRAWN]

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """What they are called."""
        return first_groups.names((self.asked.by, each) for each in (*self.segments, REST, UNKNOWN))

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One row a segment, the highest rate first, then all smaller ones together and those not known."""
        alone = [(each, self._rate(each)) for each in self.segments]
        alone = sorted(((each, rate) for each, rate in alone if rate.customers), key=lambda pair: -(pair[1].share or 0))
        others = [each for each in self.repurchase.segments(self.asked.by) if each not in {*self.segments, UNKNOWN}]
        rest = sum((self._rate(each) for each in others), NOBODY)
        tail = [(REST, rest), (UNKNOWN, self._rate(UNKNOWN))]
        return [self._row(each, rate, others) for each, rate in (*alone, *tail) if rate.customers]

    def _rate(self, segment: str) -> Rate:
        return self.repurchase.within(self.length, dimension=self.asked.by, segment=segment)

    def _row(self, segment: str, rate: Rate, others: Sequence[str]) -> dict[str, Any]:
        low, high = rate.interval or (None, None)
        is_one = segment != REST or others == [REST]  # several put together have no address of their own
        return {
            "name": self.names[self.asked.by, segment], "share": rate.share, "low": low, "high": high,
            "returned": rate.returned, "customers": rate.customers,
            "group": f"{self.asked.by}:{segment}" if is_one and rate.returned else None,
        }  # fmt: skip

    @property
    def finding(self) -> str:
        """The beginning that surely makes more customers come back than the whole does, or that none does."""
        whole = self.repurchase.within(self.length)
        sure = [row for row in self.rows[: len(self.segments)] if row["low"] > (whole.share or 0)]
        best = max(sure, key=lambda row: row["low"], default=None)
        said = {"share": formats.percent(whole.share or 0), "within": days(self.length)}
        if best is None:
            return (
                _("None of them stands out: %(share)s of all buy again, and every range holds it or lies below.") % said
            )
        said |= {"name": best["name"], "best": formats.percent(best["share"])}
        return _("Who began with “%(name)s” comes back most surely: %(best)s, of all it is %(share)s.") % said

    @property
    def chart(self) -> Chart | None:
        """The rates with their ranges; None where nothing is told apart."""
        if len(self.rows) < 2:
            return None
        columns = [
            Column("name", first_groups.TITLES[self.asked.by]),
            Column("share", _("Bought again"), form="percent", series=1),
            Column("low", _("At least (95%)"), form="percent", series="low"),
            Column("high", _("At most (95%)"), form="percent", series="high"),
            Column("returned", _("Bought again"), form="count"), Column("customers", _("Customers"), form="count"),
        ]  # fmt: skip
        behind = f"{retained(within=self.length)}&group={{group}}"
        return Chart(
            name="beginnings", kind="interval", finding=self.finding, columns=columns, rows=self.rows, hrefs=behind,
            height=self.height,
        )  # fmt: skip

    @property
    def height(self) -> Any:
        """Room for the rows."""
        return "s" if len(self.rows) <= 5 else "l"

    @cached_property
    def gap_rows(self) -> list[dict[str, Any]]:
        """The days until the next order by segment, the soonest first; those too few for a quartile are left out."""
        return sorted(self._gaps(), key=lambda row: (row["median"], row["name"]))

    def _gaps(self) -> Iterator[dict[str, Any]]:
        for segment in self.segments:
            found = self.repurchase.gaps.get((self.asked.by, segment))
            if found and found.gaps >= 4:
                yield {
                    "name": self.names[self.asked.by, segment], "median": found.median_days, "low": found.lower_days,
                    "high": found.upper_days, "gaps": found.gaps,
                }  # fmt: skip

    @property
    def gap_chart(self) -> Chart | None:
        """The days until the next order: median, and between which half of them lie; None where nothing compares."""
        if len(self.gap_rows) < 2:
            return None
        soonest, latest = self.gap_rows[0], self.gap_rows[-1]
        said = {
            "name": soonest["name"],
            "days": formats.count(soonest["median"]),
            "most": formats.count(latest["median"]),
        }
        columns = [
            Column("name", first_groups.TITLES[self.asked.by]),
            Column("median", _("Days until the next order, median"), form="count", series=1),
            Column("low", _("Lower quartile"), form="count", series="low"),
            Column("high", _("Upper quartile"), form="count", series="high"),
            Column("gaps", _("Intervals"), form="count"),
        ]  # fmt: skip
        finding = _("Soonest after “%(name)s”: half of the next orders within %(days)s days; slowest take %(most)s.")
        return Chart(
            name="order-intervals", kind="interval", finding=finding % said, columns=columns, rows=self.gap_rows,
            height=self.height,
        )  # fmt: skip
