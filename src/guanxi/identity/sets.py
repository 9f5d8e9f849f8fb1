"""Disjoint sets: who is together with whom, pair by pair."""

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Sets(Generic[Item]):
    """Sets of items that were joined; an item nobody joined is on its own.

    >>> sets = Sets()
    >>> sets.join("a", "b"), sets.of("b"), sets.of("c")
    (True, 'a', 'c')
    """

    def __init__(self) -> None:
        self.parent: dict[Item, Item] = {}

    def of(self, item: Item) -> Item:
        """Name the set of an item by one of its items."""
        while (above := self.parent.get(item, item)) != item:
            self.parent[item] = self.parent.get(above, above)
            item = above
        return item

    def join(self, one: Item, other: Item) -> bool:
        """Join the sets of two items; says whether they are together now."""
        self.parent[self.of(other)] = self.of(one)
        return True

    def join_all(self, items: Sequence[Item]) -> None:
        """Join the sets of several items."""
        for item in items:
            self.join(items[0], item)
