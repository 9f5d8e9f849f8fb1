"""What is done to products, in the words of the audit trail."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.trail import Named, Words
from guanxi.catalog.models import Product


def names(keys: Iterable[str]) -> dict[str, Named]:
    """Name products."""
    found = Product.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.name, reverse("catalog:product", args=[each.pk])) for each in found}


PRODUCT = Words(acts={"product.added": _("Added a product by the API")}, fields={"sku": _("SKU")}, names=names)
