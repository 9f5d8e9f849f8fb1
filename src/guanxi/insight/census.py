"""The mart's answer without keeping it: classes as of another day, or by other rules. Nothing is written."""

# ruff: noqa: S608 - what stands in the SQL is the mart's own file

import datetime as dt
import re
from typing import Any

from guanxi.insight.scheme import Scheme
from guanxi.warehouse.reading import Lake
from guanxi.warehouse.registry import marts

MART = "customer_rfm"
WAS = "was_"  # what parameters of the rules compared with begin with
Counted = dict[str, dict[str, int]]


def answer(prefix: str = "") -> str:
    """Spell the mart as a part of another question, its parameters beginning with `prefix`."""
    return "(" + re.sub(r"\$(\w+)", rf"${prefix}\1", marts()[MART].sql) + ")"


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


def moves(lake: Lake, scheme: Scheme, *, over: Scheme | None, as_of: dt.date) -> list[tuple[str, str, int]]:
    """Count who goes from which class to which, were these the rules instead of those `over`; None: of the last run."""
    before = answer(WAS) if over else MART
    asked = f"""
        select was.class as was, made.class as made, cast(count(*) as bigint) as customers
        from {before} as was join {answer()} as made on made.customer_id = was.customer_id
        group by was.class, made.class
    """
    given = {WAS + name: value for name, value in over.parameters(as_of).items()} if over else {}
    rows = lake.sql(asked, **given, **scheme.parameters(as_of)).to_pylist()
    return [(row["was"], row["made"], row["customers"]) for row in rows]
