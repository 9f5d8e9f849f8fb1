"""How a text table is laid out: its delimiter, its header, its columns."""

import contextlib
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypedDict

from django.utils.translation import gettext as _

from guanxi.guard.errors import BadFile

DELIMITERS = (",", "\t", ";", "|")
WHITESPACE = "whitespace"
SAMPLE_ROWS = 100
WHITESPACE_MIN_COLUMNS = 3  # two words in every row may be one name
RESERVED = "_row"
NUMBER = re.compile(r"[-+]?[¥$€£]?\d[\d,.\s]*%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}:\d{2}.*")


def normalise_header(name: str) -> str:
    """Bring a header name to the form by which presets match it.

    >>> normalise_header(" Ｏrder　 No. ")
    'order no.'
    """
    return " ".join(unicodedata.normalize("NFKC", name).strip("\ufeff\u200b \t\r\n").lower().split())


def records(text: str, delimiter: str, *, most: int = SAMPLE_ROWS) -> list[list[str]]:
    """Read the first records of a text, blank ones as empty lists; what is malformed ends the reading."""
    found: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        found.extend(islice(csv.reader(text.split("\n"), delimiter=delimiter), most))
    return [cells if any(cell.strip() for cell in cells) else [] for cells in found]


def guess_delimiter(text: str) -> str:
    """Choose the delimiter that cuts the most records into the same number of cells, the first record among them."""
    best, score = max(((each, _evenness(text, each)) for each in DELIMITERS), key=lambda pair: pair[1])
    if score > 0:
        return best
    widths = {len(line.split()) for line in text.split("\n")[:SAMPLE_ROWS] if line.strip()}
    return WHITESPACE if len(widths) == 1 and max(widths) >= WHITESPACE_MIN_COLUMNS else ","


def checked_delimiter(delimiter: str) -> str:
    """Return a delimiter given by a person, or raise BadFile."""
    if delimiter == WHITESPACE or (len(delimiter) == 1 and delimiter.isascii() and delimiter not in '\r\n"\0'):
        return delimiter
    raise BadFile(
        _('%(given)s cannot part cells. Give one character such as "," or ";", or the word "whitespace".')
        % {"given": repr(delimiter)}
    )


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names columns: all cells filled and different, none of them a number or a date.

    >>> is_header([["sku", "price"], ["A-1", "2.55"]]), is_header([["A-1", "2.55"], ["A-2", "1"]])
    (True, False)
    """
    if not rows:
        return False
    names = list(rows[0])
    while names and not names[-1].strip():
        names.pop()
    filled = [normalise_header(name) for name in names if name.strip()]
    return bool(filled) and len(filled) == len(names) and not any(NUMBER.fullmatch(name) for name in filled)


def column_names(cells: Sequence[str], width: int) -> list[str]:
    """Name every column once: raw names, `column_3` for a nameless one, `price (2)` for a second `price`.

    >>> column_names(["sku", "", "price", "price"], 4)
    ['sku', 'column_2', 'price', 'price (2)']
    """
    used, names = {RESERVED}, []
    for number in range(width):
        raw = cells[number].strip("\ufeff\r\n") if number < len(cells) else ""
        name = raw if raw.strip() else f"column_{number + 1}"
        names.append(_unused(name, used))
    return names


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """Count the columns under a header: its cells, without nameless last ones that hold nothing.

    >>> width_of([["a", "b", ""], ["1", "2", ""]]), width_of([["a", "b", ""], ["1", "2", "x"]])
    (2, 3)
    """
    width = len(rows[0])
    while width > 1 and not rows[0][width - 1].strip() and not _filled(rows, width - 1):
        width -= 1
    return width


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Count the cells most rows have."""
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def padded_width(rows: Sequence[Sequence[str]], width: int) -> int:
    """Count the cells of a row with the delimiters that follow its last column in some files."""
    return max([width, *(len(row) for row in rows if not any(cell.strip() for cell in row[width:]))])


class Layout(TypedDict, total=False):
    """What a person may say about a file; whatever is left out is found."""

    name: str
    header: bool
    columns: list[str] | None
    delimiter: str | None
    encoding: str | None
    sheet: str | None


@dataclass(frozen=True)
class Plan:
    """Where the rows of a table begin, and what is in them."""

    columns: tuple[str, ...]
    cells: int
    skip: int
    header_likely: bool


def plan(rows: Sequence[Sequence[str]], *, name: str, header: bool, columns: Sequence[str] | None, whole: bool) -> Plan:
    """Settle the columns from the first rows (blank ones empty); `whole` says that there are no others."""
    filled = [row for row in rows if row]
    if not filled:
        raise BadFile(_("%(name)s is empty. Export it again and upload the new file.") % {"name": name})
    if header and whole and len(filled) == 1:
        raise BadFile(
            _("%(name)s has a header but no rows below it. Export it again with its data, or say it has no header.")
            % {"name": name}
        )
    width = width_of(filled) if header else usual_width(filled)
    if columns and len(columns) != width:
        raise BadFile(
            _("%(given)d column names are given, but the rows of %(name)s have %(width)d cells.")
            % {"given": len(columns), "name": name, "width": width}
        )
    named = column_names(columns or (filled[0] if header else ()), width)
    skip = rows.index(filled[0]) + 1 if header else 0
    return Plan(tuple(named), padded_width(filled, width), skip, is_header(filled))


def lines_taken(text: str, delimiter: str, count: int) -> int:
    """Count the lines that the first records take."""
    reader = csv.reader(text.split("\n"), delimiter=delimiter)
    for _record in islice(reader, count):
        pass
    return reader.line_num


def _filled(rows: Sequence[Sequence[str]], column: int) -> bool:
    return any(len(row) > column and row[column].strip() for row in rows)


def _unused(name: str, used: set[str]) -> str:
    candidate, number = name, 1
    while candidate in used:
        number += 1
        candidate = f"{name} ({number})"
    used.add(candidate)
    return candidate


def _evenness(text: str, delimiter: str) -> float:
    widths = [len(cells) for cells in records(text, delimiter) if cells]
    if not widths:
        return 0
    width, times = Counter(widths).most_common(1)[0]
    return (width - 1) * times / len(widths) * (1.0 if widths[0] == width else 0.5)
