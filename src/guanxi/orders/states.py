"""The first orders of some states, by when they were placed: read from every combination that can be meant, and merged.

A list narrowed by one state and sorted by date has no index of its own; a rare state would be looked for in all orders.
The index of all three states has every combination in order, so that a page reads no more than the rows it shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db import connection

from guanxi.customers.likelihood import is_common
from guanxi.orders.models import Order
from guanxi.orders.models.order import STATES, OrderQuerySet
from guanxi.pages.paging import ByFields, past

ORDER = ("placed_at", "id")


@dataclass(frozen=True)
class ByStates(ByFields):
    """Orders of some states by when they were placed."""

    chosen: Mapping[str, str] = field(default_factory=dict)

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Order]:
        """Read orders one way from a place on."""
        place = None if key is None else self._place(key)
        rows = self.rows if place is None else past(self.rows, place, falls=falls)
        return first(rows, self.chosen, most, falls=falls)

    def keys(self, key: int | None, most: int) -> Sequence[int]:
        """Read the keys of the orders that follow."""
        place = None if key is None else self._place(key)
        rows = self.rows if place is None else past(self.rows, place, falls=self.falls)
        return keys(rows, self.chosen, most, falls=self.falls)


def first(rows: OrderQuerySet, chosen: Mapping[str, str], most: int, *, falls: bool) -> list[Order]:
    """Read the first orders of a selection; `chosen` are the states it is narrowed to, by their columns."""
    chosen_keys = keys(rows, chosen, most, falls=falls)
    found = rows.in_bulk(chosen_keys)
    return [found[key] for key in chosen_keys if key in found]


def keys(rows: OrderQuerySet, chosen: Mapping[str, str], most: int, *, falls: bool) -> list[int]:
    """Read the keys of the first orders of a selection."""
    if rows.query.is_empty():
        return []
    order = [f"-{name}" if falls else name for name in ORDER]
    bare = _without_states(rows.order_by()).values_list(*ORDER)
    merged = _merged([bare.filter(**states) for states in _combinations(chosen)], order, most)
    return [key for _at, key in merged]


def _merged(some: Sequence[Any], order: Sequence[str], most: int) -> Any:
    """Read sorted ranges side by side, and no further than a page goes."""
    one, *others = some
    if others and connection.features.supports_slicing_ordering_in_compound:  # SQLite does so by itself
        one, *others = (each.order_by(*order)[:most] for each in some)
    together = one.union(*others, all=True) if others else one
    return together.order_by(*order)[:most]


def _without_states(rows: OrderQuerySet) -> OrderQuerySet:
    """Take back what `in_state` spelled out: PostgreSQL gives no order to what it looks up by a list of values."""
    bare = rows.all()
    bare.query.where.children = [each for each in bare.query.where.children if not is_common(each)]
    return bare


def _combinations(chosen: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Give every value of the states that are left open, beside those that are chosen."""
    values = ([chosen[name]] if name in chosen else known.values for name, known in STATES.items())
    return (dict(zip(STATES, each, strict=True)) for each in product(*values))
