"""Products in the command palette: found as their list finds them, and brought back by their ids."""

from collections.abc import Mapping, Sequence
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Product, ProductQuerySet
from guanxi.pages.commands import Finder, Hit

SHOWN = 5


def find(request: HttpRequest, text: str) -> Sequence[Hit]:
    """Find products by any word of their name, by brand or by SKU."""
    return [_hit(product) for product in _visible(request).matching(text).order_by("sort_name", "pk")[:SHOWN]]


def recall(request: HttpRequest, ids: Sequence[str]) -> Mapping[str, Hit]:
    """Bring back the products of public ids, as far as the reader may see them."""
    keys = [Product.key_of(each) or 0 for each in ids]
    return {product.public_id: _hit(product) for product in _visible(request).filter(pk__in=keys)}


def _visible(request: HttpRequest) -> ProductQuerySet:
    products = Product.objects.visible_to(cast(Staff, request.user))
    return products.select_related("category").defer("spelling", "brand_spelling")


def _hit(product: Product) -> Hit:
    return Hit(product.name, reverse("catalog:product", args=[product.pk]), "package", product.kind)


FINDER = Finder("products", _("Products"), find, recall, Product.PREFIX, order=30, permission="catalog.view")
