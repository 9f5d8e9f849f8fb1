"""Questions put into words once: of a small query, most of the time goes into writing its SQL.

A question is a queryset with marks where its values go. It is written when it is first asked on a connection, and
from then on only its values change.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, connections
from django.db.models import BooleanField, F, Func, Value


class Mark(Value):
    """A place in a question where a value goes when it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Write a parameter that stands for the mark itself."""
        return "%s", [self]


class OneOf(Func):
    """A field that is one of many keys, which travel as one value; asked with `several(keys)`."""

    output_field = BooleanField()

    def __init__(self, field: str, mark: Mark) -> None:
        super().__init__(F(field), mark)

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        """Write the comparison."""
        (field, params), (_mark, places) = (compiler.compile(each) for each in self.source_expressions)
        if connection.vendor == "postgresql":
            return f"{field} = ANY(%s::bigint[])", [*params, *places]
        return f"{field} IN (SELECT value FROM json_each(%s))", [*params, *places]  # noqa: S608 - of rendered parts


def several(keys: Iterable[int]) -> str:
    """Spell keys as OneOf takes them."""
    told = list(keys)
    return f"{{{','.join(map(str, told))}}}" if connection.vendor == "postgresql" else json.dumps(told)


class Question:
    """A queryset of values, given by a function without arguments, whose marks are filled in by name."""

    def __init__(self, put: Callable[[], Any]) -> None:
        self.put = put

    def ask(self, **values: Any) -> list[tuple[Any, ...]]:
        """Read the rows; values come as the database stores them."""
        sql, params, compiler, converters = self._written()
        told = [values[each.value] if isinstance(each, Mark) else each for each in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, told)
            rows: Any = cursor.fetchall()
        if converters:
            rows = compiler.apply_converters(rows, converters)
        return [tuple(row) for row in rows]

    def _written(self) -> Any:
        """Find the words of this connection; a connection belongs to one thread."""
        mine = connections["default"]
        known = mine.__dict__.setdefault("guanxi_questions", {})
        if self not in known:
            compiler = self.put().query.get_compiler(connection=mine)
            sql, params = compiler.as_sql()
            converters = compiler.get_converters([each for each, _sql, _alias in compiler.select])
            known[self] = sql, params, compiler, converters
        return known[self]
