"""The page of products: what a span came to, what became of its orders, and which products brought it."""

from dataclasses import dataclass
from functools import cached_property

from guanxi.insight.assortment import outcomes, ranking
from guanxi.insight.assortment.asked import FIGURES, PARTS, Asked
from guanxi.insight.assortment.computed import Computed
from guanxi.insight.assortment.outcomes import Outcomes
from guanxi.insight.assortment.ranking import Ranking
from guanxi.insight.assortment.trend import MART, Trend
from guanxi.orders.figures import base_currency
from guanxi.pages.components import Tab
from guanxi.warehouse.reading import snapshot


@dataclass(frozen=True)
class ProductsPage:
    """What the marts say of a span; parts that were not computed yet are None."""

    asked: Asked
    computed: Computed
    trend: Trend | None
    outcomes: Outcomes | None
    ranking: Ranking

    @classmethod
    def read(cls, asked: Asked) -> "ProductsPage | None":
        """Read the marts on one moment of the lake; None before the first computation, and where nobody ordered."""
        computed, currency = Computed.last(ranking.MART), base_currency()
        if computed is None:
            return None
        days, places = Computed.last(MART), Computed.last(outcomes.MART)
        with snapshot() as lake:
            trend = Trend.read(lake, asked, days.as_of, currency) if days else None
            found = Outcomes.read(lake, asked, currency) if places else None
            rows = Ranking.read(lake, asked, currency)
        trend = trend if trend and trend.days else None
        return cls(asked, computed, trend, found, rows) if trend or found or rows.rows else None

    @property
    def finding(self) -> str:
        """The first sentence of the page."""
        if self.trend is not None:
            return self.trend.finding
        return self.outcomes.finding if self.outcomes else self.ranking.finding

    @property
    def query(self) -> str:
        """What the address asks for, as panels and files take it."""
        return self.asked.query()

    @cached_property
    def figure_tabs(self) -> list[Tab]:
        """The switch of the figure that is drawn."""
        return self.asked.tabs("figure", FIGURES, "#trend")

    @cached_property
    def part_tabs(self) -> list[Tab]:
        """The switch between products and categories."""
        return self.asked.tabs("part", PARTS, "#ranking")
