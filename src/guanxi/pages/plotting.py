"""From a declared chart to the plain data a browser draws: every text is written here, in the language of the page."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.core.money import to_major
from guanxi.pages import formats, moments
from guanxi.pages.charts import TWO_AXES, Chart, Column, spelled

LABELLED = frozenset({"line", "horizontal", "funnel", "interval", "heat"})
UNITS = {True: ((100_000_000, " 亿"), (10_000, " 万")), False: ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))}


def plot(chart: Chart) -> dict[str, Any]:
    """Describe the drawing, without a word about the library that makes it."""
    return {
        "kind": chart.kind,
        "name": chart.name,
        "finding": str(chart.finding),
        "percent": chart.series[0].form == "percent",
        "whole": chart.series[0].form == "count",
        "units": UNITS[formats.chinese()],
        "categories": [_short(chart, chart.axis, row) for row in chart.rows],
        "titles": [_long(chart, chart.axis, row) for row in chart.rows],
        "series": [_series(chart, column) for column in chart.series],
        "ends": not chart.legend,
        "marks": _marks(chart),
        "unfinished": _at(chart, chart.unfinished),
        **_addresses(chart),
        **(_second_axis(chart) if chart.kind in TWO_AXES else {}),
        **_words(chart),
    }


def _addresses(chart: Chart) -> dict[str, Any]:
    """Give the address behind each mark, what all begin with told once."""
    pattern = chart.hrefs or ""
    stem = pattern.partition("{")[0]
    return {"stem": stem, "hrefs": [chart.href(row).removeprefix(stem) for row in chart.rows] if pattern else []}


def _series(chart: Chart, column: Column) -> dict[str, Any]:
    """Describe one series: its values, and how each is written."""
    values = [row.get(column.name) for row in chart.rows]
    return {
        "title": str(column.title),
        "role": column.series,
        "values": [_drawn(chart, column, value) for value in values],
        "texts": [spelled(chart, column, value) for value in values],
        "brief": [_brief(chart, column, value) for value in values] if chart.kind in LABELLED else [],
    }


def _second_axis(chart: Chart) -> dict[str, Any]:
    """Name the other category of each row: the row of a heat table, the end of a flow."""
    others = [_short(chart, chart.axes[1], row) for row in chart.rows]
    return {"others": others, "colours": {str(name): series for name, series in chart.colours.items()}}


def _words(chart: Chart) -> dict[str, Any]:
    """Write what only one kind needs: the sum of a stack, the share a stage keeps, the ends of an interval."""
    if chart.kind == "stacked" and chart.series[0].form != "percent":
        return {"total": _("Total"), "totals": [_total(chart, row) for row in chart.rows]}
    if chart.kind == "funnel":
        return {"rate": _("of the stage before"), "rates": _rates(chart)}
    return {"proven": [_proven(chart, row) for row in chart.rows]} if chart.kind == "interval" else {}


def _drawn(chart: Chart, column: Column, value: Any) -> float | int | None:
    """Turn a value into the number on the axis; a gap stays one."""
    if value is None:
        return None
    if column.form == "money":
        return float(to_major(value, chart.currency))
    return value if isinstance(value, int) else float(value)


def _brief(chart: Chart, column: Column, value: Any) -> str:
    """Write a value beside a mark, where there is little room."""
    if value is None:
        return ""
    if column.form == "money":
        return str(formats.money_large(value, chart.currency))
    return str(formats.number_large(value)) if column.form == "count" else spelled(chart, column, value)


def _short(chart: Chart, column: Column, row: Mapping[str, Any]) -> str:
    """Write a category under the axis."""
    value = row.get(column.name)
    if column.form == "day" and isinstance(value, dt.date):
        return moments.day(value, today=value)
    if column.form == "month" and isinstance(value, dt.date):
        return moments.month(value) if value.month == 1 or row is chart.rows[0] else moments.month_alone(value)
    return spelled(chart, column, value)


def _long(chart: Chart, column: Column, row: Mapping[str, Any]) -> str:
    """Write a category at the head of its tooltip, with the festival that falls on it."""
    value = row.get(column.name)
    name = moments.day_heading(value) if column.form == "day" and value else spelled(chart, column, value)
    festival = chart.marks.get(value, "")
    return f"{name} · {festival}" if festival else name


def _marks(chart: Chart) -> list[dict[str, Any]]:
    """Place festivals on the axis, each with the figure reached there."""
    places = ((_at(chart, on), words) for on, words in chart.marks.items())
    return [
        {"at": at, "text": f"{words}  {_reached(chart, chart.rows[at])}".strip()}
        for at, words in places
        if at is not None
    ]


def _reached(chart: Chart, row: Mapping[str, Any]) -> str:
    """Write the figure of a marked category: the sum of a stack, else the first series."""
    if chart.kind == "stacked":
        return _brief(chart, chart.series[0], _sum(chart, row))
    return _brief(chart, chart.series[0], row.get(chart.series[0].name))


def _at(chart: Chart, value: Any) -> int | None:
    """Find the row of a category."""
    if value is None:
        return None
    return next((at for at, row in enumerate(chart.rows) if row.get(chart.axis.name) == value), None)


def _sum(chart: Chart, row: Mapping[str, Any]) -> Any:
    """Add up the parts of a stack; a stack of gaps alone has no sum."""
    parts = [row.get(column.name) for column in chart.series if isinstance(column.series, int)]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _total(chart: Chart, row: Mapping[str, Any]) -> str:
    return spelled(chart, chart.series[0], _sum(chart, row))


def _rates(chart: Chart) -> list[str]:
    """Write which share of the stage before each stage keeps; the first keeps nothing of anything."""
    values = [row.get(chart.series[0].name) or 0 for row in chart.rows]
    return [formats.percent(now / before) if before else "" for before, now in zip([0, *values], values, strict=False)]


def _proven(chart: Chart, row: Mapping[str, Any]) -> bool:
    """Say whether an interval stays clear of zero."""
    ends = [row.get(column.name) for column in chart.series if column.series in {"low", "high"}]
    known = [end for end in ends if end is not None]
    return bool(known) and (min(known) > 0 or max(known) < 0)
