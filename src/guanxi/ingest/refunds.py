"""Cancellation and return documents: refunds of the order they take back where it is found, else of their own.

The original is the newest order of the same customer and store, placed before, that holds every line of the refund:
the same SKU at the same price, in at least that quantity.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import transaction

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.money import stored
from guanxi.core.time import now
from guanxi.ingest.difference import missing_lines, settled
from guanxi.ingest.landing import Landing
from guanxi.ingest.people import sightings, with_known_numbers, with_people
from guanxi.ingest.standing import SECONDS, Document, content_of, documents_of
from guanxi.orders.intake import insert_events, insert_refunds, properties
from guanxi.orders.models import Order, Purchases, Refund
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.models import ARRIVED, ranges

AT_ONCE = 200
NEEDS = {"number": pl.String, "refunded_at": pl.String, "customer": pl.Int64, "sku": pl.String, "price": pl.Int64,
    "need": pl.Int64}  # fmt: skip
BOUGHT = pa.schema(
    [("customer", pa.int64()), ("order", pa.int64()), ("placed_at", pa.string()), ("sku", pa.string()),
     ("price", pa.int64()), ("quantity", pa.int64())]
)  # fmt: skip
TAKEN_BACK = ("refunded_minor", "payment_state", "return_state", "net_minor", "net_base_minor", "import_id", "version",
    "lake_batch")  # fmt: skip
SETTLING = ("id", "kind", "paid_at", "goods_minor", "discount_minor", "total_minor", "refunded_minor", "net_minor",
    "net_base_minor", "payment_state", "return_state", "currency", "placed_on", "version", "import_id",
    "customer_id")  # fmt: skip


def refunded_at(document: Document) -> str:
    """When the money of a refund document went back, as UTC text."""
    return str(document.head["refunded_at"] or document.head["placed_at"])


def needs_of(document: Document) -> dict[tuple[str, int], int]:
    """How much of which SKU at which price comes back, in ten-thousandths."""
    needs: dict[tuple[str, int], int] = defaultdict(int)
    for line in document.lines:
        needs[line[2], line[6]] -= line[5]
    return needs


def refund_documents(heads: pl.DataFrame, lines: pl.DataFrame, landing: Landing) -> list[Document]:
    """Put refund documents together, oldest first, and have their people in the book.

    They were met with their bucket, but an undo of another import may have taken who had nothing to show yet.
    """
    heads = with_known_numbers(heads).sort("placed_at", "row")
    keys, seen = sightings(landing.with_first_seen(heads), landing.origin)
    return documents_of(with_people(heads, keys, landing.meet(seen)), lines)


def originals(documents: Sequence[Document], store_id: int) -> dict[str, int]:
    """Find the order each refund takes back, by the refund's number."""
    needs = pl.DataFrame(
        [(d.number, refunded_at(d), d.person.customer_id, sku, price, need)
         for d in documents if d.person for (sku, price), need in needs_of(d).items()],
        schema=NEEDS, orient="row",
    )  # fmt: skip
    bought = _bought(needs, store_id)
    fits = needs.join(bought, on=("customer", "sku", "price")).filter(
        (pl.col("quantity") >= pl.col("need")) & (pl.col("placed_at") <= pl.col("refunded_at"))
    )
    wanted = needs.group_by("number").agg(wanted=pl.len())
    whole = fits.group_by("number", "order", "placed_at").agg(found=pl.len()).join(wanted, on="number")
    newest = whole.filter(pl.col("found") == pl.col("wanted")).sort("placed_at", "order").group_by("number").last()
    return dict(newest.select("number", "order").iter_rows())


def _bought(needs: pl.DataFrame, store_id: int) -> pl.DataFrame:
    """Read what the customers of refunds bought of the same SKUs, per order and price."""
    whose, whose_params = among("o.customer_id", sorted(needs.get_column("customer").unique().to_list()))
    pairs = needs.select(pl.format("{} {}", "customer", "sku")).to_series().unique().to_list()
    which, which_params = among("o.customer_id || ' ' || l.sku", pairs)
    rows = columns(
        f"""
        select o.customer_id as customer, o.id as "order", o.placed_at as placed_at, l.sku as sku,
               l.unit_price as price, l.quantity as quantity
        from orders_order o join orders_orderline l on l.order_id = o.id
        where {whose} and o.store_id = %s and o.kind = 'sale' and {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        [*whose_params, store_id, *which_params],
        BOUGHT,
    )
    lines = pl.DataFrame(pl.from_arrow(rows))
    placed_at = pl.col("placed_at").str.slice(0, 19)
    return lines.group_by("customer", "order", placed_at, "sku", "price").agg(pl.col("quantity").sum())


@dataclass
class Refunds:
    """The refund documents of one import, written a few at a time."""

    landing: Landing

    def write(self, documents: Sequence[Document], start: int, cursor: dict[str, Any]) -> Iterator[int]:
        """Write documents from `start` on; yields how many are done after each transaction."""
        orders = originals(documents[start:], self.landing.store.pk)
        for first in range(start, len(documents), AT_ONCE):
            done = min(first + AT_ONCE, len(documents))
            self.chunk(documents[first:done], orders, cursor | {"done": done})
            yield done

    @transaction.atomic
    def chunk(self, documents: Sequence[Document], orders: Mapping[str, int], cursor: dict[str, Any]) -> None:
        """Write some refunds and move the cursor behind them; `orders` are the originals by the refund's number."""
        numbers = [document.number for document in documents]
        there = {r.number: r for r in Refund.objects.filter(store=self.landing.store, number__in=numbers)}
        fresh = [document for document in documents if document.number not in there]
        changed = self._insert(fresh, orders)
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

    def _insert(self, fresh: Sequence[Document], orders: Mapping[str, int]) -> list[dict[str, Any]]:
        landing = self.landing
        ids = list(reserve(Refund, len(fresh)))
        insert_refunds(
            [
                (pk, d.person and d.person.customer_id, d.person and d.person.profile_id, landing.store.pk, d.number,
                 orders.get(d.number), refunded_at(d), d.head["refunded_on"], d.head["currency"],
                 -d.head["total_minor"], d.head["reason"] or "", landing.origin.source, landing.batch.pk,
                 ARRIVED)
                for pk, d in zip(ids, fresh, strict=True)
            ],
            [_line_row(pk, nth, line) for pk, d in zip(ids, fresh, strict=True) for nth, line in enumerate(d.lines, 1)],
        )  # fmt: skip
        events = insert_events(self._events(ids, fresh, orders))
        created = {"refunds": ranges(ids), "events": ranges(events)}
        landing.log({name: found for name, found in created.items() if found})
        landing.tally.add(refunds_new=len(fresh), originals_found=sum(d.number in orders for d in fresh))
        back: dict[int, int] = defaultdict(int)
        for document in fresh:
            if document.number in orders:
                back[orders[document.number]] -= document.head["total_minor"]
        return self.take_back(back)

    def _events(
        self, ids: Sequence[int], fresh: Sequence[Document], orders: Mapping[str, int]
    ) -> list[tuple[Any, ...]]:
        at = now().strftime(SECONDS)
        return [
            (d.person and d.person.customer_id, d.person and d.person.profile_id, "Order Refunded", refunded_at(d), at,
             self.landing.origin.source,
             properties(refund=pk, order=orders.get(d.number), number=d.number, store=self.landing.store.code,
                        amount_minor=-d.head["total_minor"], currency=d.head["currency"]))
            for pk, d in zip(ids, fresh, strict=True)
        ]  # fmt: skip

    def take_back(self, amounts: Mapping[int, int]) -> list[dict[str, Any]]:
        """Count amounts as gone back from orders; returns the former values."""
        Purchases.objects.settle()
        orders = list(Order.objects.filter(pk__in=list(amounts)).values(*SETTLING))
        log, rows = [], []
        changed: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for order in orders:
            after = order | {"refunded_minor": order["refunded_minor"] + amounts[order["id"]]}
            after |= settled(after)
            after["return_state"] = "returned" if after["payment_state"] == "refunded" else "part"
            after["net_base_minor"] = self.landing.rates.base(after["net_minor"], order["currency"], order["placed_on"])
            after |= {"import_id": self.landing.batch.pk, "version": order["version"] + 1, "lake_batch": None}
            if order["customer_id"] and order["paid_at"]:
                changed[order["customer_id"]] = _moved(changed[order["customer_id"]], order, after)
            rows.append((*(after[name] for name in TAKEN_BACK), order["id"]))
            former = {name: order[name] for name in TAKEN_BACK if name not in {"version", "lake_batch"}}
            log.append({"order": order["id"], "former": former, "lines": 0})
        bulk.update(Order, TAKEN_BACK, rows)
        Purchases.objects.reprice(changed)
        return log

    def _grow(self, refund: Refund, document: Document) -> list[dict[str, Any]]:
        """Add the lines another file's copy of this refund did not have."""
        rows = refund.lines.order_by("line_number").values_list("sku", "product_name", "quantity", "unit_price")
        there = [("", sku, name, stored(quantity), stored(price)) for sku, name, quantity, price in rows]
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
        return [*log, *self.take_back({refund.order_id: more})] if refund.order_id else log


def _moved(so_far: tuple[int, int], before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[int, int]:
    """Add what an order's net sales moved by in the base currency, and whether they have come to be known there."""
    was, now_is = before["net_base_minor"], after["net_base_minor"]
    return so_far[0] + (now_is or 0) - (was or 0), so_far[1] + (now_is is not None) - (was is not None)


def _line_row(pk: int, nth: int, line: tuple[Any, ...]) -> tuple[Any, ...]:
    _number, _key, sku, name, _category, quantity, price, amount, _discount = line
    return pk, nth, sku, name, quantity, price, amount
