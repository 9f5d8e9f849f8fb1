"""From the canonical dialect, which is DuckDB's, to Spark's: parsed and written anew by SQLGlot, never by hand."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from guanxi.warehouse import queries

if TYPE_CHECKING:
    from sqlglot import exp


def spark(sql: str, params: Mapping[str, Any] | None = None, types: Mapping[str, str] | None = None) -> str:
    """Translate one SELECT; its parameters become literals of the types that the mart's header declares.

    Parameters without a declared type get the type of their value. A BadQuery where it is not one SELECT.

    Examples
    --------
    >>> spark("select $day - $days as since", {"day": "2024-11-11", "days": 3}, {"day": "date", "days": "integer"})
    "SELECT CAST('2024-11-11' AS DATE) - CAST(3 AS INT) AS since"
    """
    import sqlglot  # noqa: PLC0415 - a quarter of a second, and few commands need it
    from sqlglot import exp  # noqa: PLC0415 - as above

    tree = queries.parsed(sql).transform(_filled, dict(params or {}), dict(types or {}))
    for division in reversed(list(tree.find_all(exp.Div))):
        division.replace(_divided(division))
    return tree.sql("spark", comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def steps(sql: str) -> dict[str, str]:
    """Give for every named step of a SELECT the question for all of its rows, in their order.

    >>> steps("with one as (select 1 as a), two as (select a from one) select a from two")["one"]
    'WITH one AS (SELECT 1 AS a) SELECT * FROM one'
    """
    from sqlglot import exp  # noqa: PLC0415 - a quarter of a second, and few commands need it

    found, before = {}, queries.parsed(sql).ctes
    for nth, step in enumerate(before, 1):
        asked = exp.select("*").from_(exp.to_table(step.alias))
        for each in before[:nth]:
            asked = asked.with_(each.args["alias"], as_=each.this)
        found[step.alias] = asked.sql("duckdb", comments=False)
    return found


def _filled(node: "exp.Expr", params: Mapping[str, Any], types: Mapping[str, str]) -> "exp.Expr":
    from sqlglot import exp  # noqa: PLC0415 - as above

    if isinstance(node, exp.Placeholder):
        value = exp.convert(params[node.name])
        return exp.cast(value, types[node.name], dialect="duckdb") if node.name in types else value
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.JSON:
        return exp.DataType.build("text")  # Spark reads JSON out of texts
    if isinstance(node, exp.CTE) and node.args.get("materialized"):
        node.set("materialized", None)
    return node


def _divided(division: "exp.Div") -> "exp.Expr":
    """Divide as DuckDB does: in doubles, whatever is divided; Spark would divide decimals in decimals."""
    from sqlglot import exp  # noqa: PLC0415 - as above

    return exp.paren(exp.Div(**{name: exp.cast(division.args[name], "double") for name in ("this", "expression")}))
