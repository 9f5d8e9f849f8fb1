"""The header of a mart's SQL file: what it is, its grain, parameters, columns with types and units, and its source.

-- customer_value: what every customer is worth.
-- grain      one row per customer_id
-- parameters as_of date (last day observed), window_days integer
-- columns    customer_id bigint | value_minor bigint, net sales, base currency
--            orders integer
-- slices     month; orders ..0 with order_lines; products (sku, product_id)
-- source     where the method comes from

`slices` is there where the rows of a month can be computed without the others (`warehouse.slices`): the date column
that tells the month of a row; for each table, or mart that falls into months, whose months count which of them, 0 the
row's own, with tables that change only together with it; and for tables without months the columns that are used.
"""

import re
from dataclasses import dataclass

from guanxi.core.errors import Failed

TYPE = r"[a-z]+(?:\(\d+, ?\d+\))?"
FIRST = re.compile(r"(?P<name>\w+): (?P<sentence>.+)")
PARAMETER = re.compile(rf"(\w+) ({TYPE})(?:\s+\(([^)]*)\))?(?:,\s*|$)")
COLUMN = re.compile(rf"(\w+) ({TYPE})(?:, (.*))?")
REACH = re.compile(r"(\w+) (-?\d+)?\.\.(-?\d+)(?: with (\w+(?:, \w+)*))?")
WHOLE = re.compile(r"(\w+) \((\w+(?:, \w+)*)\)")
PARTS = ("grain", "parameters", "columns", "slices", "source")


class MartBroken(Failed):
    """A mart's file does not fit its header, the lake's tables, or the canonical dialect."""


@dataclass(frozen=True)
class Named:
    """A parameter or a column: its SQL type, and what the words beside it say."""

    name: str
    type: str
    words: str = ""


@dataclass(frozen=True)
class Reach:
    """Which months of a table a month hangs on: `first` None where all earlier ones; the followers change with it."""

    table: str
    first: int | None
    last: int
    followers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slices:
    """How a mart falls into months: the column that tells a row's month, and what a month hangs on."""

    column: str
    reaches: tuple[Reach, ...]
    whole: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Header:
    """What a mart's file says of itself."""

    name: str
    sentence: str
    grain: str
    parameters: tuple[Named, ...]
    columns: tuple[Named, ...]
    source: str
    slices: Slices | None = None


def parse(sql: str) -> Header:
    """Read the comment lines at the top of a mart; ValueError says what is missing."""
    lines = [line[2:].strip() for line in _comment(sql)]
    parts, sentence = _parts(lines)
    first = FIRST.fullmatch(" ".join(sentence))
    if first is None:
        raise ValueError("the first line has to be `-- name: one sentence`")
    missing = [part for part in ("grain", "columns", "source") if not parts[part]]
    if missing:
        raise ValueError(f"the header has no {' and no '.join(missing)}")
    return Header(
        name=first["name"],
        sentence=first["sentence"],
        grain=" ".join(parts["grain"]),
        parameters=_parameters(" ".join(parts["parameters"])),
        columns=tuple(_column(item) for line in parts["columns"] for item in line.split(" | ")),
        source=" ".join(parts["source"]),
        slices=_slices(" ".join(parts["slices"])),
    )


def _comment(sql: str) -> list[str]:
    lines = sql.lstrip().splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return lines[:end]


def _parts(lines: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    sentence: list[str] = []
    parts: dict[str, list[str]] = {part: [] for part in PARTS}
    into = sentence
    for line in lines:
        word, _, rest = line.partition(" ")
        if word in parts:
            into, line = parts[word], rest.strip()  # noqa: PLW2901 - the rest of the line belongs to the part
        if line:
            into.append(line)
    return parts, sentence


def _parameters(text: str) -> tuple[Named, ...]:
    found, at = [], 0
    while at < len(text):
        match = PARAMETER.match(text, at)
        if match is None:
            raise ValueError(f"parameters: {text[at:]!r} is not `name type (words)`")
        found.append(Named(match[1], match[2].replace(" ", ""), match[3] or ""))
        at = match.end()
    return tuple(found)


def _slices(text: str) -> Slices | None:
    if not text:
        return None
    column, *told = (item.strip() for item in text.split(";"))
    reaches, whole = [], []
    for item in told:
        if match := REACH.fullmatch(item):
            first = int(match[2]) if match[2] else None
            reaches.append(Reach(match[1], first, int(match[3]), tuple(match[4].split(", ")) if match[4] else ()))
        elif match := WHOLE.fullmatch(item):
            whole.append((match[1], tuple(match[2].split(", "))))
        else:
            raise ValueError(f"slices: {item!r} is neither `table first..last with others` nor `table (columns)`")
    return Slices(column, tuple(reaches), tuple(whole))


def _column(text: str) -> Named:
    match = COLUMN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"columns: {text!r} is not `name type, words`")
    return Named(match[1], match[2].replace(" ", ""), match[3] or "")
