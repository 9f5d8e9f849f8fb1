"""Rows that the database makes by itself, in the SQL of SQLite and of PostgreSQL."""

import datetime as dt
import sys
import time

from django.db import connection, models, transaction

from guanxi.warehouse.models import ARRIVED, LakeSource, announce

BEGUN = time.perf_counter()


def select(model: type[models.Model], rows: str, **made: str) -> None:
    """Insert what a query over `rows` makes for each attribute of a model; what the lake copies waits for it."""
    if issubclass(model, LakeSource):
        made = {"version": "1", "lake_batch": str(ARRIVED), **made}
    columns = {field.attname: field.column for field in model._meta.concrete_fields if field.column}
    targets = ", ".join(columns[name] for name in made)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"insert into {model._meta.db_table} ({targets}) select {', '.join(made.values())} from {rows}")
    if issubclass(model, LakeSource):
        announce(model, model._default_manager.order_by("pk").values_list("pk", flat=True).iterator(100_000))


def series(count: int) -> str:
    """A source of the numbers `i` from 1 to `count`."""
    if connection.vendor == "postgresql":
        return f"generate_series(1, {count}::bigint) numbers(i)"
    counting = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) select i from n"
    return f"({counting}) numbers"


def hashed(of: str, salt: int) -> str:
    """A number below 2 ** 32 that looks drawn by lot."""
    return f"(({of} + {salt} * 7919) * {2_654_435_761 + 2 * salt * 104_729} % 4294967296)"


def drawn(of: str, salt: int) -> str:
    """A number from 0 on and below 1 that looks drawn by lot."""
    return f"(cast({hashed(of, salt)} as double precision) / 4294967296)"


def one_of(choices: dict[str, float], lot: str, otherwise: str) -> str:
    """A word, each by its share of the lots."""
    whens, below = [], 0.0
    for word, share in choices.items():
        below += share
        whens.append(f"when {lot} < {below:.4f} then '{word}'")
    return f"(case {' '.join(whens)} else '{otherwise}' end)"


def moment(begin: dt.datetime, seconds: str) -> str:
    """So many seconds after a beginning."""
    if connection.vendor == "postgresql":
        return f"(timestamptz '{begin.isoformat()}' + {seconds} * interval '1 second')"
    return f"datetime('{begin:%Y-%m-%d %H:%M:%S}', {seconds} || ' seconds')"


def day(moment: str) -> str:
    """The day of a moment."""
    return f"date({moment})"


def json(text: str) -> str:
    """A text as JSON."""
    return f"cast({text} as jsonb)" if connection.vendor == "postgresql" else text


def now() -> str:
    """The present moment."""
    return "now()" if connection.vendor == "postgresql" else "datetime('now')"


def say(what: str) -> None:
    """Tell how far the book is."""
    print(f"{time.perf_counter() - BEGUN:8.1f} s {what}", file=sys.stderr, flush=True)
