"""The first orders of some states, by when they were placed: read from every combination that can be meant, and merged.

A list narrowed by one state and sorted by date has no index of its own; a rare state would be looked for in all orders.
The index of all three states has every combination in order, so that a page reads no more than the rows it shows.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from guanxi.orders.models import Order
from guanxi.orders.models.order import STATES, OrderQuerySet

ORDER = ("placed_at", "id")


def first(rows: OrderQuerySet, chosen: Mapping[str, str], most: int, *, falls: bool) -> list[Order]:
    """Read the first orders of a selection; `chosen` are the states it is narrowed to, by their columns."""
    some = [rows.order_by().filter(**states).values_list(*ORDER) for states in _combinations(chosen)]
    merged = some[0].union(*some[1:], all=True).order_by(*(f"-{name}" if falls else name for name in ORDER))
    keys = [key for _at, key in merged[:most]]
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _combinations(chosen: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Give every value of the states that are left open, beside those that are chosen."""
    values = ([chosen[name]] if name in chosen else known.values for name, known in STATES.items())
    return (dict(zip(STATES, each, strict=True)) for each in product(*values))
