"""The mart's answer without keeping it: classes as of another day, or by other rules. Nothing is written."""

# ruff: noqa: S608 - what stands in the SQL is the mart's own file

import datetime as dt
import re
from typing import Any

from guanxi.insight.scheme import Scheme
from guanxi.warehouse.reading import Lake
from guanxi.warehouse.registry import marts

MART = "customer_rfm"
WAS = "was_"  # what parameters and columns of the rules compared with begin with
MADE = ""
WINDOWED = ("frequency", "monetary")  # recency is measured over all time
MEASURED = re.compile(r"^with paid as \(.*?\n\),\nmeasured as \(.*?\n\),$", re.DOTALL | re.MULTILINE)
ALL_ORDERS = """
    select
        customer_id,
        cast(date_diff('day', max(placed_on), $as_of) as integer) as recency_days,
        cast(count(*) filter (where placed_on > $as_of - $frequency_window_days) as integer) as frequency,
        cast(coalesce(sum(net_base_minor) filter (where placed_on > $as_of - $monetary_window_days), 0) as bigint)
            as monetary_minor,
        cast(count(*) filter (where placed_on > $as_of - $was_frequency_window_days) as integer) as was_frequency,
        cast(coalesce(sum(net_base_minor) filter (where placed_on > $as_of - $was_monetary_window_days), 0) as bigint)
            as was_monetary_minor
    from orders
    where is_paid and customer_id is not null and placed_on <= $as_of
    group by customer_id
"""
BETWEEN_WINDOWS = """
    select
        mart.customer_id,
        mart.recency_days,
        cast(mart.frequency + coalesce(between_windows.orders, 0) as integer)         as frequency,
        cast(mart.monetary_minor + coalesce(between_windows.net_minor, 0) as bigint) as monetary_minor
    from customer_rfm as mart
    left join (
        select
            customer_id,
            sum(cast(placed_on > $as_of - $frequency_window_days as integer)
                - cast(placed_on > $as_of - $was_frequency_window_days as integer)) as orders,
            sum(coalesce(net_base_minor, 0) * (cast(placed_on > $as_of - $monetary_window_days as integer)
                - cast(placed_on > $as_of - $was_monetary_window_days as integer))) as net_minor
        from orders
        where is_paid and customer_id is not null
            and placed_on <= $as_of - least({windows}) and placed_on > $as_of - greatest({windows})
        group by customer_id
    ) as between_windows on between_windows.customer_id = mart.customer_id
"""
Counted = dict[str, dict[str, int]]


def answer(prefix: str = "", *, measures: str = "") -> str:
    """Spell the mart as a part of another question, its parameters beginning with `prefix`.

    `measures` names what has every customer's recency already, and frequency and monetary value in columns that
    begin so too: going through all orders is nearly all of the work.
    """
    sql = marts()[MART].sql
    if measures:
        theirs = f"{prefix}frequency as frequency, {prefix}monetary_minor as monetary_minor"
        sql = MEASURED.sub(f"with measured as (select customer_id, recency_days, {theirs} from {measures}),", sql)
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


def moves(lake: Lake, proposed: Scheme, *, over: Scheme, as_of: dt.date, kept: bool) -> list[tuple[str, str, int]]:
    """Count who goes from which class to which, were rules proposed in force instead of those they are put `over`.

    `kept` says that the mart in the lake is by the latter, as of this day and of this moment: then only the orders
    between the windows of both are gone through. Else all orders are, once for both.
    """
    before = MART if kept else answer(WAS, measures="figures")
    asked = f"""
        with figures as materialized ({figures(over, proposed, kept=kept)})
        select was.class as was, made.class as made, cast(count(*) as bigint) as customers
        from {before} as was join {answer(MADE, measures="figures")} as made on made.customer_id = was.customer_id
        group by was.class, made.class
    """
    rows = lake.sql(asked, **given(asked, over, proposed, as_of)).to_pylist()
    return [(row["was"], row["made"], row["customers"]) for row in rows]


def given(asked: str, over: Scheme, proposed: Scheme, as_of: dt.date) -> dict[str, Any]:
    """Give the values that a question about two sets of rules names."""
    known = {WAS + name: value for name, value in over.parameters(as_of).items()} | proposed.parameters(as_of)
    used = set(re.findall(r"\$(\w+)", asked))
    return {name: value for name, value in known.items() if name in used}


def other_windows(over: Scheme, proposed: Scheme) -> list[str]:
    """Name what is measured over other orders by rules proposed: only then do orders have to be read."""
    before, after = over.dimensions, proposed.dimensions
    return [name for name in WINDOWED if before[name].window_days != after[name].window_days]


def figures(over: Scheme, proposed: Scheme, *, kept: bool) -> str:
    """Spell everybody's figures by the windows of rules proposed, from those of the mart where it is `kept`."""
    if not kept:
        return ALL_ORDERS
    other = other_windows(over, proposed)
    windows = ", ".join(f"${side}{name}_window_days" for name in other for side in (WAS, MADE))
    return BETWEEN_WINDOWS.format(windows=windows) if other else f"select * from {MART}"
