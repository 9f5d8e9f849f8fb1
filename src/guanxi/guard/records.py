"""The records of a text one by one, by the strict reading of RFC 4180: a malformed one costs its own line only."""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

WAIT_MAX_LETTERS = 4 << 20


class Record(NamedTuple):
    """One record: its cells, the lines it takes, what is wrong with it."""

    cells: list[str]
    lines: int
    reason: str = ""


def records_of(text: list[str], delimiter: str, *, patient: bool) -> Iterator[Record]:
    """Read lines (each with its end); a patient reader stops before a record whose end has not come yet.

    Where a quote is opened and never closed, only the line that opens it is given up, and reading goes on behind it.
    """
    start = 0
    while start < len(text):
        reader = csv.reader(_from(text, start), delimiter=delimiter, strict=True)
        done = 0
        try:
            for cells in reader:
                yield Record(cells, reader.line_num - done)
                done = reader.line_num
            start = len(text)
        except csv.Error as error:
            start += done
            if patient and "unexpected end" in str(error) and _may_wait(text, start):
                return
            yield Record([], 1, _complaint(str(error), unclosed=reader.line_num > done + 1))
            start += 1


def is_strict(line: str, delimiter: str) -> bool:
    """Whether a line is one record by the strict reading."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True)) is not None
    except csv.Error:
        return False


def _from(text: list[str], start: int) -> Iterator[str]:
    return (text[number] for number in range(start, len(text)))


def _may_wait(text: list[str], start: int) -> bool:
    return sum(len(text[number]) for number in range(start, len(text))) < WAIT_MAX_LETTERS


def _complaint(error: str, *, unclosed: bool) -> str:
    """Say in our words what the csv module objects to; `unclosed` where it had to read on behind the line."""
    if unclosed or "unexpected end" in error or "field larger" in error:
        return _("the row opens a quote that is never closed")
    return _("the row has a quote inside a quoted cell that is not doubled")
