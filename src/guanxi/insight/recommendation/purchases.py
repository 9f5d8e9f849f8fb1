"""Who bought what on which day, as arrays that a core of loops reads."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Whole = NDArray[np.int64]
Places = NDArray[np.int32]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """A sparse matrix of rows: `ends[r]:ends[r + 1]` are the places of row r in `columns`."""

    ends: Whole
    columns: Places

    def __len__(self) -> int:
        return len(self.ends) - 1

    @classmethod
    def of(cls, rows: Places, columns: Places, size: int) -> "Rows":
        """Gather entries that are sorted by row."""
        return cls(np.concatenate([[0], np.bincount(rows, minlength=size).cumsum()]).astype(np.int64), columns)

    @cached_property
    def sizes(self) -> Whole:
        """How many entries each row has."""
        return np.diff(self.ends)

    def turned(self, size: int) -> "Rows":
        """Give the matrix by its columns, `size` of them."""
        shape = (len(self), size)
        found = csr_array((np.ones(len(self.columns), np.int8), self.columns, self.ends), shape=shape).tocsc()
        return Rows(found.indptr.astype(np.int64), found.indices.astype(np.int32))


@dataclass(frozen=True)
class Purchases:
    """One entry per customer, product and day, by customer and day; customers and goods are places in their lists.

    `customers` and `goods` are ascending ids; `day` counts days from any first one.
    """

    customers: Whole
    goods: Whole
    customer: Places
    good: Places
    day: Places

    @classmethod
    def of(cls, customer_id: Whole, product_id: Whole, day: Places) -> "Purchases":
        """Bring entries into order; the same product on the same day counts once."""
        customers, customer = np.unique(customer_id, return_inverse=True)
        goods, good = np.unique(product_id, return_inverse=True)
        order = np.lexsort((good, day, customer))
        customer, good, day = customer[order], good[order], day[order]
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(customer) != 0) | (np.diff(good) != 0) | (np.diff(day) != 0)
        return cls(customers, goods, *(each[first].astype(np.int32) for each in (customer, good, day)))

    def __len__(self) -> int:
        return len(self.day)

    def during(self, first: int, last: int) -> "Purchases":
        """Keep the days from `first` to `last`, both among them; customers and goods keep their places."""
        kept = (self.day >= first) & (self.day <= last)
        return Purchases(self.customers, self.goods, self.customer[kept], self.good[kept], self.day[kept])

    @cached_property
    def by_customer(self) -> Rows:
        """The goods of each customer by day, with repeats."""
        return Rows.of(self.customer, self.good, len(self.customers))

    @cached_property
    def owned(self) -> tuple[Rows, Places]:
        """The goods of each customer, each once, and the last day of each."""
        order = np.lexsort((self.day, self.good, self.customer))
        customer, good, day = self.customer[order], self.good[order], self.day[order]
        last = np.ones(len(order), bool)
        last[:-1] = (np.diff(customer) != 0) | (np.diff(good) != 0)
        return Rows.of(customer[last], good[last], len(self.customers)), day[last]

    @cached_property
    def buyers(self) -> Whole:
        """How many customers bought each product."""
        return np.bincount(self.owned[0].columns, minlength=len(self.goods)).astype(np.int64)
