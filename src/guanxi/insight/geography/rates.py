"""What a paid order brings from place to place, and how dark that makes a place on the map.

Pure: rows of `sales_by_place` in, shades from 0 (nothing to say) to 5 (most) out.
"""

from collections.abc import Mapping
from math import ceil, sqrt
from typing import Any

SHADES, FEWEST = 5, 10
Rows = Mapping[str, Mapping[str, Any]]


def rate(row: Mapping[str, Any]) -> float | None:
    """Net sales by paid order in minor units; None where none was paid.

    >>> rate({"net_minor": 300, "paid": 2}), rate({"net_minor": 0, "paid": 0})
    (150.0, None)
    """
    return row["net_minor"] / row["paid"] if row["paid"] else None


def known(rows: Rows) -> dict[str, float]:
    """Keep the rates of the places with at least ten paid orders: of fewer, one order makes the rate."""
    return {name: row["net_minor"] / row["paid"] for name, row in rows.items() if row["paid"] >= FEWEST}


def by_rate(rows: Rows) -> dict[str, int]:
    """Shade places by their rate, from the least of them to the most in even steps.

    >>> by_rate({"a": {"net_minor": 100, "paid": 10}, "b": {"net_minor": 500, "paid": 10}})
    {'a': 1, 'b': 5}
    """
    found = known(rows)
    low, high = min(found.values(), default=0), max(found.values(), default=0)
    return {
        name: 1 + round((SHADES - 1) * (each - low) / (high - low)) if high > low else 3 for name, each in found.items()
    }


def by_sum(rows: Rows) -> dict[str, int]:
    """Shade places by the root of their net sales, so that one great place does not blanch all others.

    >>> by_sum({"a": {"net_minor": 100}, "b": {"net_minor": 1}, "c": {"net_minor": -5}})
    {'a': 5, 'b': 1, 'c': 0}
    """
    most = max((row["net_minor"] for row in rows.values()), default=0)
    return {
        name: ceil(SHADES * sqrt(row["net_minor"] / most)) if most > 0 and row["net_minor"] > 0 else 0
        for name, row in rows.items()
    }


def best(rows: Rows) -> str | None:
    """Find the place where a paid order brings most; None where fewer than two can be compared."""
    found = known(rows)
    return max(found, key=lambda name: found[name]) if len(found) > 1 else None
