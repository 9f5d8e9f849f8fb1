"""What variants are offered at and cost us, for one product or a page of them: two queries for however many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from guanxi.catalog.models import Product, Variant, VariantCost
from guanxi.core.money import exponent, to_major
from guanxi.pages import formats

COST = "catalog.cost.see"


@dataclass(frozen=True)
class Offer:
    """One variant as pages show it: its price, and what it costs us, newest first."""

    variant: Variant
    costs: Sequence[VariantCost]

    @property
    def cost(self) -> VariantCost | None:
        """What it costs us now."""
        return self.costs[0] if self.costs else None

    @property
    def margin(self) -> float | None:
        """Which share of the price is left; none where either is unknown, or they are in two currencies."""
        price, cost = self.variant.price_minor, self.cost
        if not price or cost is None or cost.currency != self.variant.currency:
            return None
        return (price - cost.cost_minor) / price


def offers_of(products: Iterable[Product], *, with_costs: bool = True) -> dict[int, list[Offer]]:
    """Read the variants of products by the products' ids, each in the order of their SKUs; with costs where wanted."""
    variants = list(Variant.objects.filter(product__in=list(products)).order_by("sku"))
    costs: dict[int, list[VariantCost]] = {variant.pk: [] for variant in variants}
    for cost in VariantCost.objects.filter(variant__in=costs if with_costs else ()).order_by("-valid_from"):
        costs[cost.variant_id].append(cost)
    offers: dict[int, list[Offer]] = {}
    for variant in variants:
        offers.setdefault(variant.product_id, []).append(Offer(variant, costs[variant.pk]))
    return offers


def prices(offers: Sequence[Offer]) -> str:
    """Write from which to which price a product is offered, in each of its currencies; nothing where none is known."""
    priced: dict[str, list[int]] = {}
    for variant in (offer.variant for offer in offers):
        if variant.price_minor is not None and variant.currency:
            priced.setdefault(variant.currency, []).append(variant.price_minor)
    return " · ".join(_range(min(each), max(each), currency) for currency, each in sorted(priced.items()))


def margins(offers: Sequence[Offer]) -> str:
    """Write from which to which share of the price is left, of the variants of which that is known."""
    known = sorted(_margins(offers))
    if not known:
        return ""
    low, high = formats.percent(known[0]), formats.percent(known[-1])
    return low if low == high else f"{low}–{high}"


def _margins(offers: Sequence[Offer]) -> Iterator[float]:
    return (offer.margin for offer in offers if offer.margin is not None)


def _range(low: int, high: int, currency: str) -> str:
    """Write an interval of prices in full, the symbol once."""
    text = formats.money(low, currency)
    return text if low == high else f"{text}–{formats.decimal(to_major(high, currency), exponent(currency))}"
