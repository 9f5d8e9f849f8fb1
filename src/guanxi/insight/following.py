"""The book's scores follow a mart in the lake: only those are written that say something else to whoever looks."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa

from guanxi.insight.writeback import LAST_ID, Write, add, change, drop, in_pieces, standing_scores
from guanxi.warehouse.reading import Lake

Rows = list[tuple[Any, ...]]


def _as_made(made: pl.DataFrame) -> pl.DataFrame:
    return made


@dataclass(frozen=True)
class Following:
    """How the scores of one name follow.

    Attributes
    ----------
    made
        The SQL that gives `customer_id` and the fields of `whole` as of `$as_of`, in the order of customers.
    whole
        What the parts of a score hold.
    unseen
        Tells for a day whether nobody would see the difference between what is made and what stands (`…_was`).
    rows
        Spells scores as stored values, each ending with the column that is named.
    labelled
        Adds to what was made whatever `rows` needs besides.
    """

    name: str
    made: str
    whole: pl.Struct
    unseen: Callable[[dt.date], pl.Expr]
    rows: Callable[[pl.DataFrame, dt.date, str], Rows]
    labelled: Callable[[pl.DataFrame], pl.DataFrame] = _as_made

    def follow(self, lake: Lake, as_of: dt.date, check: Callable[[], None] = lambda: None) -> int:
        """Make the book's scores those of the mart as of a day, and say how many rows that touched."""
        touched = 0
        for made, standing in self._pieces(lake, as_of):
            for write, rows in self._differences(self.labelled(made), standing, as_of):
                touched += len(rows)
                in_pieces(write, rows, check)
        return touched

    def _pieces(self, lake: Lake, as_of: dt.date) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Walk mart and book side by side, by customer."""
        fields = {field.name: field.dtype for field in self.whole.fields}
        after, nothing = 0, pl.DataFrame(schema={"customer_id": pl.Int64, **fields})
        for batch in lake.batches(self.made, as_of=as_of):
            made = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch]))).cast(nothing.schema)
            until = int(made.get_column("customer_id").max() or after)  # type: ignore[arg-type]  # a column of integers
            yield made, standing_scores(after, until, name=self.name, parts_of=self.whole)
            after = until
        yield nothing, standing_scores(after, LAST_ID, name=self.name, parts_of=self.whole)

    def _differences(
        self, wanted: pl.DataFrame, standing: pl.DataFrame, as_of: dt.date
    ) -> Iterator[tuple[Write, Sequence[tuple[Any, ...]]]]:
        """Tell which scores are new, which say something else now, and which are gone."""
        both = wanted.join(standing, on="customer_id", how="inner")
        yield partial(add, self.name), self.rows(both.filter(pl.col("score_id").is_null()), as_of, "customer_id")
        kept = both.filter(pl.col("score_id").is_not_null() & ~self.unseen(as_of))
        yield change, self.rows(kept, as_of, "score_id")
        gone = standing.filter(pl.col("score_id").is_not_null()).join(wanted, on="customer_id", how="anti")
        yield drop, gone.select("score_id").rows()
