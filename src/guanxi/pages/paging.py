"""Orders of rows that are walked by key: what comes after a row and what before it, at the same cost on every page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value


class Line(Protocol):
    """Rows in an order, from the first to the last."""

    def after(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that follow a row; the first ones where none is named, or it is not among them."""

    def before(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that lead up to a row, in the order of the line; the last ones where none is named."""

    def has(self, key: int) -> bool:
        """Tell whether a row stands in it."""


@dataclass(frozen=True)
class ByFields:
    """Rows sorted by fields, of which the last tells them apart: it is the key that a place is looked up by.

    A place is looked up in `whole`, so that it is still one after its row was narrowed away.
    """

    rows: Any
    fields: Sequence[str]
    falls: bool = False
    whole: Any = None

    def after(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that follow."""
        return self.read(key, most, falls=self.falls)

    def before(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that lead up to it."""
        return self.read(key, most, falls=not self.falls)[::-1]

    def has(self, key: int) -> bool:
        """Tell whether a row stands in it."""
        return self._place(key) is not None

    def keys(self, key: int | None, most: int) -> Sequence[int]:
        """Read the keys of the rows that follow, which an index has without its rows."""
        bare = replace(self, rows=self.rows.values_list(self.fields[-1], flat=True))
        return ByFields.read(bare, key, most, falls=self.falls)

    def read(self, key: int | None, most: int, *, falls: bool) -> list[Any]:
        """Read rows one way from a place on."""
        place = None if key is None else self._place(key)
        rows = self.rows if place is None else past(self.rows, place, falls=falls)
        return list(rows.order_by(*(f"-{name}" if falls else name for name in self.fields))[:most])

    def _place(self, key: int) -> dict[str, Any] | None:
        rows = self.rows if self.whole is None else self.whole
        found: dict[str, Any] | None = rows.order_by().filter(**{self.fields[-1]: key}).values(*self.fields).first()
        return found


@dataclass(frozen=True)
class Joined:
    """One line behind another."""

    first: Line
    then: Line

    def after(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that follow, over the joint."""
        if key is not None and self.then.has(key):
            return self.then.after(key, most)
        rows = self.first.after(key, most)
        return rows if len(rows) == most else [*rows, *self.then.after(None, most - len(rows))]

    def before(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that lead up to it, over the joint."""
        if key is not None and not self.then.has(key):
            return self.first.before(key, most)
        rows = self.then.before(key, most)
        return rows if len(rows) == most else [*self.first.before(None, most - len(rows)), *rows]

    def has(self, key: int) -> bool:
        """Tell whether a row stands in either."""
        return self.first.has(key) or self.then.has(key)


class Beyond(Func):
    """Values of a row together beyond others, `(a, b) > (1, 2)`: by it both databases enter an index at its place."""

    output_field = BooleanField()

    def __init__(self, place: dict[str, Any], *, sign: str) -> None:
        super().__init__(*map(F, place), *map(Value, place.values()))
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        """Write the comparison."""
        parts = [compiler.compile(each) for each in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _params in some) for some in (parts[:half], parts[half:]))
        return f"({left}) {self.sign} ({right})", [param for _sql, params in parts for param in params]


class Among(Func):
    """A key among many others, which travel as one value however many they are.

    Where `walked`, no index is entered by it: it is asked of rows as they come in an order that another index has.
    """

    output_field = BooleanField()

    def __init__(self, field: str, keys: Iterable[int], *, walked: bool = False) -> None:
        super().__init__(F(field) + 0 if walked else F(field))
        self.keys = list(keys)

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        """Write the comparison."""
        key, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            told = ",".join(map(str, self.keys))  # a list would be written by psycopg key by key
            return f"{key} = ANY(%s::bigint[])", [*params, f"{{{told}}}"]
        return f"{key} IN (SELECT value FROM json_each(%s))", [  # noqa: S608 - of rendered parts
            *params,
            json.dumps(self.keys),
        ]


def keys_of(rows: Any) -> list[int]:
    """Read the keys of rows as one value, which takes a fifth of the time that a row for each would."""
    sql, params = rows.values("pk").query.sql_with_params()
    gather = "array_agg" if connection.vendor == "postgresql" else "json_group_array"
    with connection.cursor() as cursor:
        cursor.execute(f"select {gather}(pk) from ({sql}) as found", params)  # noqa: S608 - of rendered parts
        found = cursor.fetchone()[0] or []
    return json.loads(found) if isinstance(found, str) else found


def past(rows: Any, place: dict[str, Any], *, falls: bool) -> Any:
    """Keep the rows beyond a place, which an index is entered at however many rows share their first values."""
    if None not in place.values():
        return rows.filter(Beyond(place, sign="<" if falls else ">"))
    return rows.filter(_past_some(place, "lt" if falls else "gt"))


def _past_some(place: dict[str, Any], word: str) -> Q:
    """Compare value by value, where one is missing."""
    beyond, equal = Q(), dict[str, Any]()
    for name, value in place.items():
        if value is not None:
            beyond |= Q(**equal, **{f"{name}__{word}": value})
        equal[name] = value
    return beyond


@dataclass(frozen=True)
class ByKeys:
    """Rows in the order of their keys as given: an order that the book does not know."""

    rows: Any
    keys: Sequence[int]

    def after(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that follow."""
        start = 0 if key is None else self._place(key) + 1
        return self._read(self.keys[start : start + most])

    def before(self, key: int | None, most: int) -> list[Any]:
        """Read the rows that lead up to it."""
        end = len(self.keys) if key is None else max(self._place(key), 0)
        return self._read(self.keys[max(0, end - most) : end])

    def has(self, key: int) -> bool:
        """Tell whether a row stands in it."""
        return self._place(key) >= 0

    def _place(self, key: int) -> int:
        return next((place for place, each in enumerate(self.keys) if each == key), -1)

    def _read(self, keys: Sequence[int]) -> list[Any]:
        found = self.rows.in_bulk(list(keys))
        return [found[key] for key in keys if key in found]
