"""The shop's own fields in customer files: found by their headers, read cell by cell, written with the people.

A file fills what is empty and changes what an import wrote; what a person of the shop wrote stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from guanxi.customers.models import Customer, CustomerValue
from guanxi.customers.own import SHELF
from guanxi.ingest.fields import ALL_FIELDS, CUSTOMER_FIELDS, ORDER_FIELDS, Field, Level
from guanxi.shop import kinds
from guanxi.shop.fields import fields_of
from guanxi.shop.kinds import BadValue, Kept
from guanxi.shop.models import CustomField, Subject
from guanxi.warehouse.models import ranges

PREFIX = "own."
MASK = "***"
FORMER = ("nth", "word", "number", "long", "import_id")
Own = Mapping[str, list[Kept]]


def declared() -> dict[str, CustomField]:
    """Give the fields of customers by the names that files know them by."""
    return {f"{PREFIX}{each.name}": each for each in fields_of(Subject.CUSTOMER)}


def fields_for(subject: str) -> dict[str, Field]:
    """Give every field that a file of a subject can fill."""
    if subject == "orders":
        return dict(ORDER_FIELDS)
    return {**CUSTOMER_FIELDS, **{name: _field(name, each) for name, each in declared().items()}}


def field_of(name: str) -> Field:
    """Find a field by its name; one that was retired meanwhile is a text."""
    if name in ALL_FIELDS:
        return ALL_FIELDS[name]
    found = declared().get(name)
    return _field(name, found) if found else Field(name=name, label=name.removeprefix(PREFIX), level=Level.PERSON)


def masked(name: str, text: str) -> str:
    """Show a cell of a personal field masked, any other as it is."""
    found = declared().get(name)
    return kinds.masked([text]) if found and found.is_personal and text else text


def faults(name: str, raw: pl.Series) -> pl.Series:
    """Mark the cells that do not fit a field."""
    found = declared().get(name)
    told = [bool(found and cell and _fault(found, cell)) for cell in raw.to_list()]
    return pl.Series(f"{name}\0unfit", told, dtype=pl.Boolean)


def told_by(row: Mapping[str, Any], known: Mapping[str, CustomField]) -> dict[str, list[Kept]]:
    """Read what a row says in the shop's own fields; an empty cell says nothing, and neither does a masked one."""
    cells = {name: row[name] for name in known if row.get(name)}
    return {name: _read(known[name], cell) for name, cell in cells.items() if not _is_mask(known[name], cell)}


@dataclass
class Written:
    """What was written of the shop's own fields: the new rows, and what stood there before, for the undo log."""

    created: list[int] = field(default_factory=list)
    owners: set[int] = field(default_factory=set)
    former: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ranges(self) -> dict[str, list[list[int]]]:
        """The new rows as the undo log keeps them."""
        return {"values": ranges(sorted(self.created))} if self.created else {}


def write(people: Mapping[int, Own], *, import_id: int) -> Written:
    """Write what a file says of some people, whose keys these are; four questions, however many they are."""
    done, known = Written(), declared()
    there = _standing(people, known)
    rows: list[CustomerValue] = []
    houses = dict(Customer.objects.filter(pk__in=people, profiles__is_house=True).values_list("pk", "profiles"))
    for customer, own in people.items():
        for name, kept in own.items():
            before = there.get((customer, known[name].pk), [])
            if _stays(before, kept, known[name]):
                continue
            if before:
                done.former.append(_former(customer, known[name], before))
            rows += _rows(customer, known[name], kept, (houses.get(customer), import_id))
    _delete((each["customer_value"], each["field"]) for each in done.former)
    done.owners = {row.customer_id or 0 for row in rows}
    done.created = [row.pk for row in CustomerValue.objects.bulk_create(rows)]
    return done


def changes(customer: int, own: Own) -> dict[str, tuple[str, str]]:
    """Say what a file would change of one person: what stands there, and what would; masked where it is personal."""
    known = declared()
    there = _standing([customer], known)
    found = {}
    for name, kept in own.items():
        before = there.get((customer, known[name].pk), [])
        if not _stays(before, kept, known[name]):
            texts = _texts(known[name], before), [each.text for each in kept]
            shown = [kinds.masked(t) if known[name].is_personal else kinds.shown(known[name], t) for t in texts]
            found[name] = (shown[0], shown[1])
    return found


def put_back(log: Mapping[str, Any], *, import_id: int) -> bool:
    """Give a person the values they had before an import; False where somebody wrote others since."""
    mine = CustomerValue.objects.filter(customer=log["customer_value"], field=log["field"])
    mine.filter(import_id=import_id).delete()
    if mine.exists():
        return False
    for row in log["rows"]:
        sealed = bytes.fromhex(row["sealed"]) if row["sealed"] else None
        told = {name: row[name] for name in FORMER}
        CustomerValue.objects.create(customer_id=log["customer_value"], field_id=log["field"], sealed=sealed, **told)
    return True


def _field(name: str, declared_as: CustomField) -> Field:
    words = (name, declared_as.name, declared_as.label_en, declared_as.label_zh)
    return Field(name=name, label=declared_as.label, limit=4000, level=Level.PERSON, words=words)


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


def _standing(people: Iterable[int], known: Mapping[str, CustomField]) -> dict[tuple[int, int], list[CustomerValue]]:
    rows = CustomerValue.objects.filter(customer__in=list(people), field__in=[each.pk for each in known.values()])
    found: dict[tuple[int, int], list[CustomerValue]] = {}
    for row in rows.order_by("field", "nth"):
        found.setdefault((row.customer_id or 0, row.field_id), []).append(row)
    return found


def _stays(before: Sequence[CustomerValue], kept: Sequence[Kept], of: CustomField) -> bool:
    """Tell whether what stands there stays: written by a person, or the same."""
    if any(row.import_id is None for row in before):
        return True
    return _texts(of, before) == [each.text for each in kept]


def _texts(of: CustomField, rows: Sequence[CustomerValue]) -> list[str]:
    told = SHELF.texts([row.customer_id or 0 for row in rows[:1]], [of]) if of.is_personal and rows else {}
    if told:
        return next(iter(told.values()))[of.pk]
    return [kinds.text_of(of, (row.word, row.number, row.long)) for row in rows]


def _former(customer: int, of: CustomField, rows: Sequence[CustomerValue]) -> dict[str, Any]:
    told = [
        {**{name: getattr(row, name) for name in FORMER}, "sealed": bytes(row.sealed).hex() if row.sealed else ""}
        for row in rows
    ]
    return {"customer_value": customer, "field": of.pk, "rows": told}


def _rows(customer: int, of: CustomField, kept: Sequence[Kept], stamp: tuple[int | None, int]) -> list[CustomerValue]:
    whence = {"profile_id": stamp[0], "import_id": stamp[1]}
    made = [SHELF.row(customer, of, nth, each, **whence) for nth, each in enumerate(kept)]
    return cast("list[CustomerValue]", made)


def _delete(pairs: Iterable[tuple[int, int]]) -> None:
    by_field: dict[int, list[int]] = {}
    for customer, of in pairs:
        by_field.setdefault(of, []).append(customer)
    for of, customers in by_field.items():
        CustomerValue.objects.filter(field=of, customer__in=customers).delete()
