"""What SQLite has to be told of conditions: it keeps no statistics and takes every index for a narrow one."""

from typing import Any

from django.db import models


class Common(models.Func):
    """A condition that a share of all rows meets; without being told, SQLite would rather follow it than a customer."""

    output_field = models.BooleanField()
    template = "%(expressions)s"

    def __init__(self, condition: models.Q, *, share: float) -> None:
        super().__init__(condition)
        self.share = share

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Say so in the words of SQLite, which still enters the index where there is no better one."""
        return self.as_sql(compiler, connection, template=f"likelihood(%(expressions)s, {self.share})", **context)


def is_common(condition: object) -> bool:
    """Tell whether a condition of a query is one of these."""
    return isinstance(getattr(condition, "lhs", condition), Common)
