"""Customers from the best down: by score, money and age in the book; those without a score come last, the newest first.

The order follows the index of the scores, so that a page reads its fifty rows and not the whole book.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.trade import Figure, trade
from guanxi.pages.paging import Among, ByFields, Joined, Line

FEW = 5_000
FIELDS = ("value", "weight", "customer")


@dataclass(frozen=True)
class _Scored(ByFields):
    """The customers of scores."""

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read customers one way from a place on."""
        keys = [score.customer_id for score in super().read(key, most, falls=falls)]
        found = Customer.objects.in_bulk(keys)
        return [found[each] for each in keys if each in found]


def ranked(customers: CustomerQuerySet, falls: bool, total: int, scored: Mapping[str, str]) -> Line:  # noqa: FBT001
    """Put customers in order; a small selection is sorted by itself, a large one picked from the scores by their index.

    `scored` is the class and the bands it is narrowed to, as the scores' columns name them.
    """
    few = list(customers.order_by().values_list("pk", flat=True)) if total <= FEW else None
    all_scores = Score.objects.filter(name=RFM)
    chosen = (
        all_scores.filter(Exists(customers.filter(pk=OuterRef("customer"))))
        if few is None
        else Score.objects.of_few(few, RFM)
    )
    scores = chosen.filter(**scored).only("customer")
    unscored = ~Exists(Score.objects.filter(name=RFM, customer=OuterRef("pk")))
    rest = (customers if few is None else Customer.objects.filter(Among("pk", few))).filter(unscored)
    everyone = Customer.objects.filter(unscored)
    return Joined(_Scored(scores, FIELDS, falls, all_scores), ByFields(rest, ("pk",), falls=True, whole=everyone))


def by_figure(figure: Figure, customers: CustomerQuerySet, falls: bool, _total: int) -> Line:  # noqa: FBT001
    """Put customers in the order of what they bought; those who bought nothing are the least."""
    knows = trade()
    rows, whole = (knows.with_figure(each, figure) for each in (customers, Customer.objects.all()))
    return ByFields(rows, ("figure", "pk"), falls, whole)
