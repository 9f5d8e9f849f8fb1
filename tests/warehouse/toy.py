"""A toy shop for the lake: people, their sales, and the lines of each sale."""

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa
from django.db import connection, models, transaction

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.money import FixedPointField
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.models import ARRIVED, LakeSource, announce, bury
from guanxi.warehouse.registry import Feed, Table, Through


class Person(LakeSource):
    customer_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=40, default="")

    class Meta(LakeSource.Meta):
        app_label = "toy"
        db_table = "toy_person"

    def __str__(self) -> str:
        return self.name


class Sale(LakeSource):
    number = models.CharField(max_length=40)
    person_id = models.BigIntegerField(null=True)
    placed_at = models.DateTimeField()
    placed_on = models.DateField()
    is_paid = models.BooleanField(default=True)
    net_minor = models.BigIntegerField()
    note = models.CharField(max_length=200, null=True)  # noqa: DJ001 - to see a null text travel

    class Meta(LakeSource.Meta):
        app_label = "toy"
        db_table = "toy_sale"

    def __str__(self) -> str:
        return self.number


class Line(models.Model):
    sale = models.ForeignKey(Sale, models.CASCADE, related_name="lines")
    position = models.IntegerField()
    unit_price = FixedPointField()

    class Meta:
        app_label = "toy"
        db_table = "toy_line"

    def __str__(self) -> str:
        return f"{self.sale_id}/{self.position}"


PEOPLE = Table(
    name="people",
    grain="one row per person",
    key=("person_id",),
    version_key=("person_id",),
    schema=pa.schema([pa.field("person_id", pa.int64()), pa.field("customer_id", pa.int64())]),
)
SALES = Table(
    name="sales",
    grain="one row per sale",
    key=("sale_id",),
    version_key=("sale_id",),
    month_of="placed_on",
    schema=pa.schema(
        [
            pa.field("sale_id", pa.int64()),
            pa.field("number", pa.string()),
            pa.field("person_id", pa.int64()),
            pa.field("customer_id", pa.int64()),
            pa.field("placed_at", pa.timestamp("us")),
            pa.field("placed_on", pa.date32()),
            pa.field("is_paid", pa.bool_()),
            pa.field("net_minor", pa.int64()),
            pa.field("note", pa.string()),
        ]
    ),
    through=(Through(column="customer_id", table="people", on="person_id"),),
)
SALE_LINES = Table(
    name="sale_lines",
    grain="one row per line",
    key=("sale_id", "position"),
    version_key=("sale_id",),
    month_of="placed_on",
    schema=pa.schema(
        [
            pa.field("sale_id", pa.int64()),
            pa.field("position", pa.int32()),
            pa.field("unit_price", pa.decimal128(18, 4)),
            pa.field("placed_on", pa.date32()),
        ]
    ),
)


def people(ids: Sequence[int]) -> pa.Table:
    wanted, params = among("id", ids)
    return columns(f"select id as person_id, customer_id from toy_person where {wanted}", params, PEOPLE.stored)


def sales(ids: Sequence[int]) -> pa.Table:
    wanted, params = among("id", ids)
    sql = f"""select id as sale_id, number, person_id, placed_at, placed_on, is_paid, net_minor, note
              from toy_sale where {wanted}"""
    return columns(sql, params, SALES.stored)


def sale_lines(ids: Sequence[int]) -> pa.Table:
    wanted, params = among("sale.id", ids)
    sql = f"""select sale.id as sale_id, line.position, line.unit_price, sale.placed_on
              from toy_line line join toy_sale sale on sale.id = line.sale_id where {wanted}"""
    return columns(sql, params, SALE_LINES.stored)


ITEMS = (
    PEOPLE,
    SALES,
    SALE_LINES,
    Feed(name="people", model=Person, loaders={"people": people}),
    Feed(name="sales", model=Sale, loaders={"sales": sales, "sale_lines": sale_lines}),
)


def make_tables() -> None:
    """Make the toy's tables in the book, where they are not there yet."""
    if "toy_sale" not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            for model in (Person, Sale, Line):
                editor.create_model(model)


def sell(number: str, *, day: dt.date = dt.date(2024, 11, 11), person: int | None = None, net: int = 1000) -> Sale:
    """One sale with two lines."""
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    sale = Sale.objects.create(number=number, person_id=person, placed_at=noon, placed_on=day, net_minor=net)
    Line.objects.bulk_create(Line(sale=sale, position=n, unit_price="1.2345") for n in (1, 2))
    return sale


def sell_many(count: int, *, day: dt.date = dt.date(2024, 11, 11), person: int | None = None) -> list[Sale]:
    """Many sales at once, announced together, as an import does."""
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    with transaction.atomic():
        ids = list(reserve(Sale, count))
        names = ["id", "number", "person_id", "placed_at", "placed_on", "is_paid", "net_minor", "lake_batch"]
        rows = [(pk, f"M{pk}", person, noon, day, True, 1000, ARRIVED) for pk in ids]
        bulk.insert(Sale, names, rows)
        bulk.insert(Line, ["sale_id", "position", "unit_price"], [(pk, 1, 12_345) for pk in ids])
        announce(Sale, ids)
    return list(Sale.objects.filter(pk__in=ids).order_by("pk"))


def remove(*sales: Sale) -> None:
    """Delete sales with their lines, as an undo does."""
    ids = [sale.pk for sale in sales]
    bury("sales", ids)
    Line.objects.filter(sale__in=ids).delete()
    Sale.objects.filter(pk__in=ids).delete()
