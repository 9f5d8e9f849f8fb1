"""Cancellation and return documents: refunds of the order they take back where it is found, else of their own.

The original is the newest order of the same customer and store, placed before, that holds every line of the refund:
the same SKU at the same price, in at least that quantity.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import transaction

from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.identity.resolution import Person, known
from guanxi.ingest.chunk import SECONDS, content_of, line_rows
from guanxi.ingest.difference import missing_lines, settled
from guanxi.ingest.landing import Landing
from guanxi.ingest.people import WHO, Origin, sightings, with_known_numbers
from guanxi.orders.intake import insert_events, insert_refunds, properties, ranges
from guanxi.orders.models import Order, OrderLine, Refund

AT_ONCE = 100
SETTLING = ("id", "kind", "paid_at", "goods_minor", "discount_minor", "total_minor", "refunded_minor", "net_minor",
    "net_base_minor", "payment_state", "return_state", "currency", "placed_on", "version", "import_id")  # fmt: skip


@dataclass
class Document:
    """One refund document of a file: its head, its lines as a chunk has them, and whose it is."""

    head: dict[str, Any]
    lines: list[tuple[Any, ...]]
    person: Person | None

    @property
    def number(self) -> str:
        """Its own number."""
        return str(self.head["number"])

    @property
    def refunded_at(self) -> str:
        """When the money went back, as UTC text."""
        return str(self.head["refunded_at"] or self.head["placed_at"])

    @property
    def needs(self) -> dict[tuple[str, int], int]:
        """How much of which SKU at which price comes back, in ten-thousandths."""
        needs: dict[tuple[str, int], int] = defaultdict(int)
        for line in self.lines:
            needs[line[2], line[6]] -= line[5]
        return needs


def documents_of(heads: pl.DataFrame, lines: pl.DataFrame, origin: Origin) -> list[Document]:
    """Put refund documents together, oldest first; their people are in the book already."""
    heads = with_known_numbers(heads).sort("placed_at", "row")
    keys, seen = sightings(heads, origin)
    people = known(origin.source, origin.store, [sighting.key for sighting in seen])
    hanging: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for number, line in zip(lines.get_column("number"), line_rows(lines), strict=True):
        hanging[number].append(line)
    rows = heads.with_columns(pl.col(pl.Datetime("us")).dt.strftime(SECONDS), pl.col(pl.Date).cast(pl.String))
    return [
        Document(head, hanging[head["number"]], people.get(keys.get(tuple(head[name] for name in WHO), "")))
        for head in rows.iter_rows(named=True)
    ]


def originals(documents: Sequence[Document], store_id: int) -> dict[str, int]:
    """Find the order each refund takes back, by the refund's number."""
    whose = {document.person.customer_id for document in documents if document.person}
    skus = {line[2] for document in documents for line in document.lines}
    if not whose or not skus:
        return {}
    rows = OrderLine.objects.filter(
        order__customer__in=whose, order__store=store_id, order__kind="sale", sku__in=skus
    ).values_list("order__customer", "order", "order__placed_at", "sku", "unit_price", "quantity")
    bought: dict[int, dict[tuple[str, int], dict[tuple[str, int], int]]] = defaultdict(dict)
    for customer, order, placed_at, sku, price, quantity in rows:
        basket = bought[customer].setdefault((placed_at.strftime(SECONDS), order), defaultdict(int))
        basket[sku, _stored(price)] += _stored(quantity)
    found = {d.number: _newest(d, bought[d.person.customer_id]) for d in documents if d.person}
    return {number: order for number, order in found.items() if order is not None}


def _stored(value: Decimal) -> int:
    return int(value.scaleb(4))


def _newest(document: Document, baskets: dict[tuple[str, int], dict[tuple[str, int], int]]) -> int | None:
    needs = document.needs
    for (placed_at, order), basket in sorted(baskets.items(), reverse=True):
        if placed_at <= document.refunded_at and all(basket.get(key, 0) >= need for key, need in needs.items()):
            return order
    return None


@dataclass
class Refunds:
    """The refund documents of one import, written a few at a time."""

    landing: Landing

    def write(self, documents: Sequence[Document], start: int, cursor: dict[str, Any]) -> Iterator[int]:
        """Write documents from `start` on; yields how many are done after each transaction."""
        for first in range(start, len(documents), AT_ONCE):
            done = min(first + AT_ONCE, len(documents))
            self.chunk(documents[first:done], cursor | {"done": done})
            yield done

    @transaction.atomic
    def chunk(self, documents: Sequence[Document], cursor: dict[str, Any]) -> None:
        """Write some refunds and move the cursor behind them."""
        numbers = [document.number for document in documents]
        there = {r.number: r for r in Refund.objects.filter(store=self.landing.store, number__in=numbers)}
        fresh = [document for document in documents if document.number not in there]
        changed = self._insert(fresh, originals(fresh, self.landing.store.pk))
        for document in documents:
            if document.number in there:
                changed += self._grow(there[document.number], document)
                self.landing.tally.add(duplicates=document.head["rows"])
            self.landing.tally.add(
                refunds=1, refund_documents=1, refund_lines=len(document.lines), guests=document.person is None,
                rows_done=document.head["rows"],
            )  # fmt: skip
        self.landing.log({}, changed)
        self.landing.tally.save(self.landing.batch, cursor=cursor)

    def _insert(self, fresh: Sequence[Document], orders: dict[str, int]) -> list[dict[str, Any]]:
        landing = self.landing
        ids = list(reserve(Refund, len(fresh)))
        insert_refunds(
            [
                (pk, d.person and d.person.customer_id, d.person and d.person.profile_id, landing.store.pk, d.number,
                 orders.get(d.number), d.refunded_at, d.head["refunded_on"], d.head["currency"],
                 -d.head["total_minor"], d.head["reason"] or "", landing.origin.source, landing.batch.pk)
                for pk, d in zip(ids, fresh, strict=True)
            ],
            [_line_row(pk, nth, line) for pk, d in zip(ids, fresh, strict=True) for nth, line in enumerate(d.lines, 1)],
        )  # fmt: skip
        events = insert_events(self._events(ids, fresh, orders))
        created = {"refunds": ranges(ids), "events": ranges(events)}
        landing.log({name: found for name, found in created.items() if found})
        landing.tally.add(refunds_new=len(fresh), originals_found=len(orders))
        back: dict[int, int] = defaultdict(int)
        for document in fresh:
            if document.number in orders:
                back[orders[document.number]] -= document.head["total_minor"]
        return [self.take_back(order, amount) for order, amount in back.items()]

    def _events(self, ids: Sequence[int], fresh: Sequence[Document], orders: dict[str, int]) -> list[tuple[Any, ...]]:
        at = now().strftime(SECONDS)
        return [
            (d.person and d.person.customer_id, d.person and d.person.profile_id, "Order Refunded", d.refunded_at, at,
             self.landing.origin.source,
             properties(refund=pk, order=orders.get(d.number), number=d.number, store=self.landing.store.code,
                        amount_minor=-d.head["total_minor"], currency=d.head["currency"]))
            for pk, d in zip(ids, fresh, strict=True)
        ]  # fmt: skip

    def take_back(self, order_id: int, amount: int) -> dict[str, Any]:
        """Count an amount as gone back from an order; returns the former values."""
        order = Order.objects.values(*SETTLING).get(pk=order_id)
        after = order | {"refunded_minor": order["refunded_minor"] + amount}
        after |= settled(after)
        after["return_state"] = "returned" if after["payment_state"] == "refunded" else "part"
        after["net_base_minor"] = self.landing.rates.base(after["net_minor"], order["currency"], order["placed_on"])
        changes = {name: value for name, value in after.items() if value != order[name]}
        Order.objects.filter(pk=order_id).update(
            **changes, import_id=self.landing.batch.pk, version=order["version"] + 1, lake_batch=None
        )
        return {"order": order_id, "former": {name: order[name] for name in (*changes, "import_id")}, "lines": 0}

    def _grow(self, refund: Refund, document: Document) -> list[dict[str, Any]]:
        """Add the lines another file's copy of this refund did not have."""
        rows = refund.lines.order_by("line_number").values_list("sku", "product_name", "quantity", "unit_price")
        there = [("", sku, name, _stored(quantity), _stored(price)) for sku, name, quantity, price in rows]
        coming = [("", *content_of(line)[1:]) for line in document.lines]
        new = [document.lines[place] for place in missing_lines(there, coming)]
        if not new:
            return []
        insert_refunds([], [_line_row(refund.pk, len(there) + nth, line) for nth, line in enumerate(new, 1)])
        more = -sum(line[7] for line in new)
        former = {"amount_minor": refund.amount_minor, "import_id": refund.import_id}
        Refund.objects.filter(pk=refund.pk).update(
            amount_minor=refund.amount_minor + more, import_id=self.landing.batch.pk, version=refund.version + 1,
            lake_batch=None,
        )  # fmt: skip
        self.landing.tally.add(refunds_changed=1)
        log: list[dict[str, Any]] = [{"refund": refund.pk, "former": former, "lines": len(new)}]
        return [*log, self.take_back(refund.order_id, more)] if refund.order_id else log


def _line_row(pk: int, nth: int, line: tuple[Any, ...]) -> tuple[Any, ...]:
    _number, _key, sku, name, _category, quantity, price, amount, _discount = line
    return pk, nth, sku, name, quantity, price, amount


