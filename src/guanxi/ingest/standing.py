"""Documents looked at one by one, and what the book already holds of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from guanxi.core.money import exponent, stored
from guanxi.identity.resolution import Person
from guanxi.ingest.own import PREFIX, Own, declared, told_by
from guanxi.orders.models import Order, OrderLine, Refund

ASKED_AT_ONCE = 500
LINE = ("line_number", "line_key", "sku", "product_name", "category", "quantity", "unit_price", "amount_minor",
    "discount_minor")  # fmt: skip
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


def standing_numbers(numbers: Sequence[str], store_id: int | None) -> set[str]:
    """Find which documents of a store are in the book already."""
    orders = Order.objects.filter(store=store_id)
    if store_id is None or not orders.exists():
        return set()
    found: set[str] = set()
    for start in range(0, len(numbers), ASKED_AT_ONCE):
        found.update(orders.filter(number__in=numbers[start : start + ASKED_AT_ONCE]).values_list("number", flat=True))
    return found


@dataclass(frozen=True)
class Document:
    """One document of a file: its head, its lines, whose it is (None for a guest), what it says in own fields."""

    head: dict[str, Any]
    lines: list[tuple[Any, ...]]
    person: Person | None
    own: Own = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Its own number."""
        return str(self.head["number"])


def documents_of(heads: pl.DataFrame, lines: pl.DataFrame) -> list[Document]:
    """Put documents together that are looked at one by one; `heads` carry `profile_id` and `customer_id`."""
    hanging: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    lines = lines.join(heads.select("number"), on="number", how="semi", maintain_order="left")
    for number, *line in lines.select("number", *LINE).iter_rows():
        hanging[number].append(tuple(line))
    known = declared("orders") if any(name.startswith(PREFIX) for name in heads.columns) else {}
    rows = heads.with_columns(pl.col(pl.Datetime("us")).dt.strftime(SECONDS), pl.col(pl.Date).cast(pl.String))
    return [
        Document(
            head,
            hanging[head["number"]],
            Person(head["profile_id"], head["customer_id"]) if head["customer_id"] else None,
            told_by(head, known) if known else {},
        )
        for head in rows.iter_rows(named=True)
    ]


@dataclass
class Standing:
    """What the book holds of some documents: orders by number, their lines and the amounts of their told refunds."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[int, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Sequence[Document], store_id: int) -> "Standing":
        """Look documents up in the book."""
        numbers = [document.number for document in documents]
        found = cls()
        for row in Order.objects.filter(store=store_id, number__in=numbers).values(*KEPT):
            paid_at = row["paid_at"]
            found.orders[row["number"]] = row | {"paid_at": paid_at and paid_at.strftime(SECONDS)}
        if found.orders:
            found.read_lines([row["id"] for row in found.orders.values()])
            told_numbers = [refund_number(number) for number in found.orders]
            told = Refund.objects.filter(store=store_id, number__in=told_numbers)
            rows = told.values("id", "number", "amount_minor", "import_id")
            found.refunds = {row["number"]: dict(row) for row in rows}
        return found

    def read_lines(self, order_ids: Sequence[int]) -> None:
        """Read the lines of the orders found, as content tuples with stored numbers."""
        lines: Any = OrderLine.objects.filter(order__in=order_ids).order_by("order_id", "line_number")
        for order_id, key, sku, name, quantity, price in lines.values_list(
            "order_id", "key", "sku", "product_name", "quantity", "unit_price"
        ):
            self.lines[order_id].append((key, sku, name, stored(quantity), stored(price)))


def content_of(line: tuple[Any, ...]) -> tuple[Any, ...]:
    """What tells a line of a document from others."""
    return (line[1], line[2], line[3], line[5], line[6])


def price_in_minor(price: int, currency: str) -> int:
    """Round a unit price in ten-thousandths to minor units.

    >>> price_in_minor(25_500, "GBP")
    255
    """
    return int(price * 10 ** exponent(currency) / 10_000 + 0.5)
