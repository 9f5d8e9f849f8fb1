"""The table of cohorts as the page draws it: one line a month in which customers began, one cell a month since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from guanxi.core.money import to_major
from guanxi.guard.fileout import Cell as Value
from guanxi.insight.addresses import retained
from guanxi.insight.asked_cohorts import CUSTOMERS, EACH, NET, SHARE, AskedCohorts, month_in
from guanxi.insight.cohorts import Came, Cohort, Cohorts, months_between
from guanxi.pages import formats, moments

LINES, MONTHS, SHADES = 13, 12, 10


@dataclass(frozen=True)
class Cell:
    """One month of a cohort: what stands in it, how dark it is, who is behind it, and whether it is over."""

    figure: str
    shade: int
    href: str
    title: str
    finished: bool


@dataclass(frozen=True)
class Line:
    """One cohort."""

    month: str
    members: int
    cells: list[Cell]


@dataclass(frozen=True)
class CohortTable:
    """The newest cohorts up to the one asked for, oldest on top."""

    cohorts: Cohorts
    asked: AskedCohorts
    currency: str

    @cached_property
    def shown(self) -> Sequence[Cohort]:
        """The cohorts drawn."""
        until = month_in(self.asked.until)
        known = [cohort for cohort in self.cohorts.all if until is None or cohort.month <= until]
        return known[-LINES:] or self.cohorts.all[:LINES]

    @cached_property
    def months(self) -> range:
        """The months since, from 0; only those of which something has been seen."""
        seen = months_between(self.shown[0].month, self.cohorts.as_of) if self.shown else 0
        return range(min(seen, MONTHS) + 1)

    @property
    def lines(self) -> Iterator[Line]:
        """One line a cohort."""
        for cohort in self.shown:
            observed = months_between(cohort.month, self.cohorts.as_of)
            cells = [self._cell(cohort, since) for since in self.months if since <= observed]
            yield Line(moments.month(cohort.month), cohort.members, cells)

    @property
    def averages(self) -> list[str]:
        """The last line: the share that came in each month that is over, all cohorts together."""
        shares = [self.cohorts.average(since) for since in self.months]
        return ["" if share is None else formats.percent(share) for share in shares]

    @property
    def older(self) -> str:
        """The address of the cohorts before those shown."""
        before = [cohort for cohort in self.cohorts.all if cohort.month < self.shown[0].month] if self.shown else []
        return f"?{self.asked.query(until=f'{before[-1].month:%Y-%m}')}#cohorts" if before else ""

    @property
    def newer(self) -> str:
        """The address of the cohorts after those shown."""
        after = [cohort for cohort in self.cohorts.all if cohort.month > self.shown[-1].month] if self.shown else []
        return f"?{self.asked.query(until=f'{after[:LINES][-1].month:%Y-%m}')}#cohorts" if after else ""

    @cached_property
    def _most(self) -> float:
        """The largest figure of later months, which is the darkest; of money the first month counts as well."""
        first = 0 if self.asked.shows in {NET, EACH} else 1
        return max((self._value(each, k) for each in self.shown for k in self.months if k >= first), default=0)

    def _value(self, cohort: Cohort, since: int) -> float:
        came = cohort.at(since)
        values: dict[str, float] = {CUSTOMERS: came.customers, NET: came.net_minor}
        if self.asked.shows in values:
            return values[self.asked.shows]
        return (came.customers if self.asked.shows == SHARE else came.net_minor) / max(cohort.members, 1)

    def _cell(self, cohort: Cohort, since: int) -> Cell:
        came, value = cohort.at(since), self._value(cohort, since)
        whole = self.asked.shows in {SHARE, CUSTOMERS} and since == 0
        shade = max(1, round(SHADES * min(value / self._most, 1))) if value > 0 and self._most and not whole else 0
        return Cell(
            figure=self._written(value),
            shade=shade,
            href=self._behind(cohort, since) if came.customers else "",
            title=self._title(cohort, came),
            finished=self.cohorts.is_finished(cohort, since),
        )

    def _written(self, value: float) -> str:
        if self.asked.shows == SHARE:
            return formats.percent(value)
        if self.asked.shows == CUSTOMERS:
            return formats.count(round(value))
        return str(formats.money_large(round(value), self.currency))

    def _title(self, cohort: Cohort, came: Came) -> str:
        said = {"count": formats.count(came.customers), "members": formats.count(cohort.members)}
        said["net"] = formats.money_whole(came.net_minor, self.currency)
        return _("%(count)s of %(members)s · %(net)s") % said

    def _behind(self, cohort: Cohort, since: int) -> str:
        return retained(cohort=f"{cohort.month:%Y-%m}", month=since, basis=self.asked.own_basis, group=self.asked.group)


def columns(currency: str) -> list[str]:
    """Name the columns of the table as a file."""
    net = f"{_('Net sales')} ({currency})"
    return [
        _("Cohort"), _("Months since"), _("Customers of the cohort"), _("Customers"), _("Share"), _("Orders"), net,
        _("Month is over"),
    ]  # fmt: skip


def rows(cohorts: Cohorts, currency: str) -> Iterator[list[Value]]:
    """Write every month of every cohort, those in which nobody came among them."""
    for cohort in cohorts.all:
        for since in range(months_between(cohort.month, cohorts.as_of) + 1):
            came = cohort.at(since)
            share = round(came.customers / max(cohort.members, 1), 6)
            yield [
                f"{cohort.month:%Y-%m}", since, cohort.members, came.customers, share, came.orders,
                to_major(came.net_minor, currency), _("yes") if cohorts.is_finished(cohort, since) else _("no"),
            ]  # fmt: skip
