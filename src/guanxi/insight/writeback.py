"""The book's RFM scores follow the mart: rows that say something else are written, a few milliseconds at a time.

A score whose bands, figures, last order and rules stay the same stays as it is, although its `as_of` and `recency_days`
are then those of the day it was written: `as_of` less `recency_days` is the last order's day, always.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from time import monotonic
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import transaction

from guanxi.core import bulk
from guanxi.customers.models import Customer, Score
from guanxi.insight.models import SCORE
from guanxi.warehouse.book import columns
from guanxi.warehouse.reading import Lake

SECONDS = 0.010  # what a transaction may last on SQLite, where others wait for the writer
AT_ONCE, AT_LEAST, AT_MOST = 300, 50, 2_000
LAST_ID = 2**63 - 1
FIGURES = ("r", "f", "m", "recency_days", "frequency", "monetary_minor")
PARTS = pl.Struct(dict.fromkeys(FIGURES, pl.Int64))
VALUES = ("value", "label", "parts", "as_of", "scheme_version")
MADE = """
    select customer_id, r, f, m, cast(recency_days as bigint) as recency_days, frequency, monetary_minor,
           cast(score as double) as value, class as label
    from customer_rfm order by customer_id
"""
STANDING = pa.schema(
    [("customer_id", pa.int64()), ("score_id", pa.int64()), ("parts", pa.string()), ("as_of", pa.string()),
     ("scheme_version", pa.int64())]
)  # fmt: skip


def write_back(
    lake: Lake,
    *,
    as_of: date,
    scheme_version: int,
    check: Callable[[], None] = lambda: None,
    seen: Callable[[int], None] = lambda _customers: None,
) -> int:
    """Make the book's scores those of the mart, and say how many rows that touched.

    `check` is called between writes, `seen` with the customers gone through so far.
    """
    touched = gone_through = 0
    for made, standing in _pieces(lake):
        wanted = made.with_columns(as_of=pl.lit(as_of), scheme_version=pl.lit(scheme_version, pl.Int64))
        for write, rows in _differences(wanted, standing):
            touched += len(rows)
            in_pieces(write, rows, check)
        gone_through += made.height
        seen(gone_through)
    return touched


def _pieces(lake: Lake) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Walk mart and book side by side, by customer."""
    after = 0
    made = pl.DataFrame()
    for batch in lake.batches(MADE):
        made = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
        until = int(made.get_column("customer_id").max() or after)  # type: ignore[arg-type]  # a column of integers
        yield made, standing_scores(after, until)
        after = until
    yield made.clear() if made.width else _nothing(), standing_scores(after, LAST_ID)


def _nothing() -> pl.DataFrame:
    whole = dict.fromkeys(("customer_id", *FIGURES), pl.Int64)
    return pl.DataFrame(schema={**whole, "value": pl.Float64, "label": pl.String})


def standing_scores(after: int, until: int, *, name: str = SCORE, parts_of: pl.Struct = PARTS) -> pl.DataFrame:
    """Read the customers of a range with the score each has; who was merged keeps theirs, for an unmerge."""
    rows = columns(
        """
        select c.id as customer_id, s.id as score_id, cast(s.parts as text) as parts, cast(s.as_of as text) as as_of,
               s.scheme_version as scheme_version
        from customers_customer c left join customers_score s on s.customer_id = c.id and s.name = %s
        where c.id > %s and c.id <= %s and c.survivor_id is null
        """,
        [name, after, until],
        STANDING,
    )
    found = pl.DataFrame(pl.from_arrow(rows))
    parts = pl.col("parts").str.json_decode(parts_of).struct.unnest().name.suffix("_was")
    return found.select("customer_id", "score_id", "scheme_version", pl.col("as_of").str.to_date(), parts)


Write = Callable[[Sequence[tuple[Any, ...]]], None]


def _differences(wanted: pl.DataFrame, standing: pl.DataFrame) -> Iterator[tuple[Write, list[tuple[Any, ...]]]]:
    """Tell which scores are new, which say something else now, and which are gone."""
    both = wanted.join(standing, on="customer_id", how="inner", suffix="_was")
    yield _add, _rows(both.filter(pl.col("score_id").is_null()), "customer_id")
    kept = both.filter(pl.col("score_id").is_not_null() & ~_unchanged())
    yield change, _rows(kept, "score_id")
    gone = standing.filter(pl.col("score_id").is_not_null()).join(wanted, on="customer_id", how="anti")
    yield drop, gone.select("score_id").rows()


def _unchanged() -> pl.Expr:
    last_order = pl.col("as_of") - pl.duration(days="recency_days")
    last_order_was = pl.col("as_of_was") - pl.duration(days="recency_days_was")
    same = [
        pl.col(name).eq_missing(pl.col(f"{name}_was"))
        for name in (*FIGURES, "scheme_version")
        if name != "recency_days"
    ]
    return pl.all_horizontal(last_order.eq_missing(last_order_was), *same)


def _rows(scores: pl.DataFrame, key: str) -> list[tuple[Any, ...]]:
    """Spell scores as stored values, each ending with a key."""
    day = pl.col("as_of").cast(pl.String)
    parts = map(json.dumps, scores.select(FIGURES).iter_rows(named=True))
    rest = scores.select("value", "label", day, "scheme_version", key).iter_rows()
    return [(value, label, part, *ending) for part, (value, label, *ending) in zip(parts, rest, strict=True)]


def in_pieces(write: Write, rows: Sequence[tuple[Any, ...]], check: Callable[[], None]) -> None:
    """Write in transactions short enough for others to write between them."""
    start, size = 0, AT_ONCE
    while start < len(rows):
        check()
        begun = monotonic()
        with transaction.atomic():
            write(rows[start : start + size])
        start += size
        size = int(min(max(size * SECONDS / (monotonic() - begun), AT_LEAST), AT_MOST))


def _add(rows: Sequence[tuple[Any, ...]]) -> None:
    add(SCORE, rows)


def add(name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert scores of those who are still customers: an undone import may have taken some away."""
    here = set(Customer.objects.filter(pk__in=[row[-1] for row in rows], survivor=None).values_list("pk", flat=True))
    bulk.insert(Score, ("name", *VALUES, "customer_id"), [(name, *row) for row in rows if row[-1] in here])


def change(rows: Sequence[tuple[Any, ...]]) -> None:
    """Have scores say something else."""
    bulk.update(Score, VALUES, rows)


def drop(rows: Sequence[tuple[Any, ...]]) -> None:
    """Delete scores."""
    Score.objects.filter(pk__in=[row[0] for row in rows]).delete()
