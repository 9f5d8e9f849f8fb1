"""The rows of an answer: read page by page from their file, and spelled for a page, a file or a program."""

import datetime as dt
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from guanxi.guard.fileout import Cell as FileCell
from guanxi.insight.notebook.models import Question
from guanxi.pages import formats

SHOWN = 200  # rows that a page gives, some at a time
CELLS, LEAST, MOST = 200, 5, 20  # cells of one page of rows, and rows
COLUMNS = 30
LETTERS, ONE_LINE = 80, 20
EXACT, TOO_LARGE = 2**53, 10**20
MISSING = "—"
TYPES = {
    "int64": "bigint", "int32": "integer", "int16": "smallint", "int8": "tinyint", "double": "double",
    "float": "real", "string": "varchar", "large_string": "varchar", "bool": "boolean", "binary": "blob",
    "date32[day]": "date", "null": "null",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A column of an answer: its name, which another may have too, its type as SQL says it."""

    nth: int
    name: str
    type: str
    is_number: bool
    is_day: bool

    @property
    def is_key(self) -> bool:
        """Whether its numbers count nothing."""
        return self.name.lower().endswith(("_id", "_key")) or self.name.lower() in {"id", "year", "month", "hour"}


@dataclass(frozen=True)
class Shown:
    """One cell on a page."""

    text: str
    is_number: bool = False
    whole: str = ""

    @property
    def is_short(self) -> bool:
        """Whether it stands on one line."""
        return len(self.text) <= ONE_LINE


@dataclass(frozen=True)
class Rows:
    """The rows of a question that was answered."""

    question: Question

    @cached_property
    def _table(self) -> pa.Table:
        with pa.memory_map(str(self.question.place)) as file:
            return pa.ipc.open_file(file).read_all()

    @cached_property
    def fields(self) -> list[Field]:
        """The columns."""
        return [_field(nth, each) for nth, each in enumerate(self._table.schema)]

    @property
    def count(self) -> int:
        """How many rows are kept."""
        return int(self._table.num_rows)

    @property
    def reach(self) -> int:
        """How many of them a page gives."""
        return min(self.count, SHOWN)

    @property
    def step(self) -> int:
        """How many stand on one page: fewer where they are wide."""
        return max(LEAST, min(MOST, CELLS // max(min(len(self.fields), COLUMNS), 1)))

    def values(self, first: int, most: int) -> list[list[Any]]:
        """Read some rows, as lists in the order of the columns: two of them may be called the same."""
        part = self._table.slice(first, most)
        return [list(row) for row in zip(*map(_listed, part.columns), strict=True)]

    def page(self, first: int) -> list[list[Shown]]:
        """Spell the rows of one page."""
        fields = self.fields[:COLUMNS]
        rows = self.values(first, min(self.step, self.reach - first))
        return [[spelled(value, each) for value, each in zip(row, fields, strict=False)] for row in rows]

    def cells(self) -> Iterator[Sequence[FileCell]]:
        """Read all rows as the cells of a file."""
        for first in range(0, self.count, 10_000):
            for row in self.values(first, 10_000):
                yield [_cell(value) for value in row]

    def plain(self, first: int, most: int) -> list[list[Any]]:
        """Read some rows as JSON holds them."""
        return [[plain(value) for value in row] for row in self.values(first, most)]


def _listed(column: pa.ChunkedArray) -> list[Any]:
    """Read a column, times to the microsecond; a day that no calendar of Python holds is missing, as infinity is."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError):
        return [_value(each) for each in column]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return None


def _field(nth: int, field: pa.Field) -> Field:
    kind = field.type
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return Field(nth, field.name, TYPES.get(str(kind), _type(kind)), number, pa.types.is_date(kind))


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return "decimal" if kind.scale else "hugeint"
    return str(kind)[:40]


def spelled(value: Any, field: Field) -> Shown:
    """Write a value for a page: numbers grouped unless they are keys, what is no number as a dash."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return Shown(MISSING, field.is_number)
    if isinstance(value, bool):
        return Shown(_("yes") if value else _("no"))
    if isinstance(value, int | float | Decimal):
        return Shown(str(value) if field.is_key else number(value), is_number=True)
    text = _text(value)
    return Shown(text) if len(text) <= LETTERS else Shown(text[: LETTERS - 1] + "…", whole=text[:1000])


def number(value: float | Decimal) -> str:
    """Write a number with the decimals it has, six at most.

    >>> number(1234567), number(Decimal("0.50")), number(0.1 + 0.2), number(1e-9), number(1e300)
    ('1,234,567', '0.50', '0.3', '1e-09', '1e+300')
    """
    if not isinstance(value, float) and abs(value) >= TOO_LARGE:  # beyond what is rounded exactly
        return f"{value:,}".replace("-", formats.MINUS, 1)
    if isinstance(value, int):
        return formats.count(value)
    if isinstance(value, Decimal):
        return formats.decimal(value, min(max(-int(value.as_tuple().exponent), 0), 6))
    if value and not 1e-6 <= abs(value) < 1e15:
        return f"{value:.6g}".replace("-", formats.MINUS, 1) if value < 0 else f"{value:.6g}"
    text = f"{abs(value):.6f}".rstrip("0").rstrip(".")
    return formats.decimal(value, len(text.partition(".")[2]))


def _text(value: Any) -> str:
    """Write what is no number: times as ISO writes them, bytes in hexadecimal, what is nested as JSON."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", timespec="seconds")
    if isinstance(value, bytes):
        return "0x" + value[:LETTERS].hex()
    if isinstance(value, list | dict):
        return json.dumps(plain(value), ensure_ascii=False, default=str)
    return str(value)


def plain(value: Any) -> Any:
    """Spell a value as JSON holds it: exact numbers and whole ones past 2^53 as text, what is no number as null.

    >>> plain([2**60, 7, float("nan"), Decimal("1.50"), b"tea"])
    ['1152921504606846976', 7, None, '1.50', '0x746561']
    """
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT else str(value)
    return _json(value)


def _json(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value.isoformat()) if isinstance(value, dt.date | dt.time) else str(value)


def _cell(value: Any) -> FileCell:
    """Give a value as a file holds it; what is no number is an empty cell."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | dict):
        return json.dumps(plain(value), ensure_ascii=False, default=str)
    if value is None or isinstance(value, str | int | float | Decimal | dt.datetime | dt.date | dt.time):
        return value
    return str(value)
