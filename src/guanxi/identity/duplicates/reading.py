"""Files of people: which column is which field, who is known to be whom, and what is left out."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.guard.filein import RESERVED, TableFile, normalise_header, open_table

FIELDS = (
    "given_name", "surname", "full_name", "birthday", "phone", "email", "street", "city", "postcode", "province",
    "country",
)  # fmt: skip
FURTHER = "further: "
FEBRL = r"^rec-(\d+)-(?:org|dup-\d+)$"
LAYOUT = {"header": bool, "columns": list, "delimiter": str, "encoding": str}


class BadPeople(BadInput):
    """A file of people cannot be compared; the text says why."""


class NoSuchColumn(BadPeople):
    """A column that is to be left out is not there."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns of a file fill which field of a person, and how the file is written."""

    fields: Mapping[str, tuple[str, ...]]
    layout: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Columns":
        """Read a MAP.toml: `field = "column"`, or several columns of which one text is made; BadPeople where faulty."""
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            said = {"path": path, "error": " ".join(str(error).split())}
            raise BadPeople(_("The mapping %(path)s cannot be read: %(error)s.") % said) from error
        layout = told.pop("file", {})
        if not told or not isinstance(layout, dict):
            raise BadPeople(_("The mapping %(path)s names no field. Write lines like: surname = \"last\".") % {"path": path})
        return cls(fields={name: _columns(name, value) for name, value in told.items()}, layout=_layout(layout))


def _columns(name: str, value: Any) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if name not in FIELDS:
        raise BadPeople(
            _("%(name)s is no field of a person. There are: %(known)s.") % {"name": name, "known": ", ".join(FIELDS)}
        )
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise BadPeople(_("Give the field %(name)s the name of a column, or a list of names.") % {"name": name})
    return tuple(words)


def _layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in layout.items():
        if name not in LAYOUT or not isinstance(value, LAYOUT[name]):
            raise BadPeople(_("[file] of the mapping says of %(name)s what is not understood.") % {"name": name})
    return dict(layout)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """People as text, one row each, and who is known to be whom.

    `people` has the fields that were mapped and the further columns; `truth` has the same word for those who are one
    person, null where that is not known; `origin` counts the files from 0.
    """

    people: pl.DataFrame
    truth: pl.Series
    origin: pl.Series


def read(files: Sequence[Path], columns: Columns, *, truth: str, without: Sequence[str] = ()) -> Sample:
    """Read one or two files of people whose truth is known.

    `truth` is "febrl", for keys like rec-7-org and rec-7-dup-0, or "cluster:COLUMN". What no field names and is not
    left out takes part as a further column. BadPeople where a column is missing or fewer than two people are there;
    NoSuchColumn where one that is to be left out is in none of the files.
    """
    tables = [_table(path, columns.layout) for path in files]
    known = {normalise_header(name) for table in tables for name in table.columns}
    if strange := [name for name in without if normalise_header(name) not in known]:
        raise NoSuchColumn(_("There is no column %(name)s to be left out.") % {"name": strange[0]})
    left_out = {normalise_header(name) for name in without}
    parts = [_part(table, path, columns, truth, left_out) for table, path in zip(tables, files, strict=True)]
    shared = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    whole = pl.concat([part.select(shared).with_columns(origin=pl.lit(n)) for n, part in enumerate(parts)])
    if whole.height < 2:
        raise BadPeople(_("There are %(count)s people to compare. Give at least two.") % {"count": whole.height})
    people = whole.drop("truth", "origin")
    if not people.columns:
        raise BadPeople(_("No column is left to compare people by."))
    return Sample(people=people, truth=whole["truth"], origin=whole["origin"])


def _table(path: Path, layout: Mapping[str, Any]) -> pl.DataFrame:
    with open_table(path, **layout) as table:
        frames = list(table.batches())
        rejected = len(table.take_rejects())
        return _tidied(table, frames, path, rejected)


def _tidied(table: TableFile, frames: list[pl.DataFrame], path: Path, rejected: int) -> pl.DataFrame:
    if not frames:
        said = {"path": path.name, "count": rejected}
        raise BadPeople(_("%(path)s holds no people (%(count)s rows cannot be read).") % said)
    whole = pl.concat(frames).drop(RESERVED, strict=False)
    text = [pl.col(name).str.strip_chars().replace("", None).alias(name) for name in whole.columns]
    return whole.select(text)


def _part(
    table: pl.DataFrame, path: Path, columns: Columns, truth: str, left_out: set[str]
) -> pl.DataFrame:
    found = {normalise_header(name): name for name in reversed(table.columns)}
    truth_column, known = _truth(table, found, path, truth)
    made = {"truth": known}
    for name, words in columns.fields.items():
        if missing := [word for word in words if normalise_header(word) not in found]:
            said = {"path": path.name, "column": missing[0], "known": ", ".join(table.columns)}
            raise BadPeople(_("%(path)s has no column %(column)s. It has: %(known)s.") % said)
        kept = [found[normalise_header(word)] for word in words if normalise_header(word) not in left_out]
        kept = [word for word in kept if word != truth_column]
        if kept:
            made[name] = table.select(pl.concat_str(kept, separator=" ", ignore_nulls=True).replace("", None)).to_series()
    used = {normalise_header(word) for words in columns.fields.values() for word in words}
    for norm, name in found.items():
        if norm not in used | left_out and name != truth_column:
            made[FURTHER + norm] = table[name]
    return pl.DataFrame(made)


def _truth(table: pl.DataFrame, found: Mapping[str, str], path: Path, truth: str) -> tuple[str, pl.Series]:
    if truth == "febrl":
        for name in table.columns:
            if table[name].null_count() == 0 and table[name].str.contains(FEBRL).all():
                return name, table[name].str.extract(FEBRL)
        raise BadPeople(_("%(path)s has no column of keys like rec-7-org and rec-7-dup-0.") % {"path": path.name})
    column = truth.removeprefix("cluster:")
    name = found.get(normalise_header(column), "")
    if not name:
        said = {"path": path.name, "column": column, "known": ", ".join(table.columns)}
        raise BadPeople(_("%(path)s has no column %(column)s. It has: %(known)s.") % said)
    return name, table[name]
