"""The functions a mart may use: those that mean the same on DuckDB and on Spark. What is not listed is refused.

Not on the list, for they differ: `list(x order by y)`, `date_diff('month')`, `dayofweek`, `quantile_cont`, formats with
ISO weeks, and a division whose divisor may be zero (an error on one, NULL on the other).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from guanxi.warehouse.queries import called

if TYPE_CHECKING:
    from sqlglot import exp

ALLOWED = frozenset(
    word
    for line in (
        "AND OR XOR IF CASE CAST COALESCE NULLIF EXISTS GREATEST LEAST",
        "COUNT SUM AVG MIN MAX STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VARIANCE_POP VAR_POP VAR_SAMP",
        "LOGICAL_OR LOGICAL_AND ARG_MAX ARG_MIN MEDIAN CORR COVAR_POP COVAR_SAMP",
        "ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE LAG LEAD FIRST_VALUE LAST_VALUE NTH_VALUE",
        "ABS CEIL FLOOR ROUND SIGN SQRT EXP LN POWER POW MOD",
        "LOWER UPPER TRIM LENGTH SUBSTRING CONCAT REPLACE LPAD RPAD STARTS_WITH CONTAINS STR_POSITION LEFT RIGHT",
        "JSON_EXTRACT_SCALAR",
        "YEAR MONTH DAY QUARTER EXTRACT DATEDIFF DATE_TRUNC TIMESTAMP_TRUNC DATE_ADD DATE_SUB TS_OR_DS_ADD MAKE_DATE",
    )
    for word in line.split()
)
PARTS = {"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}


def strays(tree: "exp.Query") -> Iterator[str]:
    """Say what in a query would not mean the same on both engines."""
    from sqlglot import exp  # noqa: PLC0415 - a quarter of a second, and few commands need it

    yield from strange_functions(tree)
    for division in tree.find_all(exp.Div, exp.IntDiv, exp.Mod):
        if not _is_safe(division.expression):
            yield f"{division.sql('duckdb')} may divide by zero; write nullif(…, 0)"


def strange_functions(tree: "exp.Query") -> Iterator[str]:
    """Say which functions are not on the list, or are used in a way that differs."""
    from sqlglot import exp  # noqa: PLC0415 - see strays

    for function in tree.find_all(exp.Func):
        if called(function).upper() not in ALLOWED:
            yield f"the function {called(function).lower()} is not on the list"
        elif isinstance(function, exp.DateDiff) and (function.text("unit") or "DAY").upper() != "DAY":
            yield f"date_diff counts in {function.text('unit').lower()}s; only days mean the same"
        elif isinstance(function, exp.Extract) and function.name.upper() not in PARTS:
            yield f"extract({function.name.lower()}) differs"


def _is_safe(divisor: "exp.Expression | None") -> bool:
    """Tell whether a divisor is a number other than 0, `nullif(…, 0)`, or `greatest` with a number above 0."""
    from sqlglot import exp  # noqa: PLC0415 - see strays

    match divisor:
        case exp.Paren() | exp.Cast():
            return _is_safe(divisor.this)
        case exp.Literal():
            return not divisor.is_string and float(divisor.name) != 0
        case exp.Nullif():
            return bool(divisor.expression.name == "0")
        case exp.Greatest():
            return any(
                isinstance(item, exp.Literal) and _is_safe(item) for item in (divisor.this, *divisor.expressions)
            )
    return False
