"""Which set of customers is asked for: a class, a tag, the customers of a product, or a list of ids."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.catalog.models import Product
from guanxi.core.errors import BadInput
from guanxi.customers.classes import CustomerClass, known_classes
from guanxi.customers.models import Customer, Score
from guanxi.insight.models import LookalikeRun
from guanxi.orders.models import Order

Kind = LookalikeRun.Kind
LONGEST = 40_000


class NoSuchSet(BadInput):
    """Nothing is called as the set that was asked for."""


def ids_of(kind: str, word: str) -> set[int]:
    """Give the customers of a set; NoSuchSet where there is none."""
    found = READ[Kind(kind)](word.strip())
    if not found:
        said = {"word": word[:60]}
        raise NoSuchSet(_("No customers belong to “%(word)s”. See how it is written, and choose again.") % said)
    return found


def _class(word: str) -> set[int]:
    labels = [each.label for each in known_classes().values() if word.lower() in {each.label.lower(), *_names(each)}]
    return _keys(Score.objects.filter(name="rfm", label__in=labels).values_list("customer", flat=True))


def _names(named: CustomerClass) -> Iterator[str]:
    """Its name in every language: whoever asks may read another one than whoever does the work."""
    for language, _title in settings.LANGUAGES:
        with translation.override(language):
            yield str(named.name).lower()


def _tag(word: str) -> set[int]:
    return _keys(Customer.objects.filter(taggings__tag__name__iexact=word).values_list("pk", flat=True))


def _product(word: str) -> set[int]:
    key = Product.key_of(word)
    goods = Product.objects.filter(pk=key) if key else Product.objects.matching(word)
    orders = Order.objects.filter(lines__variant__product__in=goods.values("pk"))
    return _keys(orders.values_list("customer", flat=True).distinct())


def _list(word: str) -> set[int]:
    return {key for each in word.replace(",", " ").split() if (key := Customer.key_of(each))}


def _keys(found: "QuerySet[Any, Any]") -> set[int]:
    return {key for key in found.iterator() if key}


READ: dict[LookalikeRun.Kind, Callable[[str], set[int]]] = {
    Kind.CLASS: _class, Kind.TAG: _tag, Kind.PRODUCT: _product, Kind.LIST: _list,
}  # fmt: skip
