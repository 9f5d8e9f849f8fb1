"""The page of retention: what became of the customers who began in a month, as the marts found it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight import first_groups
from guanxi.insight.addresses import retained
from guanxi.insight.asked_cohorts import CUSTOMERS, DIMENSIONS, EACH, EVER, NET, SHARE, USUAL_DAYS, AskedCohorts
from guanxi.insight.cohort_table import CohortTable
from guanxi.insight.cohorts import DOCUMENTS, PURCHASES, Cohort, Cohorts
from guanxi.insight.daily import overdue
from guanxi.insight.models import ShopRun
from guanxi.insight.repurchase import Repurchase
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric, Tab
from guanxi.pages.shell import AsOf
from guanxi.warehouse.reading import snapshot

NEWEST = 3  # cohorts that are drawn beside the average
FEWEST = 3  # cohorts without which an average is none, where there are so many
SOLD = """
    select cast(sum(orders) as bigint) as orders, cast(sum(sold_minor) as bigint) as sold_minor,
           min(cohort_month) as since
    from cohort_months where basis = 'purchases' and dimension = $dimension and segment = $segment
"""
Groups = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class RetentionPage:
    """The cohorts asked for, and how soon those customers bought again."""

    asked: AskedCohorts
    run: ShopRun
    cohorts: Cohorts
    repurchase: Repurchase
    sold: dict[str, Any]
    currency: str

    @classmethod
    def read(cls, asked: AskedCohorts) -> "RetentionPage | None":
        """Read the marts of the last run on one moment of the lake; None before the first."""
        run = ShopRun.latest()
        if run is None:
            return None
        group = {"dimension": asked.dimension, "segment": asked.segment}
        with snapshot() as lake:
            cohorts = Cohorts.read(lake, run.as_of, basis=asked.basis, **group)
            repurchase = Repurchase.read(lake, **group)
            sold = lake.sql(SOLD, **group).to_pylist()[0]
        return cls(asked, run, cohorts, repurchase, sold, base_currency())

    @property
    def finding(self) -> str:
        """How many of the newest cohort whose next month is over came back in it, and how many do on average."""
        told, average = self.cohorts.newest_told, self.cohorts.average(1)
        if told is None or average is None:
            return self._too_young(self.cohorts.all[-1])
        said = {
            "count": formats.count(told.members),
            "month": moments.month(told.month),
            "share": formats.percent(told.at(1).customers / max(told.members, 1)),
            "average": formats.percent(average),
        }
        bought = ngettext(
            "Of %(count)s customer who first bought in %(month)s, %(share)s came back in the next month; "
            "on average %(average)s do",
            "Of %(count)s customers who first bought in %(month)s, %(share)s came back in the next month; "
            "on average %(average)s do",
            told.members,
        )
        seen = ngettext(
            "Of %(count)s customer first seen in %(month)s, %(share)s were there again in the next month; "
            "on average %(average)s are",
            "Of %(count)s customers first seen in %(month)s, %(share)s were there again in the next month; "
            "on average %(average)s are",
            told.members,
        )
        return (seen if self.asked.basis == DOCUMENTS else bought) % said

    def _too_young(self, newest: Cohort) -> str:
        said = {"count": formats.count(newest.members), "month": moments.month(newest.month)}
        young = ngettext(
            "%(count)s customer began in %(month)s; the month after it is not over yet",
            "%(count)s customers began in %(month)s; the month after it is not over yet",
            newest.members,
        )
        return young % said

    @property
    def table(self) -> CohortTable:
        """The table of cohorts."""
        return CohortTable(self.cohorts, self.asked, self.currency)

    @property
    def metrics(self) -> list[Metric]:
        """How many bought, how many of them again, how soon, and for how much."""
        group = {"dimension": self.asked.dimension, "segment": self.asked.segment}
        ever, soon = self.repurchase.within(EVER, **group), self.repurchase.within(USUAL_DAYS, **group)
        since = self.sold["since"]
        figures = [
            Metric(
                _("Customers who bought"), formats.number_large(ever.customers),
                note=_("since %(day)s") % {"day": moments.month(since)} if since else "",
            ),
            Metric(
                _("Bought more than once"), _share(ever.share),
                note=_("%(count)s of %(members)s") % _counts(ever.returned, ever.customers),
                href=self.behind(EVER) if ever.returned else "",
            ),
            Metric(
                _("Again within 90 days"), _share(soon.share),
                note=_("%(count)s of %(members)s") % _counts(soon.returned, soon.customers)
                if soon.customers else _("nobody has been known for 90 days yet"),
                href=self.behind(USUAL_DAYS) if soon.returned else "",
            ),
            *self._gaps(group),
        ]  # fmt: skip
        if orders := self.sold["orders"]:
            average = formats.money(round(self.sold["sold_minor"] / orders), self.currency)
            note = ngettext("%(count)s order, before refunds", "%(count)s orders, before refunds", orders)
            figures.append(Metric(_("Average order value"), average, note=note % {"count": formats.count(orders)}))
        return figures

    def _gaps(self, group: dict[str, str]) -> Iterator[Metric]:
        found = self.repurchase.gaps.get((group["dimension"], group["segment"]))
        if found:
            span = {"from": formats.count(found.lower_days), "to": formats.count(found.upper_days)}
            days = ngettext("%(count)s day", "%(count)s days", found.median_days)
            yield Metric(
                _("Until the next order"), days % {"count": formats.count(found.median_days)},
                note=_("the median; half lie between %(from)s and %(to)s days") % span,
            )  # fmt: skip

    def behind(self, days: int) -> str:
        """The address of those of the chosen customers who bought again within so many days."""
        return retained(within=days, group=self.asked.group)

    @property
    def basis_tabs(self) -> list[Tab]:
        """The switch of what makes a customer active."""
        titles = {PURCHASES: _("Purchases"), DOCUMENTS: _("Documents of any kind, returns too")}
        return [self.asked.tab(words, "cohorts", basis=name) for name, words in titles.items()]

    @property
    def figure_tabs(self) -> list[Tab]:
        """The switch of what stands in the cells."""
        titles = {SHARE: _("Share"), CUSTOMERS: _("Customers"), NET: _("Net sales"), EACH: _("Net sales each")}
        return [self.asked.tab(words, "cohorts", shows=name) for name, words in titles.items()]

    @cached_property
    def groups(self) -> Groups:
        """The customers that may be chosen, by what they began with; what has one segment is no choice."""
        segments = {dimension: self.repurchase.segments(dimension) for dimension in DIMENSIONS}
        known = {dimension: found for dimension, found in segments.items() if len(found) > 1}
        words = first_groups.names((dimension, each) for dimension, found in known.items() for each in found)
        return [
            (
                str(first_groups.TITLES[dimension]),
                [(f"{dimension}:{each}", words[dimension, each]) for each in found],
            )
            for dimension, found in known.items()
        ]

    @property
    def group_name(self) -> str:
        """What the chosen customers began with; empty for everybody."""
        asked = (self.asked.dimension, self.asked.segment)
        return first_groups.names([asked])[asked] if self.asked.group else ""

    @cached_property
    def _open(self) -> list[Cohort]:
        """The newest cohorts of which something has been seen, and the most has not."""
        told = [cohort for cohort in self.cohorts.all if self.cohorts.is_finished(cohort, 1)]
        return told[-NEWEST:][::-1] if len(told) > NEWEST else []

    @property
    def curves(self) -> Chart | None:
        """The share that comes in each month since, on average and of the newest; None before a month is over."""
        points = [self._point(since) for since in range(1, len(self.table.months))]
        rows = [point for point in points if point["average"] is not None]
        if not rows:
            return None
        newest = [
            Column(
                f"newest_{nth}", _("%(month)s, unfinished") % {"month": moments.month(cohort.month)}, form="percent",
                series=nth,
            )
            for nth, cohort in enumerate(self._open, 2)
        ]  # fmt: skip
        columns = [
            Column("month", _("Months since")), Column("average", _("Average"), form="percent", series=1), *newest,
            Column("cohorts", _("Cohorts in the average"), form="count"),
        ]  # fmt: skip
        last = rows[-1]
        said = {"first": formats.percent(rows[0]["average"]), "last": formats.percent(last["average"])}
        finding = _("%(first)s come in the first month after, on average.") % said
        if last != rows[0]:
            said["nth"] = last["month"]
            finding = _("On average %(first)s come in the first month after, %(last)s in month %(nth)s.") % said
        return Chart(name="retention-curves", kind="line", finding=finding, columns=columns, rows=rows)

    def _point(self, since: int) -> dict[str, Any]:
        over = [cohort for cohort in self.cohorts.all if self.cohorts.is_finished(cohort, since)]
        enough = min(FEWEST, len([cohort for cohort in self.cohorts.all if self.cohorts.is_finished(cohort, 1)]))
        average = self.cohorts.average(since) if len(over) >= enough else None
        point: dict[str, Any] = {"month": str(since), "average": average, "cohorts": len(over)}
        for nth, cohort in enumerate(self._open, 2):
            share = cohort.at(since).customers / max(cohort.members, 1)
            point[f"newest_{nth}"] = share if cohort in over else None
        return point

    @property
    def query(self) -> str:
        """What the address asks for, as panels and files take it."""
        return self.asked.query()

    @property
    def overdue(self) -> AsOf | None:
        """Since when the figures wait to be computed, where that is too long."""
        return overdue(self.run)


def _share(share: float | None) -> str:
    return formats.missing(applies=False) if share is None else formats.percent(share)


def _counts(count: int, members: int) -> dict[str, str]:
    return {"count": formats.count(count), "members": formats.count(members)}
