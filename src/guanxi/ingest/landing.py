"""Documents entering the book, a chunk a transaction: people, goods, orders and what hangs on them.

Every transaction also writes what it did into the import's undo log and moves its cursor, so that a killed import goes
on where it stopped and neither loses nor doubles a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl
from django.db import transaction

from guanxi.catalog.intake import Good, shelve
from guanxi.identity.resolution import Person, Sighting, resolve
from guanxi.ingest.chunk import Bucket, Chunk, Standing, content_of, price_in_minor, refund_number
from guanxi.ingest.difference import changes_of, missing_lines
from guanxi.ingest.documents import Documents
from guanxi.ingest.models import Import, ImportChange
from guanxi.ingest.people import Origin, sightings, with_known_numbers
from guanxi.ingest.rates import Rates
from guanxi.ingest.tally import Tally
from guanxi.ingest.writing import Created, line_row
from guanxi.orders.intake import insert_orders, ranges
from guanxi.orders.models import Order, Refund, Store
from guanxi.warehouse.models import CHANGED

PEOPLE_AT_ONCE = 200
GOODS_AT_ONCE = 300


@dataclass
class Landing:
    """One import at work: where it writes, what it has seen of goods and people, what it counts."""

    batch: Import
    store: Store
    origin: Origin
    tally: Tally
    variants: dict[str, int] = field(default_factory=dict)

    @cached_property
    def rates(self) -> Rates:
        """What foreign money was worth."""
        return Rates()

    def bucket(self, documents: Documents) -> Bucket:
        """Prepare a bucket: its people and goods are in the book afterwards, its orders are not yet."""
        orders = with_known_numbers(documents.orders)
        keys, seen = sightings(orders, self.origin)
        people: dict[str, Person] = {}
        for start in range(0, len(seen), PEOPLE_AT_ONCE):
            people |= self._people(seen[start : start + PEOPLE_AT_ONCE])
        goods = goods_of(documents.lines, self.store.currency, self.variants)
        for start in range(0, len(goods), GOODS_AT_ONCE):
            self._goods(goods[start : start + GOODS_AT_ONCE])
        return Bucket.of(Documents(orders, documents.lines, documents.payments, documents.stray), keys, people)

    @transaction.atomic
    def _people(self, seen: Sequence[Sighting]) -> dict[str, Person]:
        outcome = resolve(seen, import_id=self.batch.pk)
        created = {"customers": ranges(outcome.customers), "profiles": ranges(outcome.profiles)}
        self.log({name: ids for name, ids in created.items() if ids})
        self.tally.add(customers_new=len(outcome.customers))
        self.tally.save(self.batch)
        return outcome.people

    @transaction.atomic
    def _goods(self, goods: Sequence[Good]) -> None:
        ids, variants, products = shelve(goods)
        self.variants |= ids
        self.log({"variants": ranges(variants), "products": ranges(products)} if variants else {})

    def log(self, created: dict[str, list[list[int]]], changed: Sequence[dict[str, Any]] = ()) -> None:
        """Write one line of the undo log, where there is something to undo."""
        if created or changed:
            ImportChange.objects.create(batch=self.batch, created=created, changed=list(changed))

    @transaction.atomic
    def chunk(self, chunk: Chunk, cursor: dict[str, Any]) -> None:
        """Write one chunk and move the cursor behind it."""
        standing = Standing.of(chunk, self.store.pk)
        created = Created(self)
        changed: list[dict[str, Any]] = []
        for place, order in enumerate(chunk.orders):
            there = standing.orders.get(order["number"])
            if there is None:
                created.take(order, chunk.lines_of(place), chunk.bucket.payments, chunk.person_of(place))
                self.tally.add(orders_new=1, lines_new=order["lines"])
            else:
                changed += self._merge(there, order, chunk.lines_of(place), standing)
                self.tally.add(duplicates=order["rows"])
            self.tally.add(
                orders=1, lines=order["lines"], guests=chunk.person_of(place) is None, refunds=order["refund_minor"] > 0
            )
        self.log(created.write(), changed)
        self.tally.add(rows_done=chunk.rows)
        self.tally.save(self.batch, cursor=cursor)

    def _merge(
        self, there: dict[str, Any], order: dict[str, Any], lines: list[tuple[Any, ...]], standing: Standing
    ) -> list[dict[str, Any]]:
        """Change an order that stands in the book where the document says more; return the former values."""
        new = missing_lines(standing.lines[there["id"]], [content_of(line) for line in lines])
        changes = changes_of(there, order, added_goods=sum(lines[place][7] for place in new))
        if not changes and not new:
            return []
        if "net_minor" in changes:
            changes["net_base_minor"] = self.rates.base(changes["net_minor"], there["currency"], there["placed_on"])
        self._add_lines(there["id"], len(standing.lines[there["id"]]), [lines[place] for place in new])
        former = {name: there[name] for name in changes} | {"import_id": there["import_id"]}
        Order.objects.filter(pk=there["id"]).update(
            **changes, import_id=self.batch.pk, version=there["version"] + 1, lake_batch=None
        )
        self.tally.add(orders_changed=1, lines_new=len(new))
        log: list[dict[str, Any]] = [{"order": there["id"], "former": former, "lines": len(new)}]
        if "refunded_minor" in changes:
            log += self._told_refund(there, order, standing)
        return log

    def _add_lines(self, order_id: int, last: int, lines: Sequence[tuple[Any, ...]]) -> None:
        rows = [line_row(order_id, (last + nth, *line[1:]), self.variants) for nth, line in enumerate(lines, start=1)]
        insert_orders([], rows, [])

    def _told_refund(self, there: dict[str, Any], order: dict[str, Any], standing: Standing) -> list[dict[str, Any]]:
        """Raise the refund told as an amount on its order, or write it where there was none."""
        known_refund = standing.refunds.get(refund_number(order["number"]))
        if known_refund:
            Refund.objects.filter(pk=known_refund["id"]).update(
                amount_minor=order["refund_minor"], import_id=self.batch.pk, **CHANGED
            )
            former = {"amount_minor": known_refund["amount_minor"], "import_id": known_refund["import_id"]}
            return [{"refund": known_refund["id"], "former": former}]
        person = Person(there["profile_id"], there["customer_id"]) if there["customer_id"] else None
        created = Created(self)
        created.refund(order, there["id"], person)
        self.log(created.write())
        return []


def goods_of(lines: pl.DataFrame, currency: str, known_skus: dict[str, int]) -> list[Good]:
    """Find the goods some lines name that were not met before: the first name, category and positive price of each."""
    skus = lines.filter(pl.col("sku") != "").group_by("sku", maintain_order=True).agg(
        name=pl.col("product_name").filter(pl.col("product_name") != "").first().fill_null(""),
        category=pl.col("category").first(),
        price=pl.col("unit_price").filter(pl.col("unit_price") > 0).first(),
    )  # fmt: skip
    return [
        Good(
            sku=sku, name=name, category=category, currency=currency,
            price_minor=None if price is None else price_in_minor(price, currency),
        )
        for sku, name, category, price in skus.iter_rows()
        if sku not in known_skus
    ]  # fmt: skip
