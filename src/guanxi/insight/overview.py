"""The page of classes: how many customers each holds, what they bring, and by which rules."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.insight import wording
from guanxi.insight.explanation import age_of
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.scheme import Scheme
from guanxi.insight.wording import Rule, rules
from guanxi.orders.models import Company
from guanxi.pages import formats
from guanxi.pages.shell import AsOf


@dataclass(frozen=True)
class ClassRow:
    """One class: its name, from which score on, how many are in it, what they bring."""

    name: str
    series: int
    from_score: str
    customers: int
    share: float | None
    net_minor: int
    net_share: float | None


@dataclass(frozen=True)
class Overview:
    """The classes of the last run, and the rules in force."""

    version: RfmScheme
    run: RfmRun | None
    currency: str

    @classmethod
    def now(cls) -> "Overview":
        """Read the rules in force and the last run."""
        company = Company.current()
        return cls(RfmScheme.current(), RfmRun.latest(), company.base_currency if company else "CNY")

    @property
    def scheme(self) -> Scheme:
        """The rules shown: those of the run, or those in force before the first."""
        return (self.run.scheme if self.run else self.version).scheme

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

    @property
    def classes(self) -> list[ClassRow]:
        """The classes from the highest down; none before the first run."""
        if self.run is None:
            return []
        sales = sum(each["net_minor"] for each in self.run.classes.values())
        last = len(self.scheme.classes) - 1
        return [
            ClassRow(
                name=each.name,
                series=place + 1 if place < last else 0,
                from_score=wording.from_score(self.scheme, place),
                customers=(found := self.run.classes[each.key])["customers"],
                share=found["customers"] / self.run.customers if self.run.customers else None,
                net_minor=found["net_minor"],
                net_share=found["net_minor"] / sales if sales > 0 else None,
            )
            for place, each in enumerate(self.scheme.classes)
        ]

    @property
    def net_minor(self) -> int:
        """Net sales of all classes in the window."""
        return sum(each.net_minor for each in self.classes)

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
