"""Documents entering the book, a few a transaction: people, goods, orders and what hangs on them.

Every transaction also writes what it did into the import's undo log and moves its cursor, so that a killed import goes
on where it stopped and neither loses nor doubles a row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl
from django.db import transaction

from guanxi.catalog.intake import Good, shelve
from guanxi.customers.models import Event
from guanxi.identity.resolution import Person, Resolution, Sighting, current, resolve
from guanxi.ingest import own_values
from guanxi.ingest.documents import Documents
from guanxi.ingest.fresh import Fresh, Stamp, arrange
from guanxi.ingest.models import Import, ImportChange
from guanxi.ingest.people import Origin, let_in, sightings, with_known_numbers, with_people
from guanxi.ingest.plan import Plan
from guanxi.ingest.rates import Rates
from guanxi.ingest.standing import Document, documents_of, price_in_minor
from guanxi.ingest.tally import Tally
from guanxi.orders.intake import EVENT_COLUMNS, ORDER_COLUMNS, REFUND_COLUMNS, insert_orders, insert_refunds
from guanxi.orders.models import Store
from guanxi.warehouse.models import ranges

PEOPLE_AT_ONCE = 400
GOODS_AT_ONCE = 400


@dataclass(frozen=True)
class Bucket:
    """A bucket ready to be written: new documents as rows, those in the book already one by one, and its people."""

    fresh: Fresh
    standing: list[Document]
    customers: list[int]


@dataclass
class Landing:
    """One import at work: where it writes, what it has seen of goods and people, what it counts."""

    batch: Import
    store: Store
    origin: Origin
    tally: Tally
    variants: dict[str, int] = field(default_factory=dict)
    first_seen: pl.DataFrame | None = None

    @cached_property
    def rates(self) -> Rates:
        """What foreign money was worth."""
        return Rates()

    def bucket(self, documents: Documents, plan: Plan) -> Bucket:
        """Prepare what is left of a bucket: its people and goods are in the book afterwards, its orders are not yet."""
        orders = self.with_first_seen(with_known_numbers(documents.orders))
        keys, seen = sightings(orders, self.origin)
        people = self.meet(seen)
        self.shelve(documents.lines)
        number = pl.col("number")
        heads = with_people(orders, keys, people).filter(pl.col("kind") != "refund")
        heads = heads.filter(~number.is_in(list(plan.done))) if plan.done else heads
        there = number.is_in(list(plan.standing))
        return Bucket(
            fresh=self._arranged(heads.filter(~there) if plan.standing else heads, documents),
            standing=documents_of(heads.filter(there), documents.lines) if plan.standing else [],
            customers=sorted({person.customer_id for person in people.values()}),
        )

    def _arranged(self, heads: pl.DataFrame, documents: Documents) -> Fresh:
        stamp = Stamp(self.batch.pk, self.store, self.origin.source, self.rates)
        return arrange(heads, documents.lines, documents.payments, stamp=stamp, variants=self.variants)

    def with_first_seen(self, documents: pl.DataFrame) -> pl.DataFrame:
        """Add when the files first name each document's customer number."""
        if self.first_seen is None:
            return documents
        return documents.join(self.first_seen, on="customer_external_id", how="left", maintain_order="left")

    def meet(self, seen: Sequence[Sighting]) -> dict[str, Person]:
        """Have the people of sightings in the book; returns whose facts each sighting's are."""
        people: dict[str, Person] = {}
        for start in range(0, len(seen), PEOPLE_AT_ONCE):
            outcome = self._people(seen[start : start + PEOPLE_AT_ONCE])
            people = _up_to_date(people) if outcome.moved else people
            people |= outcome.people
        return people

    @transaction.atomic
    def _people(self, seen: Sequence[Sighting]) -> Resolution:
        outcome = resolve(let_in(seen), import_id=self.batch.pk)
        self.log(created_people(outcome))
        self.tally.add(customers_new=len(outcome.customers))
        self.tally.save(self.batch)
        return outcome

    def shelve(self, lines: pl.DataFrame) -> None:
        """Have the goods that lines name in the book."""
        goods = goods_of(lines, self.store.currency, self.variants)
        for start in range(0, len(goods), GOODS_AT_ONCE):
            self._goods(goods[start : start + GOODS_AT_ONCE])

    @transaction.atomic
    def _goods(self, goods: Sequence[Good]) -> None:
        ids, variants, products = shelve(goods)
        self.variants |= ids
        self.log({"variants": ranges(variants), "products": ranges(products)} if variants else {})

    def log(self, created: dict[str, list[list[int]]], changed: Sequence[dict[str, Any]] = ()) -> None:
        """Write one line of the undo log, where there is something to undo."""
        if created or changed:
            ImportChange.objects.create(batch=self.batch, created=created, changed=list(changed))

    def write(self, fresh: Fresh, cursor: dict[str, Any]) -> Iterator[int]:
        """Write new documents; yields how many are done after each transaction."""
        for first, end in fresh.chunks():
            self._chunk(fresh, first, end, cursor=cursor | {"done": end})
            yield end

    @transaction.atomic
    def _chunk(self, fresh: Fresh, start: int, end: int, *, cursor: dict[str, Any]) -> None:
        """Write one chunk and move the cursor behind it."""
        orders, lines = fresh.orders[start:end], fresh.lines.of(start, end)
        refunds, events = fresh.refunds.of(start, end), fresh.events.of(start, end)
        whose = _moved(orders)
        if whose:
            orders = _of(whose, ORDER_COLUMNS, orders)
            refunds, events = _of(whose, REFUND_COLUMNS, refunds), _of(whose, EVENT_COLUMNS, events)
        insert_orders(orders, lines, fresh.payments.of(start, end), line_columns=fresh.line_columns)
        insert_refunds(refunds, [])
        Event.objects.append(EVENT_COLUMNS, events)
        own = {row[0]: fresh.own[row[0]] for row in orders if row[0] in fresh.own} if fresh.own else {}
        values = own_values.write("orders", own, import_id=self.batch.pk, fresh=True).ranges if own else {}
        created = {"orders": orders, "refunds": refunds, "events": events}
        self.log({name: ranges(row[0] for row in rows) for name, rows in created.items() if rows} | values)
        self.tally.add(
            orders=len(orders), orders_new=len(orders), lines=len(lines), lines_new=len(lines), refunds=len(refunds),
            refunds_new=len(refunds), guests=fresh.guests_before[end] - fresh.guests_before[start],
            rows_done=fresh.rows_before[end] - fresh.rows_before[start],
        )  # fmt: skip
        self.tally.save(self.batch, cursor=cursor)


def created_people(outcome: Resolution) -> dict[str, list[list[int]]]:
    """Say what a resolution created, as the undo log keeps it."""
    created = {name: ranges(getattr(outcome, name)) for name in ("customers", "profiles", "identifiers")}
    return {name: ids for name, ids in created.items() if ids}


def _up_to_date(people: dict[str, Person]) -> dict[str, Person]:
    """Say anew whose the profiles are: people who came later made some of them one."""
    now = current(person.profile_id for person in people.values())
    return {key: Person(each.profile_id, now[each.profile_id]) for key, each in people.items()}


def _moved(orders: Sequence[tuple[Any, ...]]) -> dict[int, int]:
    """Find who was merged or parted since the orders were arranged: profiles, with whose they are now."""
    profile, customer = ORDER_COLUMNS.index("profile_id"), ORDER_COLUMNS.index("customer_id")
    thought = {row[profile]: row[customer] for row in orders if row[profile] is not None}
    return {pk: owner for pk, owner in current(thought).items() if owner != thought[pk]}


def _of(whose: Mapping[int, int], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Write rows anew as facts of whoever their profiles are with now."""
    profile, customer = columns.index("profile_id"), columns.index("customer_id")
    return [(*row[:customer], whose.get(row[profile], row[customer]), *row[customer + 1 :]) for row in rows]


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
