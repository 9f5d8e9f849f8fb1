"""What can be asked: the tables and marts of the lake, as their headers and schemas tell of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.insight.computations import TITLES
from guanxi.insight.notebook.rows import TYPES
from guanxi.warehouse.headers import Named
from guanxi.warehouse.marts import Mart
from guanxi.warehouse.registry import Table, marts, tables

TOLD: Mapping[str, Promise] = {  # those that programs compute
    "customer_churn": gettext_lazy("Who will probably come back"),
    "customer_recommendations": gettext_lazy("What to offer each customer"),
    "customer_value": gettext_lazy("What customers will probably buy within a year"),
    "product_neighbours": gettext_lazy("Products alike, and what goes with them"),
    "sales_forecast": gettext_lazy("What will probably be sold"),
}
SAMPLE_COLUMNS, SAMPLE_ROWS = 12, 100
PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """A table or a mart: what one row is, and its columns."""

    name: str
    title: str
    grain: str
    columns: Sequence[Named]
    is_mart: bool
    sentence: str = ""

    @property
    def sample(self) -> str:
        """A first query of it."""
        names = ", ".join(_quoted(each.name) for each in self.columns[:SAMPLE_COLUMNS])
        return f"select {names}\nfrom {_quoted(self.name)}\nlimit {SAMPLE_ROWS}"


def sources() -> list[Source]:
    """List everything that may be asked, marts first."""
    return [*map(of_mart, named_marts().values()), *map(_of_table, tables().values())]


def source(name: str) -> Source | None:
    """Find one."""
    if mart := named_marts().get(name):
        return of_mart(mart)
    found = tables().get(name)
    return _of_table(found) if found else None


def named_marts() -> Mapping[str, Mart]:
    """The marts, by name."""
    return {name: mart for name, mart in sorted(marts().items()) if isinstance(mart, Mart)}


def title(mart: Mart) -> str:
    """Say what a mart is about; one that nobody named goes by its first sentence."""
    return str(TITLES.get(mart.name) or TOLD.get(mart.name) or mart.header.sentence)


def of_mart(mart: Mart) -> Source:
    """Tell of a mart by its header."""
    header = mart.header
    columns = translated(header.columns)
    return Source(mart.name, title(mart), _(header.grain), columns, is_mart=True, sentence=_(header.sentence))


def translated(named: Sequence[Named]) -> list[Named]:
    """Say what columns or parameters of a mart mean in the reader's language."""
    return [replace(each, words=pgettext("column", each.words)) if each.words else each for each in named]


def _of_table(table: Table) -> Source:
    columns = [Named(each.name, _type(each.type), _words(each)) for each in table.shown]
    return Source(table.name, _("Table"), _(table.grain), columns, is_mart=False)


def _type(kind: Any) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return TYPES.get(str(kind), re.sub(r"^decimal128\((.+)\)$", r"decimal(\1)", str(kind)))


def _words(field: pa.Field) -> str:
    return ((field.metadata or {}).get(b"doc") or b"").decode()


def _quoted(name: str) -> str:
    return name if PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
