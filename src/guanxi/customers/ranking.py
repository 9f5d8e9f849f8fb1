"""Customers from the best down: by score, money and age in the book; those without a score come last, the newest first.

The order follows the index of the scores, so that a page reads its fifty rows and not the whole book.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef

from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.trade import Figure, trade
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import Found
from guanxi.pages.paging import Among, ByFields, Joined, Line

FEW = MOST_COUNTED
TIES = ("weight", "customer")
SORTED = F("value") + 0.0  # no index leads to it: PostgreSQL would look for a few people in the order of all


@dataclass(frozen=True)
class _Scored(ByFields):
    """The customers of scores."""

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read customers one way from a place on."""
        keys = [score.customer_id for score in super().read(key, most, falls=falls)]
        found = Customer.objects.in_bulk(keys)
        return [found[each] for each in keys if each in found]


def ranked(found: Found, falls: bool, scored: Mapping[str, str]) -> Line:  # noqa: FBT001
    """Put customers in order; a small selection is sorted by itself, a large one picked from the scores by their index.

    `scored` is the class and the bands it is narrowed to, as the scores' columns name them.
    """
    scores = Score.objects.filter(name=RFM).annotate(worth=SORTED)
    unscored = ~Exists(scores.filter(customer=OuterRef("pk")))
    everyone = Customer.objects.filter(unscored)
    if found.total <= FEW:
        few = found.keys or list(found.rows.order_by().values_list("pk", flat=True))
        chosen = Score.objects.of_few(few, RFM).annotate(worth=SORTED)
        rest, fields = Customer.objects.filter(Among("pk", few)), ("worth", *TIES)
    else:
        chosen = scores.filter(Exists(found.rows.filter(pk=OuterRef("customer"))), **scored)
        rest, fields = found.rows, ("value", *TIES)
    first = _Scored(chosen.only("customer"), fields, falls, scores)
    return Joined(first, ByFields(rest.filter(unscored), ("pk",), falls=True, whole=everyone))


def by_figure(figure: Figure, found: Found, falls: bool) -> Line:  # noqa: FBT001
    """Put customers in the order of what they bought; those who bought nothing are the least."""
    knows = trade()
    rows, whole = (knows.with_figure(each, figure) for each in (found.rows, Customer.objects.all()))
    return ByFields(rows, ("figure", "pk"), falls, whole)
