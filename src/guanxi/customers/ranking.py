"""Customers from the best down: by score, money and age in the book; those without a score come last, the newest first.

The order follows the index of the scores, so that a page reads its fifty rows and not the whole book.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef

from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.trade import Figure, trade
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import Found
from guanxi.pages.paging import ByFields, Joined, Line

FEW = MOST_COUNTED
FIELDS = ("value", "weight", "customer")
_Place = tuple[bool, float, int, int]  # whether there is no score; what is sorted by, turned around where it falls


@dataclass(frozen=True)
class _Scored(ByFields):
    """The customers of scores."""

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read customers one way from a place on."""
        keys = [score.customer_id for score in super().read(key, most, falls=falls)]
        found = Customer.objects.in_bulk(keys)
        return [found[each] for each in keys if each in found]


@dataclass(frozen=True)
class _Few:
    """Customers of whom the scores are read and sorted here: no index leads to just these in their order."""

    keys: Sequence[int]
    falls: bool

    def after(self, key: int | None, most: int) -> list[Customer]:
        """Read the customers that follow."""
        start = 0 if key is None else bisect_right(self._places, self._place(key))
        return self._read(self._places[start : start + most])

    def before(self, key: int | None, most: int) -> list[Customer]:
        """Read the customers that lead up to it."""
        end = len(self._places) if key is None else bisect_left(self._places, self._place(key))
        return self._read(self._places[max(0, end - most) : end])

    def has(self, key: int) -> bool:
        """Tell whether there is such a customer: one who was narrowed away still has a place among the others."""
        return Customer.objects.filter(pk=key).exists()

    @cached_property
    def _places(self) -> list[_Place]:
        scores = self._scores_of(self.keys)
        return sorted(self._placed(key, scores.get(key)) for key in self.keys)

    def _place(self, key: int) -> _Place:
        return self._placed(key, self._scores_of([key]).get(key))

    def _placed(self, key: int, score: tuple[float, int] | None) -> _Place:
        if score is None:
            return True, 0, 0, -key
        value, weight = score
        return (False, -value, -weight, -key) if self.falls else (False, value, weight, key)

    def _scores_of(self, keys: Sequence[int]) -> dict[int | None, tuple[float, int]]:
        scores = Score.objects.of_few(keys, RFM).values_list("customer", "value", "weight")
        return {key: (value, weight or 0) for key, value, weight in scores}

    def _read(self, places: Sequence[_Place]) -> list[Customer]:
        keys = [abs(place[-1]) for place in places]
        found = Customer.objects.in_bulk(keys)
        return [found[key] for key in keys if key in found]


def ranked(found: Found, falls: bool, scored: Mapping[str, str]) -> Line:  # noqa: FBT001
    """Put customers in order; a small selection is sorted by itself, a large one picked from the scores by their index.

    `scored` is the class and the bands it is narrowed to, as the scores' columns name them.
    """
    customers = found.rows
    if found.total <= FEW:
        keys = found.keys or list(customers.order_by().values_list("pk", flat=True))
        return _Few(keys, falls)
    all_scores = Score.objects.filter(name=RFM)
    chosen = all_scores.filter(Exists(customers.filter(pk=OuterRef("customer"))), **scored).only("customer")
    unscored = ~Exists(Score.objects.filter(name=RFM, customer=OuterRef("pk")))
    everyone = Customer.objects.filter(unscored)
    rest = ByFields(customers.filter(unscored), ("pk",), falls=True, whole=everyone)
    return Joined(_Scored(chosen, FIELDS, falls, all_scores), rest)


def by_figure(figure: Figure, found: Found, falls: bool) -> Line:  # noqa: FBT001
    """Put customers in the order of what they bought; those who bought nothing are the least."""
    knows = trade()
    rows, whole = (knows.with_figure(each, figure) for each in (found.rows, Customer.objects.all()))
    return ByFields(rows, ("figure", "pk"), falls, whole)
