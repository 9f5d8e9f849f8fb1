"""What the stream told of goods."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import connection, models

from guanxi.core.money import CurrencyField

WRITE = """
    insert into ingest_goodtold (sku, at, name, price_minor, currency) values (%s, %s, %s, %s, %s)
    on conflict (sku) do update set
        at = excluded.at, name = excluded.name, price_minor = excluded.price_minor, currency = excluded.currency
"""


class Told(NamedTuple):
    """What was told of a good, and when."""

    sku: str
    at: dt.datetime
    name: str
    price_minor: int | None
    currency: str


class GoodToldQuerySet(models.QuerySet["GoodTold"]):
    """Sets of goods."""

    def known(self, skus: Collection[str]) -> dict[str, Told]:
        """Read what was told last of some goods."""
        return {row[0]: Told(*row) for row in self.filter(sku__among=list(skus)).values_list(*Told._fields)}

    def remember(self, news: Iterable[Told]) -> None:
        """Keep what was told last, in the caller's transaction."""
        stored = connection.ops.adapt_datetimefield_value
        rows = [(each.sku, stored(each.at), *each[2:]) for each in sorted(news)]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(WRITE, rows)


class GoodTold(models.Model):
    """What the stream told last of one SKU, and when: the catalogue follows it where nobody wrote something else."""

    sku = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField()
    name = models.CharField(max_length=300, blank=True, default="")
    price_minor = models.BigIntegerField(null=True)
    currency = CurrencyField(blank=True, default="")

    objects = GoodToldQuerySet.as_manager()

    def __str__(self) -> str:
        return self.sku
