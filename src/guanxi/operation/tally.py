"""What a table holds, in counts and sums that SQLite and PostgreSQL compute alike: by them two books are compared."""

# ruff: noqa: S608 - what stands in the SQL are names that the database itself gave, quoted

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LOW = 4_294_967_295  # keys are large: whole numbers are summed in two halves, which cannot overflow
WHOLE = ("sum({c} >> 32)", f"sum({{c}} & {LOW})")
SECONDS = "sum(cast(strftime('%s', substr({c}, 1, 19)) as integer))"
MICROSECONDS = "sum(cast(substr(substr({c}, 21) || '000000', 1, 6) as integer))"


@dataclass(frozen=True)
class Measure:
    """How a kind of column is summed up: the same figures on SQLite and on PostgreSQL."""

    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]


NUMBER = Measure(WHOLE, ("sum({c}::bigint >> 32)", f"sum({{c}}::bigint & {LOW})"))
TEXT = Measure(("sum(length({c}))",), ("sum(length({c}))",))
MEASURES: Mapping[str, Measure] = {
    "smallint": NUMBER,
    "integer": NUMBER,
    "bigint": NUMBER,
    "boolean": Measure(("sum({c})",), ("sum({c}::int)",)),
    "character varying": TEXT,
    "text": TEXT,
    "bytea": Measure(("sum(length({c}))",), ("sum(octet_length({c}))",)),
    "date": Measure(
        ("sum(cast(julianday({c}) - julianday('2000-01-01') as integer))",), ("sum({c} - date '2000-01-01')",)
    ),
    "timestamp with time zone": Measure(
        (SECONDS, MICROSECONDS),
        ("sum(floor(extract(epoch from {c}))::bigint)", "sum(extract(microseconds from {c})::bigint % 1000000)"),
    ),
    "interval": Measure(("sum({c})",), ("sum((extract(epoch from {c}) * 1000000)::bigint)",)),
    "double precision": Measure(("sum({c})",), ("sum({c})",)),
    "numeric": Measure(("sum({c})",), ("sum({c})",)),
}
NOTHING = Measure((), ())  # structured text is spelled anew by PostgreSQL: it is only counted


def query(table: str, kinds: Mapping[str, str], *, on: str) -> str:
    """Spell the question that a table is summed up by; `kinds` are its columns with PostgreSQL's types."""
    figures = ["count(*)"]
    for column, kind in kinds.items():
        quoted = '"' + column.replace('"', '""') + '"'
        measures = getattr(MEASURES.get(kind, NOTHING), on)
        figures += [f"count({quoted})", *(measure.format(c=quoted) for measure in measures)]
    return f'select {", ".join(figures)} from "{table}"'


def same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Tell whether two answers are the same; sums of fractions depend a little on the order of adding."""
    return len(one) == len(other) and all(map(_same, one, other))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(float(one or 0), float(other or 0), rel_tol=1e-9, abs_tol=1e-9)
    return (one or 0) == (other or 0)  # the sum of nothing is null
