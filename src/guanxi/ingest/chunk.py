"""A chunk: the documents one transaction writes, and what the book already holds of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import polars as pl

from guanxi.core.money import exponent, stored
from guanxi.identity.resolution import Person
from guanxi.ingest.documents import Documents
from guanxi.ingest.people import WHO
from guanxi.orders.models import Order, OrderLine, Refund

CHUNK_LINES = 1_500
CHUNK_DOCUMENTS = 250
KEPT = (
    "id", "number", "kind", "paid_at", "fulfilment_state", "order_state", "platform_state", "payment_state",
    "province", "city", "country", "currency", "placed_on", "goods_minor", "discount_minor", "shipping_minor",
    "tax_minor", "total_minor", "refunded_minor", "net_minor", "net_base_minor", "version", "import_id",
    "customer_id", "profile_id",
)  # fmt: skip
SECONDS = "%Y-%m-%d %H:%M:%S"


def refund_number(number: str) -> str:
    """Number the refund that a platform tells as an amount on its order."""
    return f"{number}/refund"


@dataclass
class Bucket:
    """The documents of a bucket as plain rows, ready to be cut into chunks; refunds of their own are not among them.

    `customers` are all the people of the bucket, those of its refunds too.
    """

    orders: list[dict[str, Any]]
    lines: list[tuple[Any, ...]]
    payments: dict[str, list[tuple[Any, ...]]]
    people: list[Person | None]
    customers: list[int]
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0, *accumulate(order["lines"] for order in self.orders)]

    @classmethod
    def of(cls, documents: Documents, keys: dict[tuple[Any, ...], str], people: dict[str, Person]) -> "Bucket":
        """Take the orders and adjustments of some documents."""
        orders = documents.orders.filter(pl.col("kind") != "refund").with_columns(
            pl.col(pl.Datetime("us")).dt.strftime(SECONDS), pl.col(pl.Date).cast(pl.String)
        )
        place = orders.select("number", place=pl.int_range(pl.len()))
        lines = documents.lines.join(place, on="number", how="inner", maintain_order="left").sort(
            "place", maintain_order=True
        )
        payments: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        paid = documents.payments.with_columns(pl.col("paid_at").dt.strftime(SECONDS))
        for number, *rest in paid.iter_rows():
            payments[number].append(tuple(rest))
        rows = orders.to_dicts()
        found = [people.get(keys.get(tuple(row[name] for name in WHO), "")) for row in rows]
        customers = sorted({person.customer_id for person in people.values()})
        return cls(rows, line_rows(lines), payments, found, customers)

    def chunks(self, start: int) -> Iterator["Chunk"]:
        """Cut the documents from `start` on into chunks of bounded size."""
        while start < len(self.orders):
            end = start + 1
            while (
                end < len(self.orders)
                and end - start < CHUNK_DOCUMENTS
                and self.starts[end + 1] - self.starts[start] <= CHUNK_LINES
            ):
                end += 1
            yield Chunk(self, start, end)
            start = end


def line_rows(lines: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Give lines as the tuples a chunk holds."""
    columns = ("line_number", "line_key", "sku", "product_name", "category", "quantity", "unit_price", "amount_minor",
        "discount_minor")  # fmt: skip
    return lines.select(columns).rows()


@dataclass
class Chunk:
    """Documents `start` to `end` of a bucket."""

    bucket: Bucket
    start: int
    end: int

    @property
    def orders(self) -> Sequence[dict[str, Any]]:
        """The documents' heads."""
        return self.bucket.orders[self.start : self.end]

    def lines_of(self, place: int) -> list[tuple[Any, ...]]:
        """The lines of the document at a place of the chunk."""
        starts = self.bucket.starts
        return self.bucket.lines[starts[self.start + place] : starts[self.start + place + 1]]

    def person_of(self, place: int) -> Person | None:
        """Whose document the one at a place of the chunk is; None for a guest."""
        return self.bucket.people[self.start + place]

    @property
    def rows(self) -> int:
        """How many rows of the file the chunk stands for."""
        return sum(order["rows"] for order in self.orders)


@dataclass
class Standing:
    """What the book holds of a chunk: orders by number, their lines and the amounts of their told refunds."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[int, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, chunk: Chunk, store_id: int | None) -> "Standing":
        """Look the chunk's documents up in the book."""
        numbers = [order["number"] for order in chunk.orders]
        found = cls()
        for row in Order.objects.filter(store=store_id, number__in=numbers).values(*KEPT):
            paid_at = row["paid_at"]
            found.orders[row["number"]] = row | {"paid_at": paid_at and paid_at.strftime(SECONDS)}
        if found.orders:
            found.read_lines([row["id"] for row in found.orders.values()])
            numbers = [refund_number(number) for number in found.orders]
            told = Refund.objects.filter(store=store_id, number__in=numbers)
            rows = told.values("id", "number", "amount_minor", "import_id")
            found.refunds = {row["number"]: dict(row) for row in rows}
        return found

    def read_lines(self, order_ids: Sequence[int]) -> None:
        """Read the lines of the orders found, as content tuples with stored numbers."""
        lines = OrderLine.objects.filter(order__in=order_ids).order_by("order_id", "line_number")
        for order_id, *content in lines.values_list(
            "order_id", "key", "sku", "product_name", "quantity", "unit_price", "line_number"
        ):
            key, sku, name, quantity, price, _ = content
            self.lines[order_id].append((key, sku, name, stored(quantity), stored(price)))


def content_of(line: tuple[Any, ...]) -> tuple[Any, ...]:
    """What tells a line of a chunk from others."""
    return (line[1], line[2], line[3], line[5], line[6])


def price_in_minor(price: int, currency: str) -> int:
    """Round a unit price in ten-thousandths to minor units.

    >>> price_in_minor(25_500, "GBP")
    255
    """
    return int(price * 10 ** exponent(currency) / 10_000 + 0.5)
