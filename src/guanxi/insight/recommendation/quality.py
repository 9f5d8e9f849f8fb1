"""The page of recommendations: how good they are, whom and what they reach, and what they say of a product."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from guanxi.catalog.models import Product
from guanxi.insight.models import RecommendationRun
from guanxi.insight.recommendation import offers
from guanxi.insight.recommendation.offers import Offer
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric

SHOWN = 8
LONGEST = 200


@dataclass(frozen=True)
class Quality:
    """The last computation, and the product that is looked up, if any."""

    run: RecommendationRun | None
    asked: str = ""

    @classmethod
    def read(cls, asked: str = "") -> "Quality":
        """Read the last run."""
        return cls(RecommendationRun.latest(), asked[:LONGEST].strip())

    @property
    def told(self) -> Mapping[str, Any]:
        """What the run said."""
        return self.run.told if self.run else {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to recommend yet."""
        return not self.told.get("products")

    @property
    def trial(self) -> Mapping[str, Any] | None:
        """What the time split said; None where it could not be made."""
        found: Mapping[str, Any] | None = self.told.get("trial")
        return found

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if self.is_empty:
            return _("Nothing is recommended yet")
        if self.trial is None:
            said = {"count": formats.count(self.told["customers"])}
            return _("Recommendations for %(count)s customers; how good they are cannot be told yet") % said
        ours, others = (self.trial[way]["recall"]["10"] for way in ("ours", "popular"))
        said = {"ours": formats.percent(ours, 0), "others": formats.percent(others, 0)}
        if ours < others:
            return _("Best sellers hit %(others)s of what customers buy next, more than similar goods: %(ours)s") % said
        return _("Ten recommendations hit %(ours)s of what customers buy next; ten best sellers %(others)s") % said

    @property
    def sentence(self) -> str:
        """How that was tried."""
        if self.trial is None:
            short = self.told.get("untried") == "short"
            return (
                _("It takes six weeks of orders to try them on the past.")
                if short
                else _("It takes 20 customers who bought before and after a day to try them on the past.")
            )
        said = {"count": formats.count(self.trial["customers"]), "days": formats.count(self.trial["days"])}
        return (
            _("Tried on the past: what %(count)s customers bought in %(days)s days, told from earlier orders.") % said
        )

    @property
    def metrics(self) -> list[Metric]:
        """The figures."""
        told = self.told
        return [
            Metric(
                _("Customers"), formats.number_large(told["customers"]),
                note=_("%(count)s by their own purchases") % {"count": formats.count(told["personal"])},
            ),
            Metric(
                _("Goods offered"), formats.number_large(told["shown"]),
                note=_("of %(count)s sold within half a year") % {"count": formats.count(told["offered"])},
            ),
            Metric(
                _("With similar goods"), formats.number_large(told["with_similar"]),
                note=_("of %(count)s goods bought") % {"count": formats.count(told["products"])},
            ),
            Metric(
                _("With accessories"), formats.number_large(told["with_accessory"]),
                note=_("of %(count)s goods bought") % {"count": formats.count(told["products"])},
            ),
        ]  # fmt: skip

    @property
    def coverage(self) -> str:
        """How much of the range anybody is shown."""
        if self.trial is None:
            return ""
        said = {name: formats.percent(self.trial[name]["coverage"], 0) for name in ("ours", "popular")}
        return _("%(ours)s of the range were offered to somebody; best sellers show %(popular)s of it.") % said

    @property
    def chart(self) -> Chart | None:
        """Draw how much of what was bought is hit, by how many goods are shown."""
        if self.trial is None:
            return None
        ours, others = (self.trial[way]["recall"] for way in ("ours", "popular"))
        columns = [
            Column("depth", _("Goods shown")),
            Column("ours", _("Recommendations"), form="percent", series=1),
            Column("popular", _("Best sellers"), form="percent", series="past"),
        ]
        rows = [
            {"depth": _("top %(count)s") % {"count": depth}, "ours": ours[depth], "popular": others[depth]}
            for depth in ours
        ]
        return Chart("recommendation-recall", "bars", self.coverage, columns, rows, height="s")

    @cached_property
    def looked_up(self) -> Product | None:
        """The product that was asked for: by its id, its SKU, or words of its name."""
        if not self.asked:
            return None
        key = Product.key_of(self.asked)
        found = Product.objects.filter(pk=key) if key else Product.objects.matching(self.asked)
        return found.order_by("sort_name", "pk").first()

    def groups(self) -> list[tuple[str, list[Offer]]]:
        """What goes with the product asked for."""
        return groups(self.looked_up) if self.looked_up else []

    @cached_property
    def examples(self) -> list[tuple[Product, list[Offer]]]:
        """The best sellers, each with the goods nearest to it."""
        found = offers.best_sellers(SHOWN)
        near = offers.of_many(found)
        return [(each, near[each.pk]) for each in found]


def groups(product: Product) -> list[tuple[str, list[Offer]]]:
    """What goes with a product, under the headings of a page; those without anything are left out."""
    titles = {
        offers.TOGETHER: _("Bought together"), offers.SIMILAR: _("Similar goods"), offers.ACCESSORY: _("Accessories"),
    }  # fmt: skip
    found = offers.for_product(product, most=5)
    return [(titles[name], some) for name, some in found.items() if some]
