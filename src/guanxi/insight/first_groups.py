"""By what customers began: the channels, categories and products of first purchases, and what they are called."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.catalog.models import Product
from guanxi.insight.asked_cohorts import CATEGORY, CHANNEL, PRODUCT
from guanxi.insight.cohorts import REST, UNKNOWN
from guanxi.orders.models import Store

LONGEST = 40  # characters of a name
TITLES: dict[str, Promise] = {
    PRODUCT: gettext_lazy("First product"),
    CATEGORY: gettext_lazy("First category"),
    CHANNEL: gettext_lazy("First channel"),
}
RESTS: dict[str, Promise] = {
    PRODUCT: gettext_lazy("All smaller products"),
    CATEGORY: gettext_lazy("All smaller categories"),
}


def names(groups: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Name segments, each with its dimension; products by what the catalogue calls them, in one query."""
    groups = list(groups)
    keys = [int(segment) for dimension, segment in groups if dimension == PRODUCT and segment.isdigit()]
    products = Product.objects.in_bulk(keys)
    channels = dict(Store.Channel.choices)
    found = {}
    for dimension, segment in groups:
        if segment == UNKNOWN:
            word = _("Not known")
        elif segment == REST and dimension in RESTS:
            word = str(RESTS[dimension])
        elif dimension == PRODUCT:
            product = products.get(int(segment)) if segment.isdigit() else None
            word = product.name if product else _("Not known")
        else:
            word = str(channels.get(segment, segment)) if dimension == CHANNEL else segment
        found[dimension, segment] = Truncator(word).chars(LONGEST)
    return found
