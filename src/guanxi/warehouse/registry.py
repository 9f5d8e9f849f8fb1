"""What the lake holds, as the contexts declare it: tables, the feeds that fill them, and the marts made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from guanxi.warehouse.marts import Mart
    from guanxi.warehouse.models import LakeSource

Loader = Callable[[Sequence[int]], pa.Table]


@dataclass(frozen=True, kw_only=True)
class Through:
    """A column read through another table: orders find their `customer_id` in `profiles`, joined on `profile_id`."""

    column: str
    table: str
    on: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the lake.

    Attributes
    ----------
    schema
        The columns in the order readers see them. Field metadata may carry `doc` (what it means) and `sql` (`json`
        where a string is read as JSON). A `through` column may stand in it, for its place; it is never stored.
    version_key
        The one column that holds the primary key of the feed's row: the newest version of a row replaces all
        rows of the older ones, so a changed order replaces all its lines.
    month_of
        The date or timestamp column whose month tells the rows' part.
    sort
        The columns by which the rows of a part lie in its files, so that readers of few of them skip the rest.
    group_rows
        How many rows at most lie in one group of a file, which is the least that can be read of it.
    outlives
        Whether rows stay in the lake when they leave the book, so that a rebuild has to keep them.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    schema: pa.Schema
    version_key: tuple[str, ...]
    month_of: str | None = None
    through: tuple[Through, ...] = ()
    sort: tuple[str, ...] = ()
    group_rows: int = 250_000
    outlives: bool = False

    def __post_init__(self) -> None:
        stored = set(self.stored.names)
        needed = {*self.version_key, *self.sort, *(link.on for link in self.through), *filter(None, [self.month_of])}
        if len(self.version_key) != 1 or not needed <= stored:
            raise ValueError(
                f"Lake table {self.name}: one version_key and its columns {needed} have to be in the schema"
            )

    @property
    def version(self) -> str:
        """The column whose newest version counts."""
        return self.version_key[0]

    @property
    def stored(self) -> pa.Schema:
        """The columns kept in files."""
        derived = {link.column for link in self.through}
        return pa.schema([field for field in self.schema if field.name not in derived])

    @property
    def shown(self) -> pa.Schema:
        """The columns readers see; a `through` column that the schema does not place comes last."""
        missing = [link.column for link in self.through if link.column not in self.schema.names]
        return pa.schema([*self.schema, *(pa.field(name, pa.int64()) for name in missing)])


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One changing model of the book that fills one or more tables.

    A loader takes primary keys (a `range` where they have no gaps) and gives the rows of its table for them.
    """

    name: str
    model: "type[LakeSource]"
    loaders: Mapping[str, Loader]


_tables: dict[str, Table] = {}
_feeds: dict[str, Feed] = {}
_marts: "dict[str, Mart]" = {}


def register(*items: "Table | Feed | Mart") -> None:
    """Declare tables, feeds and marts; called in `AppConfig.ready()`. Saying the same twice is harmless."""
    for item in items:
        if isinstance(item, Table):
            _tables[item.name] = item
        elif isinstance(item, Feed):
            _feeds[item.name] = item
        else:
            _marts[item.name] = item


def tables() -> Mapping[str, Table]:
    """The tables by name, in the order of their declaration."""
    return _tables


def feeds() -> Mapping[str, Feed]:
    """The feeds by name, in the order of their declaration."""
    return _feeds


def marts() -> "Mapping[str, Mart]":
    """The marts by name, in the order of their declaration."""
    return _marts


def feed_of(table: str) -> Feed | None:
    """Find the feed that fills a table."""
    return next((feed for feed in _feeds.values() if table in feed.loaders), None)
