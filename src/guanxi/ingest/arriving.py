"""Orders that programs send: the documents of a file that nobody had to write, by the way every import goes.

What a program sends to a store on one day is one import, so that it stands in the list of imports and can be undone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.money import exponent
from guanxi.core.time import now
from guanxi.ingest import own_values
from guanxi.ingest.customers import origin_of_people
from guanxi.ingest.documents import Documents, assemble
from guanxi.ingest.landing import Landing
from guanxi.ingest.merging import Merging
from guanxi.ingest.models import Import
from guanxi.ingest.own import Own
from guanxi.ingest.plan import Plan
from guanxi.ingest.run import reading_of
from guanxi.ingest.tally import Tally
from guanxi.orders.models import Order, Purchases, Store

PRESET = "api"
STREAM = "stream"
FILES = {preset: {"name": name, "path": "", "size": 0} for preset, name in ((PRESET, "API"), (STREAM, "Events"))}
STATES = {"open": {"order": "open"}, "completed": {"order": "completed"}, "cancelled": {"order": "closed"}}
MAPPING = {"order_number": "number", "placed_at": "placed_at", "status": "status", "states": STATES, "name": PRESET}
WRITTEN = ("added", "changed")
TIMES = ("placed_at", "paid_at", "shipped_at", "delivered_at", "refunded_at")
AMOUNTS = ("total", "discount", "shipping", "tax", "refund")
TEXTS = (
    "status", "reason", "channel", "province", "city", "country", "address", "recipient_name", "recipient_phone",
    "customer_name", "phone", "email",
)  # fmt: skip
LINE_TEXTS = ("line_id", "sku", "product_name", "category")
SCHEMA: Mapping[str, Any] = {
    "_row": pl.Int64, "_role": pl.String, "order_number": pl.String, "currency": pl.String,
    "customer_external_id": pl.String, "payment_method": pl.String,
    **dict.fromkeys((*TEXTS, *LINE_TEXTS), pl.String), **dict.fromkeys(TIMES, pl.Datetime("us")),
    **dict.fromkeys((*AMOUNTS, "quantity", "unit_price", "payment_amount"), pl.Int64),
}  # fmt: skip
Sent = Mapping[str, Any]


@dataclass(frozen=True)
class Arrived:
    """What became of one order: `added`, `changed`, or `same` where nothing in it was new."""

    number: str
    key: int
    outcome: str


def documents_of(orders: Sequence[Sent], store: Store, batch: Import) -> Documents:
    """Put together what was sent, as an import would from a file."""
    rows = [row for order in orders for row in _rows(order, store)]
    numbered = [{**row, "_row": number} for number, row in enumerate(rows)]
    return assemble(pl.DataFrame(numbered, schema=SCHEMA), reading_of(batch, store))


@transaction.atomic
def arrive(orders: Sequence[Sent], store: Store, *, by: Staff, own: Mapping[str, Own] | None = None) -> list[Arrived]:
    """Write orders, or what they say more than the book does; whoever calls holds the turn to write to the store.

    `own` is what they say in the shop's own fields, by their numbers.
    """
    batch = import_of_today(store, "orders", MAPPING, by=by)
    numbers, documents = [order["number"] for order in orders], documents_of(orders, store, batch)
    before = _there(store, numbers)
    landing = Landing(batch, store, origin_of_people(batch, store), Tally(batch))
    plan = Plan(bucket=0, turn=0, standing=frozenset(before))
    bucket = landing.bucket(documents, plan)
    for _done in (*landing.write(bucket.fresh, {}), *Merging(landing).write(bucket.standing, {})):
        pass  # each is a chunk of the caller's one transaction
    Purchases.objects.settle()
    after = _there(store, numbers)
    moved = _write_own(landing, {after[number][0]: said for number, said in (own or {}).items() if said}, before)
    arrived = [
        Arrived(number, after[number][0], _outcome(before.get(number), after[number], moved)) for number in numbers
    ]
    note(batch, {word: [each.number for each in arrived if each.outcome == word] for word in WRITTEN}, by=by)
    return arrived


def import_of_today(store: Store, subject: str, mapping: Sent, *, by: Staff | None, preset: str = PRESET) -> Import:
    """Find the import that holds what was sent to a store today, or begin it."""
    told = {"preset": preset, "subject": subject, "store": store, "by": by, "state": Import.State.DONE}
    found = Import.objects.filter(**told, created_at__gte=now().replace(hour=0, minute=0, second=0, microsecond=0))
    more = {"mapping": mapping, "store_code": store.code, "files": [FILES[preset]], "finished_at": now()}
    return found.first() or Import.objects.create(**told, **more)


def note(batch: Import, done: Mapping[str, Sequence[str]], *, by: Staff) -> None:
    """Write into the audit trail what was added and changed, by the numbers of its source."""
    if any(done.values()):
        told = {word: (None, list(numbers) or None) for word, numbers in done.items()}
        AuditEntry.write("import.received", by=by, on=batch, changes=told)


def _there(store: Store, numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Give the keys and versions of the orders that are in the book, by number."""
    found = Order.objects.filter(store=store, number__in=numbers)
    return {number: (pk, version) for number, pk, version in found.values_list("number", "pk", "version")}


def _write_own(landing: Landing, own: Mapping[int, Own], before: Mapping[str, tuple[int, int]]) -> set[int]:
    """Write what orders say in the shop's own fields; gives those that say something else than before."""
    if not own:
        return set()
    done = own_values.write("orders", own, import_id=landing.batch.pk)
    landing.log(done.ranges, done.former)
    landing.tally.add(orders_changed=len(done.owners & {key for key, _version in before.values()}))
    landing.tally.save(landing.batch)
    return done.owners


def _outcome(before: tuple[int, int] | None, after: tuple[int, int], moved: Collection[int]) -> str:
    if before is None:
        return "added"
    return "same" if before == after and after[0] not in moved else "changed"


def _rows(order: Sent, store: Store) -> Iterator[dict[str, Any]]:
    """Write an order as rows of a file: its head, its lines, its payments."""
    currency, zone = order["currency"] or store.currency, ZoneInfo(store.time_zone)
    ten_thousandths = 10 ** (4 - exponent(currency))
    amounts = {name: order[f"{name}_minor"] for name in AMOUNTS}
    yield {
        "_role": "orders",
        "order_number": order["number"],
        "currency": currency,
        "customer_external_id": order["customer_number"] or None,
        **{name: order[name] or None for name in TEXTS},
        **{name: at and at.astimezone(zone).replace(tzinfo=None) for name in TIMES for at in [order[name]]},
        **{name: None if told is None else told * ten_thousandths for name, told in amounts.items()},
    }
    for line in order["lines"]:
        told = {name: line[name] or None for name in LINE_TEXTS}
        numbers = {name: int(line[name].scaleb(4)) for name in ("quantity", "unit_price")}
        discount = line["discount_minor"] * ten_thousandths
        yield {"_role": "lines", "order_number": order["number"], **told, **numbers, "discount": discount}
    for each in order["payments"]:
        amount = each["amount_minor"] * ten_thousandths
        paid = {"payment_method": each["method"], "payment_amount": amount}
        yield {"_role": "payments", "order_number": order["number"], **paid}
