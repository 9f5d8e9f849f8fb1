"""The first orders of some states, by when they were placed: read from every combination that can be meant, and merged.

A list narrowed by one state and sorted by date has no index of its own; a rare state would be looked for in all orders.
The index of all three states has every combination in order, so that a page reads no more than the rows it shows.
"""

from collections.abc import Collection, Iterator
from itertools import product

from guanxi.orders.models import Order
from guanxi.orders.models.order import STATES, OrderQuerySet

ORDER = ("placed_at", "id")


def first(rows: OrderQuerySet, chosen: Collection[str], most: int, *, falls: bool) -> list[Order]:
    """Read the first orders of a selection; `chosen` are the states, by column, that it is narrowed by already."""
    some = [each.order_by().values_list(*ORDER) for each in _combinations(rows, chosen)]
    merged = some[0].union(*some[1:], all=True).order_by(*(f"-{name}" if falls else name for name in ORDER))
    keys = [key for _at, key in merged[:most]]
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _combinations(rows: OrderQuerySet, chosen: Collection[str]) -> Iterator[OrderQuerySet]:
    """Part a selection by every value of the states that are left open."""
    left = [name for name in STATES if name not in chosen]
    for values in product(*(STATES[name].values for name in left)):
        yield rows.filter(**dict(zip(left, values, strict=True)))
