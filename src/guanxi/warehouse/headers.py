"""The header of a mart's SQL file: what it is, its grain, parameters, columns with types and units, and its source.

-- customer_value: what every customer is worth.
-- grain      one row per customer_id
-- parameters as_of date (last day observed), window_days integer
-- columns    customer_id bigint | value_minor bigint, net sales, base currency
--            orders integer
-- source     where the method comes from
"""

import re
from dataclasses import dataclass

TYPE = r"[a-z]+(?:\(\d+, ?\d+\))?"
FIRST = re.compile(r"(?P<name>\w+): (?P<sentence>.+)")
PARAMETER = re.compile(rf"(\w+) ({TYPE})(?:\s+\(([^)]*)\))?(?:,\s*|$)")
COLUMN = re.compile(rf"(\w+) ({TYPE})(?:, (.*))?")
PARTS = ("grain", "parameters", "columns", "source")


@dataclass(frozen=True)
class Named:
    """A parameter or a column: its SQL type, and what the words beside it say."""

    name: str
    type: str
    words: str = ""


@dataclass(frozen=True)
class Header:
    """What a mart's file says of itself."""

    name: str
    sentence: str
    grain: str
    parameters: tuple[Named, ...]
    columns: tuple[Named, ...]
    source: str


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


def _column(text: str) -> Named:
    match = COLUMN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"columns: {text!r} is not `name type, words`")
    return Named(match[1], match[2].replace(" ", ""), match[3] or "")
