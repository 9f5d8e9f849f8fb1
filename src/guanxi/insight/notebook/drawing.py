"""From the rows of an answer to a chart: by the columns that were named, else by their types."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.insight.notebook.cells import Drawn
from guanxi.insight.notebook.rows import MISSING, SHOWN, TOO_LARGE, Field, Rows
from guanxi.orders.figures import base_currency
from guanxi.pages.charts import Chart, Column, Form, spelled

MOST_SERIES = 6
MOST_DRAWN = 120
LETTERS = 40


class NotDrawable(Exception):
    """The rows make no such chart; the text says why, and what would."""


@dataclass(frozen=True)
class Answer(Chart):
    """A chart of an answer: two lines are named by a legend too, for nobody knows where they end."""

    @property
    def legend(self) -> list[Column]:
        """The series, where there are several."""
        return self.series if len(self.series) > 1 else []


def chart(drawn: Drawn, rows: Rows, name: str) -> Chart:
    """Draw the first rows; raises NotDrawable."""
    fields = rows.fields
    x = _named(fields, drawn.x) if drawn.x else _category(fields)
    series = _named(fields, drawn.series) if drawn.series else None
    figures = _figures(fields, drawn, {each.nth for each in (x, series) if each})
    found = rows.values(0, min(rows.count, SHOWN))
    if series:
        columns, told = _spread(found, x, figures[0], series)
    else:
        columns = [_column(each, at) for at, each in enumerate(figures[:MOST_SERIES], 1)]
        told = [_entry(row, x, figures) for row in found]
    told = told[:MOST_DRAWN]
    form: Form = "day" if x.is_day and all(isinstance(row["x"], dt.date) for row in told) else "text"
    if form == "text":
        told = [{**row, "x": str(row["x"])} for row in told]
    made = [Column("x", x.name or "x", form), *columns]
    return Answer(name, drawn.kind, _finding(made, told), made, told, base_currency())  # type: ignore[arg-type]


def _named(fields: Sequence[Field], name: str) -> Field:
    for each in fields:
        if each.name.lower() == name.lower():
            return each
    said = {"name": name, "near": ", ".join(each.name for each in fields[:8])}
    raise NotDrawable(_("The answer has no column “%(name)s” to draw. It has: %(near)s.") % said)


def _category(fields: Sequence[Field]) -> Field:
    return next((each for each in fields if not each.is_number), fields[0])


def _figures(fields: Sequence[Field], drawn: Drawn, taken: set[int]) -> list[Field]:
    if drawn.columns:
        found = [_named(fields, name) for name in drawn.columns]
        if odd := next((each for each in found if not each.is_number), None):
            raise NotDrawable(_("“%(name)s” holds no numbers, so nothing can be drawn by it.") % {"name": odd.name})
        return list(dict.fromkeys(found))
    numbers = [each for each in fields if each.is_number and each.nth not in taken]
    found = [each for each in numbers if not each.is_key] or numbers
    if not found:
        raise NotDrawable(_("A chart takes a column of numbers beside the one that names. Add count(*) or sum(…)."))
    return found[: 1 if drawn.kind == "horizontal" else MOST_SERIES]


def _entry(row: list[Any], x: Field, figures: Sequence[Field]) -> dict[str, Any]:
    return {"x": _place(row[x.nth])} | {f"c{each.nth}": _figure(row[each.nth]) for each in figures}


def _spread(
    found: list[list[Any]], x: Field, figure: Field, series: Field
) -> tuple[list[Column], list[dict[str, Any]]]:
    """Turn the values of one column into series, the largest first."""
    sizes: dict[str, float] = {}
    for row in found:
        key = _word(row[series.nth])
        sizes[key] = sizes.get(key, 0) + abs(float(_figure(row[figure.nth]) or 0))
    names = sorted(sizes, key=lambda key: -sizes[key])[:MOST_SERIES]
    lines: dict[Any, dict[str, Any]] = {}
    for row in found:
        if (key := _word(row[series.nth])) in names:
            place = _place(row[x.nth])
            lines.setdefault(place, {"x": place})[f"s{names.index(key)}"] = _figure(row[figure.nth])
    form = _form(figure)
    return [Column(f"s{at}", each, form, at + 1) for at, each in enumerate(names)], list(lines.values())


def _column(field: Field, at: int) -> Column:
    form, name = _form(field), field.name
    title = name[: -len("_minor")] if form == "money" else name  # what is drawn are no minor units any more
    return Column(f"c{field.nth}", title[:LETTERS] or f"c{field.nth}", form, at)


def _form(field: Field) -> Form:
    """Say what its numbers are: amounts by their name, counts by their type."""
    if field.type in {"hugeint", "bigint", "integer", "smallint", "tinyint"}:
        return "money" if field.name.lower().endswith("_minor") else "count"
    return "number"


def _figure(value: Any) -> int | float | None:
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return None
    if abs(value) >= TOO_LARGE:
        raise NotDrawable(_("These numbers are too large to be drawn. Divide them, or take their logarithm."))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return int(value) if isinstance(value, int) else float(value)


def _place(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", timespec="minutes")
    return value if isinstance(value, dt.date) else _word(value)


def _word(value: Any) -> str:
    return MISSING if value is None else str(value)[:LETTERS]


def _finding(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> str:
    """Say where the first series is highest."""
    first = columns[1]
    known = [row for row in rows if row.get(first.name) is not None]
    if not known:
        return _("There is nothing to draw.")
    top = max(known, key=lambda row: row[first.name])
    sample = Chart("finding", "bars", "", columns, rows, base_currency())
    said = {
        "series": first.title,
        "value": spelled(sample, first, top[first.name]),
        "place": spelled(sample, columns[0], top["x"]),
    }
    return _("%(series)s is highest at %(place)s: %(value)s") % said
