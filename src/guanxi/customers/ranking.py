"""Customers in the order of what is counted of them: their scores, or what they bought; the others come last.

The order follows an index of the scores or of the figures, so that a page reads its fifty rows and not the whole book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef

from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.trade import Figure, trade
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import Found
from guanxi.pages.paging import Among, ByFields, Joined, Line

FEW = MOST_COUNTED
TIES = ("weight", "customer")
SORTED = F("value") + 0.0  # no index leads to it: PostgreSQL would look for a few people in the order of all


@dataclass(frozen=True)
class _OwnersOf(ByFields):
    """The customers of rows that each have one."""

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read customers one way from a place on."""
        keys = [row.customer_id for row in super().read(key, most, falls=falls)]
        found = Customer.objects.in_bulk(keys)
        return [found[each] for each in keys if each in found]


def ranked(found: Found, falls: bool, scored: Mapping[str, str]) -> Line:  # noqa: FBT001
    """Put customers in order; a small selection is sorted by itself, a large one picked from the scores by their index.

    `scored` is the class and the bands it is narrowed to, as the scores' columns name them.
    """
    scores, few = Score.objects.filter(name=RFM).annotate(worth=SORTED), _few(found)
    if few is None:
        chosen, first = _of(found.rows, scores), "value"
    else:
        chosen, first = Score.objects.of_few(few, RFM).annotate(worth=SORTED), "worth"
    line = _OwnersOf(chosen.filter(**scored).only("customer"), (first, *TIES), falls, scores)
    return _then_the_rest(line, found.rows, few)


def by_figure(figure: Figure, bought: Mapping[str, Any], found: Found, falls: bool) -> Line:  # noqa: FBT001
    """Put customers in the order of what they bought; those who bought nothing come last.

    `bought` is what their figures are narrowed to.
    """
    everyone = trade().bought()
    if everyone is None:
        return ByFields(found.rows, ("pk",), falls)
    few = _few(found)
    chosen = _of(found.rows, everyone) if few is None else everyone.filter(Among("customer", few))
    line = _OwnersOf(chosen.filter(**bought), (figure, "customer"), falls, everyone)
    return _then_the_rest(line, found.rows, few)


def _few(found: Found) -> Sequence[int] | None:
    """Name the customers where they are few: a small selection is sorted by itself."""
    if found.total > FEW:
        return None
    return found.keys or list(found.rows.order_by().values_list("pk", flat=True))


def _of(customers: CustomerQuerySet, rows: Any) -> Any:
    """Keep the rows of customers of a large selection, which are picked from an index in its order."""
    return rows.filter(Exists(customers.filter(pk=OuterRef("customer"))))


def _then_the_rest(first: ByFields, customers: CustomerQuerySet, few: Sequence[int] | None) -> Line:
    """Put those behind a line who have no place in it, the newest first."""
    others = ~Exists(first.whole.filter(customer=OuterRef("pk")))
    rest = (customers if few is None else Customer.objects.filter(Among("pk", few))).filter(others)
    return Joined(first, ByFields(rest, ("pk",), falls=True, whole=Customer.objects.filter(others)))
