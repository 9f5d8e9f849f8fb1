"""Customers in the order of what is counted of them: their scores, or what they bought; the others come last.

The order follows an index of the scores or of the figures, so that a page reads its fifty rows and not the whole book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, OuterRef

from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.trade import Figure, trade
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import Found
from guanxi.pages.paging import Among, ByFields, Joined, Line, keys_of

FEW = 1_500  # up to so many are looked up one by one; of more of one name, one meets enough in the order of all
TIES = ("weight", "customer")
SORTED = F("value") + 0.0  # no index leads to it: PostgreSQL would look for a few people in the order of all


@dataclass(frozen=True)
class _OwnersOf(ByFields):
    """The customers of rows that each have one."""

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read customers one way from a place on."""
        told = replace(self, rows=self.rows.values_list("customer", flat=True))  # which an index has without its row
        keys = super(_OwnersOf, told).read(key, most, falls=falls)
        found = Customer.objects.in_bulk(keys)
        return [found[each] for each in keys if each in found]


def ranked(found: Found, falls: bool, scored: Mapping[str, str]) -> Line:  # noqa: FBT001
    """Put customers in order; a small selection is sorted by itself, a large one picked from the scores by their index.

    `scored` is the class and the bands it is narrowed to, as the scores' columns name them.
    """
    scores, keys = Score.objects.filter(name=RFM).annotate(worth=SORTED), _keys(found)
    if keys is not None and not _walked(found, keys):
        chosen, first = Score.objects.of_few(keys, RFM).annotate(worth=SORTED), "worth"
    else:
        chosen, first = _of(found, keys, scores), "value"
    line = _OwnersOf(chosen.filter(**scored), (first, *TIES), falls, scores)
    return _then_the_rest(line, found.rows, keys)


def by_figure(figure: Figure, bought: Mapping[str, Any], found: Found, falls: bool) -> Line:  # noqa: FBT001
    """Put customers in the order of what they bought; those who bought nothing come last.

    `bought` is what their figures are narrowed to.
    """
    everyone = trade().bought()
    if everyone is None:
        return ByFields(found.rows, ("pk",), falls)
    keys = _keys(found)
    line = _OwnersOf(_of(found, keys, everyone).filter(**bought), (figure, "customer"), falls, everyone)
    return _then_the_rest(line, found.rows, keys)


def _keys(found: Found) -> Sequence[int] | None:
    """Name the customers of a selection that lists count to its end."""
    if found.total > MOST_COUNTED:
        return None
    return found.keys or keys_of(found.rows.order_by())


def _walked(found: Found, keys: Sequence[int]) -> bool:
    """Tell whether one comes to enough of them sooner than one has looked up each."""
    return found.scattered and len(keys) > FEW


def _of(found: Found, keys: Sequence[int] | None, rows: Any) -> Any:
    """Keep the rows of a selection: few are looked up, many are picked from an index in its order."""
    if keys is None:
        return rows.filter(Exists(found.rows.filter(pk=OuterRef("customer"))))
    return rows.filter(Among("customer", keys, walked=_walked(found, keys)))


def _then_the_rest(first: ByFields, customers: CustomerQuerySet, keys: Sequence[int] | None) -> Line:
    """Put those behind a line who have no place in it, the newest first."""
    others = ~Exists(first.whole.filter(customer=OuterRef("pk")))
    rest = (customers if keys is None else Customer.objects.filter(Among("pk", keys))).filter(others)
    return Joined(first, ByFields(rest, ("pk",), falls=True, whole=Customer.objects.filter(others)))
