"""The rows of a mart for programs: keys as public ids, everything as JSON or a file holds it, page by page or all.

A page is read from the snapshot that the first one was read from, so that a computation meanwhile moves nothing.
"""

# ruff: noqa: S608 - what stands in the SQL are names of our own, quoted

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Product
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer
from guanxi.guard.fileout import Cell
from guanxi.orders.models import Order
from guanxi.warehouse import plans
from guanxi.warehouse.headers import Named
from guanxi.warehouse.marts import Mart
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import remembers, snapshot

PREFIXES: Mapping[str, str] = {
    "customer_id": Customer.PREFIX, "product_id": Product.PREFIX, "other_product_id": Product.PREFIX,
    "order_id": Order.PREFIX,
}  # fmt: skip
PROFILE = "pro"
COSTS = re.compile(r"cost|margin")
SEES_COSTS = "catalog.cost.see"


@dataclass(frozen=True)
class MartRows:
    """What a program may read of a mart."""

    mart: Mart
    columns: Sequence[Named]

    @classmethod
    def of(cls, mart: Mart, viewer: Staff) -> "MartRows":
        """Leave out columns of costs where the viewer sees none, and keys of which programs know no public id."""
        hidden = not viewer.may(SEES_COSTS)
        shown = [each for each in mart.header.columns if _is_shown(each) and not (hidden and COSTS.search(each.name))]
        return cls(mart, shown)

    @property
    def names(self) -> list[str]:
        """The columns."""
        return [each.name for each in self.columns]

    def page(self, place: "Place", most: int, *, customer: int | None = None) -> list[dict[str, Any]]:
        """Read some rows after a place; of one customer where the mart has a column of them."""
        where = " where customer_id = $customer" if customer else ""
        query = f"{self._select}{where}{self._order} limit {most:d} offset {place.row:d}"
        with snapshot({self.mart.name: place.snapshot_id}) as lake:
            found = lake.sql(query, **({"customer": customer} if customer else {})).to_pylist()
        return [{name: plain(value) for name, value in _spelled(row).items()} for row in found]

    def cells(self) -> Iterator[Sequence[Cell]]:
        """Read all rows as the cells of a file."""
        with snapshot() as lake:
            for batch in lake.batches(self._select):
                for row in batch.to_pylist():
                    yield list(_spelled(row).values())

    @property
    def _select(self) -> str:
        return f"select {', '.join(map(plans.name, self.names))} from {plans.name(self.mart.name)}"

    @property
    def _order(self) -> str:
        """Order by what the grain names, then by the rest, so that a place is one."""
        grain = re.findall(r"\w+", self.mart.grain)
        key = sorted(self.names, key=lambda name: grain.index(name) if name in grain else len(grain))
        return " order by " + ", ".join(f"{plans.name(name)} nulls first" for name in key)


@dataclass(frozen=True)
class Place:
    """Behind which row of which snapshot of a mart a page begins: `812-50`."""

    snapshot_id: int
    row: int

    @classmethod
    def first(cls, mart: Mart) -> "Place | None":
        """The beginning of the rows there are now; None before the first computation."""
        moment = Moment.objects.latest_one()
        found = moment.snapshots.get(mart.name) if moment else None
        return cls(found, 0) if found else None

    @classmethod
    def read(cls, word: str, mart: Mart) -> "Place | None":
        """Read it back; None where it is none, or its snapshot was forgotten."""
        found = re.fullmatch(r"(\d{1,19})-(\d{1,12})", word, re.ASCII)
        place = cls(int(found[1]), int(found[2])) if found else None
        return place if place and remembers({mart.name: place.snapshot_id}) else None

    def after(self, rows: int) -> str:
        """Spell the place so many rows further."""
        return f"{self.snapshot_id}-{self.row + rows}"


def _is_shown(column: Named) -> bool:
    return column.name in PREFIXES or not column.name.endswith("_id")


def _spelled(row: dict[str, Any]) -> dict[str, Any]:
    """Put public ids in place of keys."""
    if row.get("dimension") == "product" and str(row.get("segment")).isdigit():
        row["segment"] = public_id(Product.PREFIX, int(row["segment"]))
    return {name: _WAYS.get(name, _same)(value) for name, value in row.items()}


def _same(value: Any) -> Any:
    return value


def _who(value: int | None) -> str | None:
    """Name a person of the marts: a customer, or with a minus the profile that nobody knows."""
    if value is None:
        return None
    return public_id(Customer.PREFIX, value) if value > 0 else public_id(PROFILE, -value)


def _speller(prefix: str) -> Callable[[int | None], str | None]:
    return lambda value: None if value is None else public_id(prefix, value)


_WAYS: Mapping[str, Callable[[Any], Any]] = {name: _speller(prefix) for name, prefix in PREFIXES.items()} | {
    "who": _who
}


def plain(value: Any) -> Any:
    """Spell a value as JSON holds it: exact numbers as text, days and instants as ISO writes them.

    >>> plain(Decimal("1.50")), plain(dt.datetime(2024, 11, 11, 4)), plain(math.nan), plain("x")
    ('1.50', '2024-11-11T04:00:00Z', None, 'x')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dt.datetime):
        return f"{value.isoformat()}Z"
    return str(value) if isinstance(value, Decimal | dt.date) else value
