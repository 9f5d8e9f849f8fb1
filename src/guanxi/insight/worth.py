"""The page of lifetime value: what customers will bring within a year, how that spreads, and who will bring most."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer, Score
from guanxi.insight.explanation import age_of
from guanxi.insight.models import SLIPPING, VALUE, ValueRun
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric
from guanxi.pages.formats import Figure
from guanxi.pages.shell import AsOf

SHOWN = 10
ALL = ""
TITLES = {"bg-nbd": "BG/NBD", "pareto-nbd": "Pareto/NBD"}


class Person(NamedTuple):
    """A customer among the first of a list, with what is expected of them."""

    customer: Customer
    face: Face
    parts: Mapping[str, Any]


@dataclass(frozen=True)
class Worth:
    """The last computation, as the page tells it; `may_see_costs` lets margins be told."""

    run: ValueRun | None
    currency: str
    may_see_costs: bool = False

    @classmethod
    def now(cls, viewer: Staff) -> "Worth":
        """Read the last run."""
        return cls(ValueRun.latest(), base_currency(), viewer.may("catalog.cost.see"))

    @property
    def told(self) -> Mapping[str, Any]:
        """What the run said."""
        return self.run.told if self.run else {}

    @property
    def ahead(self) -> Mapping[str, Any]:
        """The year ahead; nothing while nobody has bought."""
        return self.told.get("next_year") or {}

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if not self.ahead:
            return _("Nobody's value is estimated yet")
        if self.revenue is None:
            said = {"orders": formats.count(round(self.ahead["orders"]["expected"]))}
            return _("Your customers will probably order %(orders)s times within 12 months") % said
        return _("Your customers will probably bring %(revenue)s within 12 months") % {
            "revenue": formats.money_large(self.revenue["expected"], self.currency)
        }

    @property
    def revenue(self) -> Mapping[str, int] | None:
        """What all customers are expected to bring, with its ends; None where no amounts are known."""
        found: Mapping[str, int] | None = self.ahead.get("revenue_minor")
        return found

    @property
    def metrics(self) -> list[Metric]:
        """The year ahead in figures."""
        orders, again = self.ahead["orders"], self.ahead["alive_again"]
        return [
            *self._money(),
            Metric(_("Expected orders"), formats.number_large(round(orders["expected"])), note=_ends(orders)),
            Metric(
                _("Probably still customers"),
                formats.number_large(round(again["expected"])),
                note=_("of %(count)s who bought again") % {"count": formats.count(self.told["repeat_customers"])},
            ),
            *self._best(),
        ]

    def _money(self) -> list[Metric]:
        if self.revenue is None:
            return []
        margin = self.told.get("margin_minor") if self.may_see_costs else None
        figures = [(_("Expected revenue"), self.revenue["expected"], _money_ends(self.revenue, self.currency))]
        if margin is not None:
            figures.append((_("Expected margin"), margin, _("by what your goods cost you")))
        return [Metric(title, formats.money_large(minor, self.currency), note=note) for title, minor, note in figures]

    def _best(self) -> list[Metric]:
        best = self.told["bands"]["best_tenth"]
        share = Figure(formats.percent(best, 0)) if best is not None else None
        return [Metric(_("From the best tenth"), share, note=_("of expected revenue"))] if share else []

    @property
    def is_guess(self) -> bool:
        """Whether so few bought again that other shops speak for them."""
        return bool(self.told.get("is_few"))

    @property
    def age(self) -> AsOf | None:
        """When it was computed, with the reason where that is too long ago."""
        return age_of(self.run) if self.run else None

    @cached_property
    def spread(self) -> Chart | None:
        """How many customers are expected to bring how much."""
        bands = self.told.get("bands") or {}
        if not bands.get("edges"):
            return None
        rows = [
            {"band": band, "customers": customers, "revenue": revenue}
            for band, customers, revenue in zip(
                _bands(bands["edges"], self.currency), bands["customers"], bands["revenue_minor"], strict=True
            )
        ]
        columns = [
            Column("band", _("Expected revenue of a customer")),
            Column("customers", _("Customers"), form="count", series=1),
        ]
        return Chart("value-spread", "bars", self._spread_finding, columns, rows, currency=self.currency)

    @property
    def _spread_finding(self) -> str:
        best = self.told["bands"]["best_tenth"]
        return _("The best tenth of customers brings %(share)s of what is expected.") % {
            "share": formats.percent(best, 0)
        }

    def people(self, viewer: Staff, label: str = ALL) -> list[Person]:
        """List those the viewer may see who are expected to bring most: of all, or of those slipping away."""
        scores = Score.objects.filter(name=VALUE, customer__in=Customer.objects.visible_to(viewer))
        chosen = scores.filter(label=label) if label else scores
        found = chosen.select_related("customer").order_by("-value", "-weight", "-customer")[:SHOWN]
        known = [(score.customer, score.parts) for score in found if score.customer]
        faces = faces_of([customer for customer, _parts in known])
        return [Person(customer, faces[customer.pk], parts) for customer, parts in known]

    def slipping(self, viewer: Staff) -> list[Person]:
        """List those who are probably leaving."""
        return self.people(viewer, SLIPPING)


def _ends(amount: Mapping[str, float]) -> str:
    return _("8 in 10 futures: %(span)s") % {"span": formats.span(round(amount["low"]), round(amount["high"]))}


def _money_ends(amount: Mapping[str, int], currency: str) -> str:
    low, high = (formats.money_large(amount[end], currency) for end in ("low", "high"))
    return _("8 in 10 futures: %(span)s") % {"span": f"{low}–{high}"}


def _bands(edges: list[int], currency: str) -> list[str]:
    """Write the bands that limits make of amounts."""
    written = [formats.money_whole(edge, currency) for edge in edges]
    between = [f"{low}–{high.removeprefix(formats.symbol(currency))}" for low, high in pairwise(written)]
    return [f"< {written[0]}", *between, f"≥ {written[-1]}"]


NAIVE = {"same-rate": gettext_lazy("Everybody goes on at their rate"), "same-again": gettext_lazy("As many as before")}
