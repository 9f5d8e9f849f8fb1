"""The tables of insight's pages as files: every row there is, also those that the page has no room for."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.insight.attribution.contacts import Credit
from guanxi.insight.channels import MODELS, Line
from guanxi.insight.models import RfmRun
from guanxi.pages.charts import Column, Table


def classes(rows: Sequence[Any], sales_title: str, currency: str) -> Table:
    """Lay out the classes of RFM."""
    columns = [
        Column("name", _("Class")), Column("from_score", _("Score")), Column("customers", _("Customers"), form="count"),
        Column("share", _("Share"), form="percent"), Column("moved", _("In 30 days"), form="count"),
        Column("net_minor", sales_title, form="money"), Column("net_share", _("Share of net sales"), form="percent"),
        Column("average_minor", _("Per customer"), form="money"),
    ]  # fmt: skip
    return Table(
        "rfm-classes", columns, [{each.name: getattr(row, each.name) for each in columns} for row in rows], currency
    )


def cells(run: RfmRun, currency: str) -> Table:
    """Lay out the cells of RFM."""
    columns = [
        *(Column(name, name.upper(), form="count") for name in "rfm"),
        Column("customers", _("Customers"), form="count"), Column("net_minor", _("Net sales"), form="money"),
    ]  # fmt: skip
    names = [each.name for each in columns]
    return Table("rfm-cells", columns, [dict(zip(names, cell, strict=True)) for cell in run.cells], currency)


def channels(lines: Sequence[tuple[str, Line]], title: str, currency: str) -> Table:
    """Lay out what ways brought and cost; each with its name."""
    columns = [
        Column("name", title), Column("visits", _("Visits"), form="count"),
        Column("orders", _("Orders"), form="number"),
        Column("conversion", _("Orders a visit"), form="percent"), Column("met", _("New customers"), form="number"),
        Column("cost_minor", _("Spent"), form="money"), Column("acquisition", _("A new customer costs"), form="money"),
        Column("net_minor", _("Net sales"), form="money"), Column("returned", _("Return on cost"), form="percent"),
        Column("paid_back", _("Days until paid back"), form="count"),
    ]  # fmt: skip
    return Table("channels-economics", columns, [_line(name, line) for name, line in lines], currency)


def _line(name: str, line: Line) -> dict[str, Any]:
    return {
        "name": name, "visits": line.visits, "orders": line.brought.orders, "conversion": line.conversion,
        "met": line.met.orders, "cost_minor": _minor(line.cost_minor), "acquisition": _minor(line.acquisition_minor),
        "net_minor": _minor(line.brought.value_minor), "returned": line.returned, "paid_back": line.paid_back_days,
    }  # fmt: skip


def _minor(amount: float | None) -> int | None:
    return None if amount is None else round(amount)


def attribution(rows: Sequence[tuple[str, Sequence[Credit]]], title: str) -> Table:
    """Lay out the orders that every rule puts down to each way."""
    columns = [Column("name", title), *(Column(key, words, form="number") for key, words in MODELS.items())]
    told = [
        {"name": name, **{key: credit.orders for key, credit in zip(MODELS, credits_of, strict=False)}}
        for name, credits_of in rows
    ]
    return Table("channels-attribution", columns, told)


def forecasts(rows: Sequence[Any]) -> Table:
    """Lay out the models of the back-test."""
    columns = [
        Column("title", _("Forecast")), Column("expected", _("Expected orders"), form="number"),
        Column("bias", _("Against what came"), form="percent"), Column("error", _("Off per customer"), form="number"),
    ]  # fmt: skip
    return Table("value-forecasts", columns, [row._asdict() for row in rows])


def searches(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay out what people look for."""
    columns = [
        Column("term", _("Term")), Column("searches", _("Searches"), form="count"),
        Column("people", _("People"), form="count"), Column("in_vain", _("Found nothing"), form="count"),
        Column("bought", _("Bought afterwards"), form="count"),
    ]  # fmt: skip
    return Table("searches-terms", columns, rows)


def arrivals(rows: Sequence[Mapping[str, Any]], title: str, currency: str) -> Table:
    """Lay out where people come from."""
    columns = [
        Column("name", title), Column("visits", _("Visits"), form="count"), Column("people", _("People"), form="count"),
        Column("customers", _("Customers"), form="count"), Column("orders", _("Orders"), form="count"),
        Column("net_minor", _("Net sales that followed"), form="money"),
    ]  # fmt: skip
    return Table("arrivals-ways", columns, rows, currency)
