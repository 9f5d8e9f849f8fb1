"""Customers in the order of what is counted of them: their scores, or what they bought; the others come last.

The order follows an index of the scores or of the figures, so that a page reads its fifty rows and not the whole book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.trade import Figure, trade
from guanxi.pages.paging import ByFields, Joined, Line

FEW = 2_000
FIELDS = ("value", "weight", "customer")


@dataclass(frozen=True)
class _OwnersOf(ByFields):
    """The customers of rows that each have one."""

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read customers one way from a place on."""
        keys = [row.customer_id for row in super().read(key, most, falls=falls)]
        found = Customer.objects.in_bulk(keys)
        return [found[each] for each in keys if each in found]


def ranked(
    customers: CustomerQuerySet,
    falls: bool,  # noqa: FBT001
    scored: Mapping[str, str],
    *,
    sortable: bool = False,
) -> Line:
    """Put customers in the order of their scores.

    `scored` is the class and the bands it is narrowed to, as the scores' columns name them. A `sortable` selection is
    known to be no larger than what is sorted at once.
    """
    scores, few = Score.objects.filter(name=RFM), _few(customers)
    if few is not None:
        chosen = Score.objects.of_few(few, RFM)
    else:
        chosen = scores.filter(customer__in=customers.order_by().values("pk")) if sortable else _of(customers, scores)
    return _then_the_rest(_OwnersOf(chosen.filter(**scored).only("customer"), FIELDS, falls, scores), customers, few)


def by_figure(figure: Figure, bought: Mapping[str, Any], customers: CustomerQuerySet, falls: bool) -> Line:  # noqa: FBT001
    """Put customers in the order of what they bought; those who bought nothing come last.

    `bought` is what their figures are narrowed to.
    """
    everyone = trade().bought()
    if everyone is None:
        return ByFields(customers, ("pk",), falls)
    few = _few(customers)
    chosen = _of(customers, everyone) if few is None else everyone.filter(customer__in=few)
    return _then_the_rest(_OwnersOf(chosen.filter(**bought), (figure, "customer"), falls, everyone), customers, few)


def _few(customers: CustomerQuerySet) -> list[int] | None:
    """Name the customers where they are few: a small selection is sorted by itself."""
    few = list(customers.order_by().values_list("pk", flat=True)[: FEW + 1])
    return few if len(few) <= FEW else None


def _of(customers: CustomerQuerySet, rows: Any) -> Any:
    """Keep the rows of customers of a large selection, which are picked from an index in its order."""
    return rows.filter(Exists(customers.filter(pk=OuterRef("customer"))))


def _then_the_rest(first: ByFields, customers: CustomerQuerySet, few: Sequence[int] | None) -> Line:
    """Put those behind a line who have no place in it, the newest first."""
    others = ~Exists(first.whole.filter(customer=OuterRef("pk")))
    rest = (customers if few is None else Customer.objects.filter(pk__in=few)).filter(others)
    return Joined(first, ByFields(rest, ("pk",), falls=True, whole=Customer.objects.filter(others)))
