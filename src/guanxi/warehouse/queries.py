"""What a query may be: one SELECT, over tables of the registry, as the parser sees it before the engine does."""

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.warehouse.registry import marts, tables

if TYPE_CHECKING:
    from sqlglot import exp

FORBIDDEN = {"current_setting", "getvariable", "getenv", "query", "query_table", "which_secret"}
MOST_CHARACTERS = 100_000
ASIDE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
STEP = re.compile(r"\b(\w+)\s+as\s+\(", re.IGNORECASE)
SOURCE = re.compile(r"\b(?:from|join)\s+(\w+)", re.IGNORECASE)


class BadQuery(BadInput):
    """The SQL is not one SELECT over the tables of the lake.

    `said` is what the engine or the parser said of it in its own words, empty where the refusal is ours; `line` and
    `column` count from 1, where it is known what stands there.
    """

    def __init__(self, text: str, *, said: str = "", line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.said, self.line, self.column = said, line, column


def parsed(sql: str) -> "exp.Query":
    """Parse one SELECT; anything else is a BadQuery that says what is wrong."""
    from sqlglot import exp  # noqa: PLC0415 - a quarter of a second, and few commands need it

    statements = _statements(sql)
    if len(statements) != 1:
        raise BadQuery(_("%(count)s statements were given. Write exactly one SELECT.") % {"count": len(statements)})
    tree = statements[0]
    others = (exp.Into, exp.DML, exp.DDL, exp.Command, exp.Describe, exp.Summarize)
    if not isinstance(tree, exp.Query) or tree.find(*others) not in {None, tree}:
        said = {"verb": tree.key.upper()}
        raise BadQuery(_("%(verb)s is not allowed. Write one SELECT; the lake is read-only.") % said)
    return tree


def _statements(sql: str) -> "list[Any]":
    """Split a text into what it says; a BadQuery where it is too long, too deep, or no SQL."""
    import sqlglot  # noqa: PLC0415 - see parsed

    if len(sql) > MOST_CHARACTERS:
        said = {"count": len(sql), "most": MOST_CHARACTERS}
        raise BadQuery(_("The query has %(count)s characters; at most %(most)s are read. Write it shorter.") % said)
    try:
        return [statement for statement in sqlglot.parse(sql, read="duckdb") if statement is not None]
    except sqlglot.errors.SqlglotError as error:
        told = {"error": " ".join(str(error).split())}
        where: dict[str, Any] = next(iter(getattr(error, "errors", [])), {})
        line, last = where.get("line"), where.get("col")
        column = max(last - len(where.get("highlight") or "") + 1, 1) if last else None
        text = _("This is not SQL that can be read: %(error)s. Correct it there.") % told
        raise BadQuery(text, said=f"Parser Error: {where.get('description', '')}", line=line, column=column) from error
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> BadQuery:
    return BadQuery(_("The query is nested too deeply. Write it in named steps: with a as (…), b as (…) select …"))


def check(sql: str) -> None:
    """Refuse a query that reads anything but tables and marts of the lake."""
    try:
        _check(sql)
    except RecursionError:
        raise _too_deep() from None


def _check(sql: str) -> None:
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    tree = parsed(sql)
    for table in outside(tree):
        known = sorted({*tables(), *marts()})
        near = get_close_matches(table.lower(), known, 5)
        said = {"table": table, "known": ", ".join(known), "near": ", ".join(near)}
        if near:
            raise BadQuery(_("%(table)s is not a table of the lake. Near to it: %(near)s.") % said)
        raise BadQuery(_("%(table)s is not a table of the lake. There are: %(known)s.") % said)
    for function in tree.find_all(exp.Func):
        if (name := called(function)).lower() in FORBIDDEN:
            raise BadQuery(_("The function %(name)s is not allowed. Leave it out.") % {"name": name.lower()})


def outside(tree: "exp.Query") -> list[str]:
    """Name what a query reads from that is neither in the registry nor a step of its own."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    own = _steps(tree)
    allowed = {*tables(), *marts()}
    return [
        table.sql("duckdb")
        for table in tree.find_all(exp.Table)
        if id(table) not in own and not _is_plain(table, allowed) and not _makes_rows(table)
    ]


def parameters(sql: str) -> set[str]:
    """Name the parameters that a query uses."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    return {place.name for place in parsed(sql).find_all(exp.Placeholder)}


def reads(tree: "exp.Query") -> set[str]:
    """Name the tables and marts of the lake that a query reads."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    own, allowed = _steps(tree), {*tables(), *marts()}
    found = (table for table in tree.find_all(exp.Table) if id(table) not in own and _is_plain(table, allowed))
    return {table.name.lower() for table in found}


def named(sql: str) -> set[str]:
    """Name the tables and marts that a query of named steps reads, as its words tell: a page of marts parses none.

    >>> named("with a as (select 1) select * from a -- from orders")
    set()
    """
    words = ASIDE.sub(" ", sql)
    sources = {name.lower() for name in SOURCE.findall(words)} - {name.lower() for name in STEP.findall(words)}
    return sources & {*tables(), *marts()}


@lru_cache(maxsize=256)
def may_take(sql: str, table: str, columns: tuple[str, ...]) -> bool:
    """Tell whether a query may use one of these columns of a table; a text that cannot be parsed may."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    try:
        tree = parsed(sql)
    except BadQuery:
        return True
    selects = ((select, _called_here(select, table)) for select in tree.find_all(exp.Select))
    return any(_names(select, called, columns) for select, called in selects if called)


def _called_here(select: "exp.Select", table: str) -> set[str]:
    """By which names a SELECT itself reads a table; none where it does not."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    args = [select.args.get("from_"), *(select.args.get("joins") or ())]
    sources = [source for arg in args if arg for source in arg.find_all(exp.Table)]
    return {source.alias_or_name.lower() for source in sources if source.name.lower() == table}


def _names(select: "exp.Select", called: set[str], columns: tuple[str, ...]) -> bool:
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    joins = list(select.find_all(exp.Join))
    if any(join.args.get("method") == "NATURAL" for join in joins) or select.find(exp.Columns):
        return True
    if any(not isinstance(star.parent, exp.Count | exp.Column) for star in select.find_all(exp.Star)):
        return True
    mine = (column.name for column in select.find_all(exp.Column) if column.table.lower() in {"", *called})
    shared = (name.name for join in joins for name in join.args.get("using") or ())
    return any(name.lower() in {*columns, *called, "*"} for name in (*mine, *shared))


def _steps(tree: "exp.Query") -> set[int]:
    """The table nodes that name a step (a CTE) in whose reach they stand."""
    from sqlglot.optimizer.scope import Scope, traverse_scope  # noqa: PLC0415 - see parsed

    return {
        id(node)
        for scope in traverse_scope(tree)
        for node, source in scope.selected_sources.values()
        if isinstance(source, Scope)
    }


def _is_plain(table: "exp.Table", allowed: set[str]) -> bool:
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    named = isinstance(table.this, exp.Identifier) and not table.args.get("db") and not table.args.get("catalog")
    return named and table.name.lower() in allowed


def _makes_rows(table: "exp.Table") -> bool:
    """Tell whether this is `range(…)`, `generate_series(…)` or `unnest(…)`, which read nothing."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    return isinstance(table.this, exp.GenerateSeries | exp.Unnest | exp.Explode)


def called(function: "exp.Func") -> str:
    """The name of a function, as the canonical dialect knows it."""
    from sqlglot import exp  # noqa: PLC0415 - see parsed

    return function.name if isinstance(function, exp.Anonymous) else function.sql_name()
