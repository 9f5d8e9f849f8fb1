"""The page of classes: how many customers each holds, what they bring, how that moved, and by which rules."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from guanxi.insight import past, sheets, wording
from guanxi.insight.addresses import people
from guanxi.insight.explanation import age_of
from guanxi.insight.history import History
from guanxi.insight.models import RfmPast, RfmRun, RfmScheme
from guanxi.insight.naming import series_of
from guanxi.insight.scheme import Scheme
from guanxi.insight.wording import Rule, rules
from guanxi.orders.models import Company
from guanxi.pages import formats, moments
from guanxi.pages.charts import Table
from guanxi.pages.components import Metric
from guanxi.pages.formats import Change
from guanxi.pages.shell import AsOf


@dataclass(frozen=True)
class ClassRow:
    """One class: its name, from which score on, how many are in it, what they bring, how many more than before."""

    key: str
    name: str
    series: int
    from_score: str
    customers: int
    share: float | None
    net_minor: int
    net_share: float | None
    moved: int | None
    is_last: bool = False

    @property
    def average_minor(self) -> int | None:
        """Net sales of one customer, on average."""
        return round(self.net_minor / self.customers) if self.customers else None

    @property
    def change(self) -> Change | None:
        """The movement, with its direction."""
        if self.moved is None:
            return None
        direction = "up" if self.moved > 0 else "down" if self.moved < 0 else "flat"
        word = {"up": _("worse"), "down": _("better")}.get(direction, "") if self.is_last else ""
        return Change(direction, formats.count(abs(self.moved)), word)

    @property
    def href(self) -> str:
        """Where its people are."""
        return people(**{"class": self.key}) if self.customers else ""


@dataclass(frozen=True)
class Overview:
    """The classes of the last run, those of earlier days by the same rules, and the rules in force."""

    version: RfmScheme
    run: RfmRun | None
    currency: str
    earlier: tuple[RfmPast, ...] = ()

    @classmethod
    def now(cls) -> "Overview":
        """Read the rules in force, the last run, and the days it is compared with."""
        company, run = Company.current(), RfmRun.latest()
        found = RfmPast.objects.filter(scheme=run.scheme_id, as_of__in=past.days(run.as_of)) if run else ()
        currency = company.base_currency if company else "CNY"
        return cls(RfmScheme.current(), run, currency, tuple(sorted(found, key=lambda each: each.as_of)))

    @property
    def scheme(self) -> Scheme:
        """The rules shown: those of the run, or those in force before the first."""
        return (self.run.scheme if self.run else self.version).scheme

    @property
    def is_behind(self) -> bool:
        """Whether the scores still are those of earlier rules."""
        return self.run is not None and self.run.scheme_id != self.version.pk

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        best = next(iter(self.classes), None)
        if best is None or best.share is None:
            return _("No customer is scored yet")
        said = {"share": formats.percent(best.share), "class": wording.within(best.name)}
        if best.net_share is None:
            return _("%(share)s of customers are %(class)s") % said
        said["net"] = formats.percent(best.net_share)
        return _("%(share)s of customers are %(class)s and bring %(net)s of net sales") % said

    @cached_property
    def before(self) -> RfmPast | None:
        """The classes 30 days before the run, by the same rules."""
        day = self.run.as_of - past.EARLIER if self.run else None
        return next((each for each in self.earlier if each.as_of == day), None)

    @cached_property
    def classes(self) -> list[ClassRow]:
        """The classes from the highest down; none before the first run."""
        return [self._row(place) for place in range(len(self.scheme.classes))] if self.run else []

    def _row(self, place: int) -> ClassRow:
        each, run = self.scheme.classes[place], self.run
        found = run.classes[each.key] if run else {"customers": 0, "net_minor": 0}
        was = self.before.classes.get(each.key) if self.before else None
        return ClassRow(
            key=each.key,
            name=each.name,
            series=series_of(self.scheme, place),
            from_score=wording.from_score(self.scheme, place),
            customers=found["customers"],
            share=found["customers"] / run.customers if run and run.customers else None,
            net_minor=found["net_minor"],
            net_share=found["net_minor"] / self.net_minor if self.net_minor > 0 else None,
            moved=found["customers"] - was["customers"] if was else None,
            is_last=place == len(self.scheme.classes) - 1,
        )

    @property
    def sheet(self) -> Table:
        """The classes as a file."""
        return sheets.classes(self.classes, str(self.sales_title), self.currency)

    @property
    def net_minor(self) -> int:
        """Net sales of all classes in the window."""
        return sum(each["net_minor"] for each in self.run.classes.values()) if self.run else 0

    @property
    def average_minor(self) -> int | None:
        """Net sales of one customer, on average."""
        return round(self.net_minor / self.run.customers) if self.run and self.run.customers else None

    @property
    def movement(self) -> str:
        """The class that moved most in 30 days, in a sentence; nothing where there is nothing to compare with."""
        moved = [row for row in self.classes if row.moved is not None]
        most = max(moved, key=lambda row: abs(row.moved or 0), default=None)
        if most is None or self.before is None:
            return ""
        said = {
            "class": most.name,
            "count": formats.count(abs(most.moved or 0)),
            "day": moments.full_day(self.before.as_of),
        }
        if not most.moved:
            return _("No class has grown or shrunk since %(day)s.") % said
        if most.moved > 0:
            return _("“%(class)s” moved most since %(day)s: %(count)s more customers.") % said
        return _("“%(class)s” moved most since %(day)s: %(count)s fewer customers.") % said

    @property
    def metrics(self) -> list[Metric]:
        """The classes as figures that lead to their people."""
        since = _("since %(day)s") % {"day": moments.day(self.before.as_of)} if self.before else ""
        return [
            Metric(
                row.name,
                formats.number_large(row.customers),
                change=row.change,
                note=since or (_("%(share)s of all") % {"share": formats.percent(row.share)} if row.share else ""),
                href=row.href,
                swatch=row.series,
            )
            for row in self.classes
        ]

    @cached_property
    def history(self) -> History | None:
        """The classes at the ends of months and now; None where there is no past."""
        if self.run is None:
            return None
        ends = {*past.month_ends(self.run.as_of)}
        earlier = [(each.as_of, each.classes) for each in self.earlier if each.as_of in ends]
        return History(self.scheme, (*earlier, (self.run.as_of, self.run.classes))) if earlier else None

    @property
    def rules(self) -> list[Rule]:
        """The three dimensions in words, with the limits of the run."""
        return rules(self.scheme, self.run.limits if self.run else {}, self.currency)

    @property
    def sales_title(self) -> str:
        """The heading of the sales, which are those of the window."""
        days = self.scheme.monetary.window_days
        return _("Net sales, %(days)s days") % {"days": formats.count(days)} if days else _("Net sales")

    @property
    def version_note(self) -> str:
        """Which rules these are, and since when."""
        return wording.version(self.run.scheme if self.run else self.version)

    @property
    def age(self) -> AsOf | None:
        """When the scores were computed, and whether that is too long ago."""
        return age_of(self.run) if self.run else None
