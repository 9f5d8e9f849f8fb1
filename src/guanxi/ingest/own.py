"""The shop's own fields in files: known by their headers, read cell by cell.

A file of customers fills fields of customers, one of orders fields of orders; both know a field as `own.` and its name.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from guanxi.customers.own import SHELF as OF_CUSTOMERS
from guanxi.ingest.fields import ALL_FIELDS, CUSTOMER_FIELDS, EVENT_FIELDS, ORDER_FIELDS, Field, Level
from guanxi.orders.own import SHELF as OF_ORDERS
from guanxi.shop import kinds
from guanxi.shop.fields import Shelf, fields_of
from guanxi.shop.kinds import BadValue, Kept
from guanxi.shop.models import CustomField

PREFIX = "own."
PROPERTY = "properties."
LONGEST_PROPERTY = 500
MASK = "***"
SHELVES: Mapping[str, Shelf] = {"customers": OF_CUSTOMERS, "orders": OF_ORDERS}
LEVELS = {"customers": Level.PERSON, "orders": Level.DOCUMENT}
FIELDS = {"customers": CUSTOMER_FIELDS, "orders": ORDER_FIELDS, "events": EVENT_FIELDS}
Own = Mapping[str, list[Kept]]


def declared(subject: str) -> dict[str, CustomField]:
    """Give the fields of a subject by the names that its files know them by; events have none."""
    if subject not in SHELVES:
        return {}
    return {f"{PREFIX}{each.name}": each for each in fields_of(SHELVES[subject].subject)}


def fields_for(subject: str) -> dict[str, Field]:
    """Give every field that a file of a subject can fill."""
    return {**FIELDS[subject], **{name: _field(name, each, subject) for name, each in declared(subject).items()}}


def field_of(name: str, subject: str) -> Field:
    """Find a field by its name; one that was retired meanwhile is a text."""
    if subject == "events":
        told = Field(name=name, label=name.removeprefix(PROPERTY), limit=LONGEST_PROPERTY, cut=True)
        return EVENT_FIELDS.get(name, told)
    if name in ALL_FIELDS:
        return ALL_FIELDS[name]
    found = declared(subject).get(name)
    if found:
        return _field(name, found, subject)
    return Field(name=name, label=name.removeprefix(PREFIX), level=LEVELS[subject])


def masked(name: str, text: str, subject: str) -> str:
    """Show a cell of a personal field masked, any other as it is."""
    found = declared(subject).get(name)
    return kinds.masked([text]) if found and found.is_personal and text else text


def faults(name: str, raw: pl.Series, subject: str) -> pl.Series:
    """Mark the cells that do not fit a field; cells that say the same are looked at once."""
    found = declared(subject).get(name)
    unfit = {cell for cell in raw.unique() if cell and _fault(found, cell)} if found else set()
    return pl.Series(f"{name}\0unfit", [cell in unfit for cell in raw], dtype=pl.Boolean)


def told_by(row: Mapping[str, Any], known: Mapping[str, CustomField]) -> dict[str, list[Kept]]:
    """Read what a row says in the shop's own fields; an empty cell says nothing, and neither does a masked one."""
    cells = {name: row[name] for name in known if row.get(name)}
    return {name: _read(known[name], cell) for name, cell in cells.items() if not _is_mask(known[name], cell)}


def said(texts: Mapping[CustomField, list[str]]) -> dict[str, list[Kept]]:
    """Put what a program sent, and was found to fit, as files say it; what it sent empty is empty."""
    return {f"{PREFIX}{field.name}": kinds.read(field, each) if each else [] for field, each in texts.items()}


def _field(name: str, declared_as: CustomField, subject: str) -> Field:
    words = (name, declared_as.name, declared_as.label_en, declared_as.label_zh)
    return Field(name=name, label=declared_as.label, limit=4000, level=LEVELS[subject], words=words)


def _fault(found: CustomField, cell: str) -> bool:
    if _is_mask(found, cell):
        return False
    try:
        _read(found, cell)
    except BadValue:
        return True
    return False


def _read(found: CustomField, cell: str) -> list[Kept]:
    return kinds.read(found, kinds.split(found, cell))


def _is_mask(found: CustomField, cell: str) -> bool:
    return found.is_personal and MASK in cell
