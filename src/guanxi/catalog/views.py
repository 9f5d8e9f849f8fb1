"""The page of a product; what it sold comes in panels of the contexts above."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.catalog.models import Product, Variant, VariantCost
from guanxi.core.panels import panels_for
from guanxi.pages.period import Period

PLACES = ("main", "side")


@dataclass(frozen=True)
class Offer:
    """One variant as the page shows it: its price, and what it costs us, newest first."""

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


@require_GET
@needs("catalog.view")
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show a product: its variants with prices and costs, and what other contexts tell of it over the chosen days."""
    visible = Product.objects.visible_to(request.user).select_related("category")
    found = get_object_or_404(visible, pk=product_id)
    context = {"product": found, "offers": _offers(found), "places": _places(request, found)}
    return render(request, "catalog/product.html", context)


def _offers(product: Product) -> list[Offer]:
    """Read the variants with their costs, in two queries."""
    variants = list(product.variants.order_by("sku"))
    costs: dict[int, list[VariantCost]] = {variant.pk: [] for variant in variants}
    for cost in VariantCost.objects.filter(variant__in=costs).order_by("-valid_from"):
        costs[cost.variant_id].append(cost)
    return [Offer(variant, costs[variant.pk]) for variant in variants]


def _places(request: StaffRequest, product: Product) -> dict[str, list[dict[str, Any]]]:
    """Sort the panels the reader may see into their columns; each is told the days in its address."""
    days = urlencode(Period.of(request).query)
    places: dict[str, list[dict[str, Any]]] = {place: [] for place in PLACES}
    for panel in panels_for("product", request.user):
        address = reverse(panel.url_name, kwargs={"product_id": product.pk})
        places[panel.place].append({"panel": panel, "address": f"{address}?{days}"})
    return places
