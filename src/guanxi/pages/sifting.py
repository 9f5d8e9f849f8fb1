"""Lists asked for several things at once: met in the order of one index, and asked for the rest.

Of several conditions no index leads from one row that meets them all to the next. So a thousand rows are met a
call, and whoever asks goes on where that ended: a page costs the same wherever it is and however rare its rows are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from guanxi.pages.paging import Among, Line

FEW = 5_000  # rows of one condition that are known by their keys beforehand
MET = 1_000  # rows that one call meets
AT_ONCE = 1_000


class Stretch(NamedTuple):
    """Some rows of a list, and the key behind which it goes on; None at its end."""

    rows: list[Any]
    last: int | None


class Keyed(Protocol):
    """A line that tells the keys of its rows without reading them."""

    def keys(self, key: int | None, most: int) -> Sequence[int]:
        """Read the keys that follow a row."""

    def has(self, key: int) -> bool:
        """Tell whether a row stands in it."""


@dataclass(frozen=True)
class Sifted:
    """The rows of a line that meet conditions; `meeting` are all that do, in no order, `whole` all there are."""

    line: Keyed
    meeting: Any
    whole: Any

    def has(self, key: int) -> bool:
        """Tell whether a row stands in the line, whether or not it meets the conditions by now."""
        return self.line.has(key)

    def stretch(self, key: int | None, most: int) -> Stretch:
        """Read the rows that follow a row, as far as one call goes."""
        found: list[Any] = []
        met, size = 0, min(2 * most + 2, AT_ONCE)
        while met < MET:
            keys = self.line.keys(key, size)
            kept = self._kept(keys)
            wanted = kept[: most - len(found)]
            found += self._read(wanted)
            over = len(keys) < size
            if len(wanted) < len(kept) or (len(found) >= most and not over):
                return Stretch(found, wanted[-1])
            if over:
                return Stretch(found, None)
            key, met, size = keys[-1], met + size, min(size * 4, AT_ONCE)
        return Stretch(found, key)

    def _kept(self, keys: Sequence[int]) -> list[int]:
        """Keep the keys of those that meet the conditions, in their order."""
        kept = set(self.meeting.order_by().filter(Among("pk", keys)).values_list("pk", flat=True))
        return [key for key in keys if key in kept]

    def _read(self, keys: Sequence[int]) -> list[Any]:
        found = self.whole.in_bulk(keys)
        return [found[key] for key in keys if key in found]


def stretch(line: Line | Sifted, key: int | None, most: int, *, name: str = "pk") -> Stretch:
    """Read the rows of a list that follow a row; one more tells whether there are others behind them."""
    if isinstance(line, Sifted):
        return line.stretch(key, most)
    rows = line.after(key, most + 1)
    shown = rows[:most]
    return Stretch(shown, getattr(shown[-1], name) if len(rows) > most else None)


def few(rows: Any, owner: str) -> list[int] | None:
    """Give the keys of those whom rows point to, where there are few; the rows come from an index of their own."""
    keys = rows.order_by().values_list(owner, flat=True)
    if keys[FEW : FEW + 1].exists():
        return None
    return sorted({key for key in keys if key is not None})
