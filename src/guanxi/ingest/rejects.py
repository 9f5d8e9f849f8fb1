"""The rows an import could not take: sealed on disk, told by row, column and reason, given back as a file.

One line of the list is one row, sealed by itself: JSON of `row, column, value, code, text, cells`.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import polars as pl
from django.utils.translation import gettext as _

from guanxi.guard.filein import Reject
from guanxi.guard.sealing import context, seal_many, unseal

SHOWN = 20


def sentence(reject: dict[str, Any]) -> str:
    """Say what was wrong with a row and how to mend it."""
    told = {"column": reject["column"], "value": reject["value"], "row": reject["row"]}
    advice = {
        "not_a_number": _("column %(column)s: “%(value)s” is not a number. Write digits, such as 120.00."),
        "impossible_date": _("column %(column)s: “%(value)s” does not exist. Correct the date."),
        "not_a_date": _("column %(column)s: “%(value)s” is not a date. Write it as 2026-11-23 09:40."),
        "negative_quantity": _("column %(column)s: “%(value)s” is negative. Give returns as refunds."),
        "unknown_currency": _("column %(column)s: “%(value)s” is not a currency. Use an ISO code such as CNY."),
        "missing": _("column %(column)s is empty; without it the row cannot be placed. Fill it in."),
        "unfit": _("column %(column)s: “%(value)s” does not fit the shop's own field. See its page for what it takes."),
        "too_long": _("column %(column)s: “%(value)s” is too long. Shorten it."),
        "nobody": _("neither customer number, phone nor e-mail is given or readable. Fill one in."),
        "no_one": _("neither customer number nor device is given. Fill one in."),
        "ahead": _("column %(column)s: “%(value)s” UTC is still to come. Correct the time, or the file's time zone."),
        "stray": _("order %(value)s is in none of the files. Add the file that holds it."),
    }
    return str(advice.get(reject["code"], reject["text"])) % told


def title(code: str) -> str:
    """Name a reason in a few words."""
    titles = {
        "not_a_number": _("Not a number"),
        "impossible_date": _("Date does not exist"),
        "not_a_date": _("Not a date"),
        "negative_quantity": _("Negative quantity"),
        "unknown_currency": _("Unknown currency"),
        "missing": _("Cell is empty"),
        "unfit": _("Does not fit the field"),
        "too_long": _("Text is too long"),
        "nobody": _("Nothing tells who it is"),
        "no_one": _("Nothing tells who it is"),
        "ahead": _("Time is still to come"),
        "stray": _("Order is not in the files"),
        "malformed": _("Row cannot be read"),
    }
    return str(titles[code])


class Rejects:
    """The list of one import; counts per reason and the first few of each are kept beside it for the page."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.by_code: dict[str, int] = {}

    @classmethod
    def fresh(cls, folder: Path) -> Self:
        """Begin the list of an import anew."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "rejected.sealed"
        path.unlink(missing_ok=True)
        return cls(path)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Open the list of an import to read it or to add to it."""
        found = cls(folder / "rejected.sealed")
        for reject in found:
            found.by_code[reject["code"]] = found.by_code.get(reject["code"], 0) + 1
            found.count += 1
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.path.touch()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                yield json.loads(unseal(b64decode(line), context("import", "rejects", "row")))

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Seal and append rows."""
        if not rows:
            return
        place = context("import", "rejects", "row")
        sealed = seal_many((json.dumps(row, ensure_ascii=False, default=str) for row in rows), [place] * len(rows))
        with self.path.open("ab") as file:
            file.writelines(b64encode(token) + b"\n" for token in sealed)
        self.count += len(rows)
        for row in rows:
            self.by_code[row["code"]] = self.by_code.get(row["code"], 0) + 1

    def add_cells(self, rejected: pl.DataFrame, cells: pl.DataFrame) -> None:
        """Add rows with one unreadable cell, with all their cells."""
        if rejected.is_empty():
            return
        whole = rejected.join(cells, on="_row", how="left", maintain_order="left")
        own = [name for name in cells.columns if name != "_row"]
        self.add([
            {"row": row["_row"], "column": row["column"], "value": row["value"] or "", "code": row["code"],
             "text": "", "cells": {name: row[name] for name in own if name in row}}
            for row in whole.iter_rows(named=True)
        ])  # fmt: skip

    def add_malformed(self, rejects: Sequence[Reject]) -> int:
        """Add rows the reader could not cut into cells; returns how many."""
        self.add([
            {"row": reject.row, "column": "", "value": reject.text, "code": "malformed", "text": reject.reason,
             "cells": {"": reject.text}}
            for reject in rejects
        ])  # fmt: skip
        return len(rejects)

    def add_lost(self, rows: pl.DataFrame, code: str) -> None:
        """Add rows that hang on a document no file holds (`stray`), or that nothing identifies (`nobody`)."""
        self.add([
            {"row": row, "column": "", "value": number, "code": code, "text": "", "cells": {"order": number}}
            for row, number in rows.iter_rows()
        ])  # fmt: skip

    def samples(self) -> list[dict[str, Any]]:
        """Give the first row of each reason, most frequent reason first: code, count, row and sentence."""
        first: dict[str, dict[str, Any]] = {}
        for reject in self:
            first.setdefault(reject["code"], reject)
        order = sorted(first, key=lambda code: -self.by_code[code])
        return [{"code": code, "count": self.by_code[code], "example": first[code]} for code in order]
