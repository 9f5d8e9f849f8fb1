"""The copy of everything about one person: JSON for machines and a page for people, in one file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from guanxi.accounts.models import AuditEntry
from guanxi.customers.family import Person
from guanxi.customers.models import Customer
from guanxi.customers.places import Place, Text, places
from guanxi.privacy.models import Copy


@dataclass(frozen=True)
class Section:
    """What one table says of a person: its title, the titles of its columns, its rows."""

    name: str
    title: Text
    columns: dict[str, Text]
    rows: list[dict[str, Any]]

    @property
    def lines(self) -> list[list[Any]]:
        """The rows as a page shows them."""
        return [[shown(row[name]) for name in self.columns] for row in self.rows]


def make(customer: Customer, *, by: Any, why: str) -> Copy:
    """Write the file of a person, survivors and merged ones together, and put it into the access log."""
    with transaction.atomic():
        copy = Copy.begin(customer, by=by)
        found = told_of(customer)
        rows = sum(len(each.rows) for each in found)
        AuditEntry.write("customer.exported", by=by, on=customer, changes={"rows": (None, rows)}, why=why)
        write(copy.path, found, customer)
    return copy


def told_of(customer: Customer) -> list[Section]:
    """Read everything about the person a customer is."""
    return list(sections(Person.of(customer.pk)))


def sections(person: Person) -> Iterator[Section]:
    """Read everything about a person, who they are first."""
    for place in reversed(places()):
        if place.copied:
            yield Section(place.model._meta.model_name or "", place.title, dict(place.copied), _rows(place, person))  # noqa: SLF001


def _rows(place: Place, person: Person) -> list[dict[str, Any]]:
    rows = [
        {name: place.reads[name](row) if name in place.reads else getattr(row, name) for name in place.copied}
        for row in place.rows(person).order_by("pk")
    ]
    return [*({name: row[name] for name in place.copied} for row in place.past(person)), *rows]


def write(path: Path, found: list[Section], customer: Customer) -> None:
    """Put both forms into the file, whole or not at all; its owner alone can read it."""
    told = {"customer": customer.public_id, "made_at": timezone.now().isoformat(timespec="seconds")}
    data = {**told, **{each.name: each.rows for each in found}}
    page = render_to_string(
        "privacy/copy_file.html", {"sections": found, "language": translation.get_language(), **told}
    )
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    with ZipFile(draft, "w", ZIP_DEFLATED) as packed:
        packed.writestr("customer.json", json.dumps(data, ensure_ascii=False, indent=1, default=str))
        packed.writestr("customer.html", page)
    draft.replace(path)


def shown(value: Any) -> str:
    """Write a value for a person to read."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {shown(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return "\n".join(shown(each) for each in value)
    if hasattr(value, "tzinfo"):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value.tzinfo else str(value)
    return "" if value is None else str(value)
