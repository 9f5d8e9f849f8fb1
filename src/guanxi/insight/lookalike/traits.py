"""What is known of people before they buy anything: where they come from, and what they looked at, when.

Of those who bought only what was told before the day of their first order counts: otherwise a model would learn that
those who buy have bought.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from guanxi.insight.lookalike.likeness import Flags, Floats
from guanxi.warehouse.reading import Lake

MOST_VALUES = {"first_source": 12, "country": 8, "province": 34, "city": 30}
MOST_CATEGORIES = 20
FEWEST = 20  # people who share a value before it is a trait
SEEN_DAYS = 365
PEOPLE = """
    with bought as (
        select customer_id, min(placed_at) as first_at from orders
        where is_paid and kind = 'sale' and customer_id is not null and placed_on <= $as_of group by customer_id
    )
    select customers.customer_id, coalesce(customers.first_source, '') as first_source,
           coalesce(customers.country, '') as country, coalesce(customers.province, '') as province,
           coalesce(customers.city, '') as city,
           bought.first_at is not null as has_bought
    from customers left join bought on bought.customer_id = customers.customer_id
    where not customers.is_erased order by customers.customer_id
"""
SEEN = """
    with bought as (
        select customer_id, min(placed_at) as first_at from orders
        where is_paid and kind = 'sale' and customer_id is not null and placed_on <= $as_of group by customer_id
    ),
    before as (
        select events.customer_id, coalesce(events.category, '') as category, events.name,
               date_diff('day', cast(events.occurred_at as date),
                         coalesce(cast(bought.first_at as date), cast($as_of as date))) as ago
        from events left join bought on bought.customer_id = events.customer_id
        where events.customer_id is not null and events.occurred_at <= coalesce(bought.first_at, $until)
            and events.name in ('Product Viewed', 'Product List Viewed', 'Products Searched', 'Product Added',
                                'Page Viewed', 'Product Added to Wishlist', 'Cart Viewed')
    )
    select customer_id, category, cast(count(*) as double) as seen,
           cast(sum(case when name = 'Product Added' then 1 else 0 end) as double) as added,
           cast(min(ago) as bigint) as ago
    from before where ago >= 0 and ago <= $days group by customer_id, category order by customer_id, category
"""


@dataclass(frozen=True)
class Trait:
    """One column: a field, and its value where it is one of several."""

    field: str
    value: str = ""


@dataclass(frozen=True)
class Traits:
    """People by their ids, who of them bought, and a number for each trait."""

    people: np.ndarray[Any, np.dtype[np.int64]]
    has_bought: Flags
    names: list[Trait]
    figures: Floats

    @classmethod
    def read(cls, lake: Lake, as_of: dt.date) -> "Traits":
        """Read them as of a day."""
        people = pl.DataFrame(pl.from_arrow(lake.sql(PEOPLE, as_of=as_of)))
        until = dt.datetime.combine(as_of, dt.time()) + dt.timedelta(days=1)
        seen = pl.DataFrame(pl.from_arrow(lake.sql(SEEN, as_of=as_of, until=until, days=SEEN_DAYS)))
        found = {**_said(people), **_behaved(people.select("customer_id"), seen)}
        kept = {trait: column for trait, column in found.items() if (column != 0).sum() >= FEWEST}
        figures = np.column_stack(list(kept.values())) if kept else np.zeros((len(people), 0))
        return cls(
            people["customer_id"].to_numpy(), people["has_bought"].to_numpy(), list(kept), figures.astype(np.float64)
        )


def _said(people: pl.DataFrame) -> dict[Trait, Floats]:
    """Turn the most frequent values of each field into columns of 0 and 1."""
    found: dict[Trait, Floats] = {}
    for name, most in MOST_VALUES.items():
        values = people[name].value_counts().filter(pl.col(name) != "").sort(["count", name], descending=[True, False])
        for value in values[name].head(most):
            found[Trait(name, value)] = (people[name] == value).to_numpy().astype(np.float64)
    return found


def _behaved(people: pl.DataFrame, seen: pl.DataFrame) -> dict[Trait, Floats]:
    """Turn what people looked at into logarithms of how often, and how lately."""

    def column(rows: pl.DataFrame, value: pl.Expr) -> Floats:
        each = rows.group_by("customer_id").agg(value.alias("figure"))
        joined = people.join(each, on="customer_id", how="left", maintain_order="left")
        return joined["figure"].fill_null(0.0).to_numpy()

    found = {
        Trait("seen"): column(seen, pl.col("seen").sum().log1p()),
        Trait("added"): column(seen, pl.col("added").sum().log1p()),
        Trait("lately"): column(seen, 1 / (1 + pl.col("ago").min() / 30)),
    }
    liked = seen.filter(pl.col("category") != "").group_by("category").agg(pl.col("seen").sum())
    for name in liked.sort(["seen", "category"], descending=[True, False])["category"].head(MOST_CATEGORIES):
        found[Trait("category", name)] = column(seen.filter(pl.col("category") == name), pl.col("seen").sum().log1p())
    return found
