"""The shop's own fields in a list: as columns, as filters, as cells, and as columns of a file."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from guanxi.core.money import SCALE
from guanxi.guard.fileout import Cell
from guanxi.pages.filters import Between, Days, Filter, Typed
from guanxi.pages.listing import Column
from guanxi.pages.templatetags.gx import or_missing
from guanxi.shop.fields import SEE, Shelf, fields_of, said
from guanxi.shop.models import CustomField, Kind

NUMBERS = {Kind.WHOLE, Kind.DECIMAL}
DAYS = {Kind.DATE, Kind.CHILD}
YES_NO = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")}


def seen_by(shelf: Shelf, reader: Any) -> list[CustomField]:
    """Give the fields of a subject that a reader sees at all."""
    return [each for each in fields_of(shelf.subject) if not each.is_personal or reader.may(SEE)]


def columns(shelf: Shelf, reader: Any) -> tuple[Column, ...]:
    """Offer the fields as columns, none of them shown until the reader chooses it."""
    return tuple(
        Column(each.column, each.label, numeric=each.kind in NUMBERS, shown=False) for each in seen_by(shelf, reader)
    )


def filters(shelf: Shelf) -> tuple[Filter, ...]:
    """Offer the fields by which a list can be narrowed; what is sealed and what is long cannot."""
    return tuple(_filters(shelf))


def cells(
    shelf: Shelf, owners: Collection[int], shown: Collection[str], reader: Any
) -> dict[int, dict[str, SafeString]]:
    """Draw the cells of the columns that are shown; no question where none is."""
    wanted = [each for each in seen_by(shelf, reader) if each.column in shown]
    if not wanted:
        return {}
    texts = shelf.texts(owners, wanted)
    return {
        owner: {each.column: _cell(each, texts.get(owner, {}).get(each.pk, ()), reader) for each in wanted}
        for owner in owners
    }


def file_cells(
    shelf: Shelf, owners: Sequence[int], fields: Sequence[CustomField], plainly: Collection[str] = ()
) -> dict[int, tuple[Cell, ...]]:
    """Write what records say into a file, as an import reads it back; what is personal masked unless asked for."""
    texts = shelf.texts(owners, fields)
    return {
        owner: tuple(_written(each, texts.get(owner, {}).get(each.pk, ()), plainly) for each in fields)
        for owner in owners
    }


def _written(field: CustomField, texts: Sequence[str], plainly: Collection[str]) -> Cell:
    if not texts:
        return None
    if field.is_personal and f"own.{field.name}" not in plainly:
        return " ".join(f"{text[:1]}***" for text in texts)
    return int(texts[0]) if field.kind == Kind.WHOLE else ";".join(texts)


def _cell(field: CustomField, texts: Sequence[str], reader: Any) -> SafeString:
    told = said(field, texts, reader=reader)
    kind = ' class="gx-n"' if field.kind in NUMBERS else ' class="gx-own-cell"'
    return format_html("<td{}>{}</td>", SafeString(kind), told[:120] if told else or_missing("", "dash"))


def _filters(shelf: Shelf) -> Iterator[Filter]:
    for field in fields_of(shelf.subject):
        if field.is_personal or field.kind == Kind.LONG:
            continue
        narrow: Any = partial(_narrowed, shelf, field)
        if field.kind in NUMBERS:
            scale = SCALE if field.kind == Kind.DECIMAL else 1
            yield Between(field.column, field.label, {}, narrow, scale=scale)
        elif field.kind in DAYS:
            yield Days(field.column, field.label, {}, narrow)
        elif field.kind in {Kind.TEXT, Kind.LINK}:
            yield Typed(field.column, field.label, {}, narrow)
        else:
            choices: Mapping[str, Any] = YES_NO if field.kind == Kind.YES_NO else field.titles
            yield Filter(field.column, field.label, choices, narrow)


def _narrowed(shelf: Shelf, field: CustomField, rows: Any, meaning: Any) -> Any:
    return shelf.narrowed(rows, field, meant(field, meaning))


def meant(field: CustomField, meaning: Any) -> dict[str, Any]:
    """Say how the values stand that a filter of a field means: as one word, one number, or within a range."""
    if field.kind == Kind.YES_NO:
        return {"number": int(meaning == "yes")}
    if field.kind not in {*NUMBERS, *DAYS}:
        return {"word": meaning}
    least, most = (end.toordinal() if isinstance(end, dt.date) else end for end in meaning)
    ends = {"number__gte": least, "number__lte": most}
    return {end: at for end, at in ends.items() if at is not None}
