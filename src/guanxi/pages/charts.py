"""Charts as they are declared: a kind, a finding, columns and rows. Nothing here knows the library that draws them.

The same declaration is read three ways: `plotting` turns it into what the browser draws, `twin` into the table
beside the chart, `sheet` into the cells of a file.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from guanxi.core.money import to_major
from guanxi.guard.fileout import Cell
from guanxi.pages import formats, moments
from guanxi.pages.components import Text

Kind = Literal["bars", "stacked", "line", "horizontal", "heat", "sankey", "funnel", "interval"]
Form = Literal["text", "day", "month", "count", "money", "percent", "number"]
KINDS: tuple[Kind, ...] = ("bars", "stacked", "line", "horizontal", "heat", "sankey", "funnel", "interval")
NUMERIC = frozenset({"count", "money", "percent", "number"})
TWO_AXES = frozenset({"heat", "sankey"})
PLACE = re.compile(r"\{(\w+)\}")
WRITERS: dict[Form, Callable[[Any], str]] = {
    "day": moments.full_day,
    "month": moments.month,
    "count": formats.count,
}
NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Column:
    """A column of a chart's data. `series` is its colour 1 to 6, 0 for the neutral one, `past` for an earlier period,
    `low` or `high` for the ends of an interval; a column without one names the categories, or stands in the table
    alone.
    """

    name: str
    title: Text
    form: Form = "text"
    series: int | Literal["past", "low", "high"] | None = None

    @property
    def numeric(self) -> bool:
        """Whether its cells are figures."""
        return self.form in NUMERIC


@dataclass(frozen=True)
class Chart:
    """A declared chart. Money is in minor units, `None` is a gap; `marks` names festivals on the category axis,
    `unfinished` the category that is still running, `colours` the series whose colour a category of a flow has.
    `hrefs` is the address behind a mark, `?day={day}`; a row that has nothing to put there leads nowhere.
    """

    name: str
    kind: Kind
    finding: Text
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    currency: str = "CNY"
    height: Literal["s", "m", "l"] = "m"
    marks: Mapping[Any, Text] = field(default_factory=dict)
    hrefs: str | None = None
    unfinished: Any = None
    colours: Mapping[Any, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not NAME.fullmatch(self.name):
            raise ValueError(
                f"chart {self.name!r}: there is no kind {self.kind!r}, or the name is not in small letters"
            )
        if len(self.axes) < (2 if self.kind in TWO_AXES else 1) or not self.series:
            raise ValueError(f"chart {self.name!r}: {self.kind} needs a column of categories and one of figures")

    @property
    def axes(self) -> list[Column]:
        """The columns that name categories."""
        return [column for column in self.columns if column.series is None]

    @property
    def axis(self) -> Column:
        """The column that names the categories."""
        return self.axes[0]

    @property
    def series(self) -> list[Column]:
        """The columns that are drawn."""
        return [column for column in self.columns if column.series is not None]

    @property
    def has_only_figures(self) -> bool:
        """Whether all columns but the first are figures."""
        return [column.numeric for column in self.columns] == [False, *[True] * (len(self.columns) - 1)]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(row.get(column.name) is None for row in self.rows for column in self.series)

    @property
    def legend(self) -> list[Column]:
        """The series that a legend names: none beside a single one, or where lines are named at their ends."""
        named = [column for column in self.series if column.series not in {"low", "high"}]
        alone = len(named) < (3 if self.kind == "line" else 2)
        return [] if alone or self.kind in TWO_AXES else named

    def href(self, row: Mapping[str, Any]) -> str:
        """Give the address behind a row's mark, or nothing."""
        pattern = self.hrefs or ""
        if any(row.get(name) is None for name in PLACE.findall(pattern)):
            return ""
        return PLACE.sub(lambda found: quote(str(row[found[1]]), safe=""), pattern)


@dataclass(frozen=True)
class Table:
    """A table of a page without a chart, as its file holds it: figures of many people together, never a person's."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    currency: str = "CNY"


@dataclass(frozen=True)
class TwinCell:
    """One cell of the table beside a chart."""

    text: str
    numeric: bool
    href: str = ""


def spelled(chart: Chart, column: Column, value: Any) -> str:
    """Write a value in full, as tables do; a gap is a dash."""
    if value is None:
        return "—"
    if column.form == "money":
        return formats.money(value, chart.currency)
    if column.form == "percent":
        return formats.percent(value)
    return formats.number(value) if column.form == "number" else WRITERS.get(column.form, str)(value)


def twin(chart: Chart) -> list[list[TwinCell]]:
    """Write the rows as the table beside the chart; the first cell leads where a click on the mark leads."""
    return [
        [
            TwinCell(spelled(chart, column, row.get(column.name)), column.numeric, "" if at else chart.href(row))
            for at, column in enumerate(chart.columns)
        ]
        for row in chart.rows
    ]


def sheet(chart: Chart | Table) -> tuple[list[str], list[list[Cell]]]:
    """Give headings and cells for a file: amounts in major units under a heading that names the currency."""
    return (
        [
            f"{column.title} ({chart.currency})" if column.form == "money" else str(column.title)
            for column in chart.columns
        ],
        [[_cell(chart, column, row.get(column.name)) for column in chart.columns] for row in chart.rows],
    )


def _cell(chart: Chart | Table, column: Column, value: Any) -> Cell:
    """Give a value as a file holds it: figures and dates stay figures and dates."""
    if value is None or isinstance(value, dt.date):
        return value
    if column.form == "money":
        return to_major(value, chart.currency)
    return value if column.numeric else str(value)
