"""The mart's answer without keeping it: classes as of another day, or by other rules. Nothing is written."""

# ruff: noqa: S608 - what stands in the SQL is the mart's own file

import datetime as dt
import re
from typing import Any, Literal

from guanxi.insight.scheme import Scheme
from guanxi.warehouse.reading import Lake
from guanxi.warehouse.registry import marts

MART = "customer_rfm"
WAS = "was_"  # what parameters of the rules compared with begin with
FIGURES = ("customer_id", "recency_days", "frequency", "monetary_minor")
MEASURED = re.compile(r"^with paid as \(.*?\n\),\nmeasured as \(.*?\n\),$", re.DOTALL | re.MULTILINE)
Kept = Literal["now", "earlier", "not"]
Counted = dict[str, dict[str, int]]


def answer(prefix: str = "", *, measures: str = "") -> str:
    """Spell the mart as a part of another question, its parameters beginning with `prefix`.

    `measures` names what has every customer's recency, frequency and monetary value already: going through all orders
    is nearly all of the work.
    """
    sql = marts()[MART].sql
    if measures:
        sql = MEASURED.sub(f"with measured as (select {', '.join(FIGURES)} from {measures}),", sql)
    return "(" + re.sub(r"\$(\w+)", rf"${prefix}\1", sql) + ")"


def classes_on(lake: Lake, scheme: Scheme, as_of: dt.date) -> Counted:
    """Count the customers of each class as of a day, by any rules, with what they brought."""
    asked = f"""
        select class, cast(count(*) as bigint) as customers, cast(sum(monetary_minor) as bigint) as net_minor
        from {answer()} as made group by class
    """
    return of_scheme(scheme, lake.sql(asked, **scheme.parameters(as_of)).to_pylist())


def of_scheme(scheme: Scheme, rows: list[dict[str, Any]]) -> Counted:
    """Put counts into the order of the classes; a class that nobody is in counts none."""
    found, nothing = {row["class"]: row for row in rows}, {"customers": 0, "net_minor": 0}
    return {each.key: {name: found.get(each.key, nothing)[name] for name in nothing} for each in scheme.classes}


def moves(lake: Lake, proposed: Scheme, *, over: Scheme, as_of: dt.date, kept: Kept) -> list[tuple[str, str, int]]:
    """Count who goes from which class to which, were rules proposed in force instead of those they are put `over`.

    `kept` says whether the mart in the lake is by these, and of this moment or an earlier one. With the same windows
    both are told from the figures of the mart; with others from all orders, and so are those of an earlier moment.
    """
    measures = MART if kept != "not" and _windows(over) == _windows(proposed) else ""
    before = MART if measures or kept == "now" else answer(WAS)
    asked = f"""
        select was.class as was, made.class as made, cast(count(*) as bigint) as customers
        from {before} as was join {answer(measures=measures)} as made on made.customer_id = was.customer_id
        group by was.class, made.class
    """
    given = {WAS + name: value for name, value in over.parameters(as_of).items()} | proposed.parameters(as_of)
    used = set(re.findall(r"\$(\w+)", asked))
    rows = lake.sql(asked, **{name: value for name, value in given.items() if name in used}).to_pylist()
    return [(row["was"], row["made"], row["customers"]) for row in rows]


def _windows(scheme: Scheme) -> list[int | None]:
    return [each.window_days for each in scheme.dimensions.values()]
