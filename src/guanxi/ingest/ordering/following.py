"""Orders of the stream written: those some events speak of are put together anew, and are in the book as they say.

Done beside the collecting, under the turn to write to the store: while an import runs the events are in the stream, and
their orders wait for it. Nothing here writes events: those that were told are the ones of the order.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from time import monotonic
from typing import Any

import polars as pl
from django.db import transaction

from guanxi.core import bulk
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers.models import Event, SourceProfile
from guanxi.ingest.arriving import MAPPING, STREAM, TEXTS, documents_of, import_of_today
from guanxi.ingest.customers import origin_of_people
from guanxi.ingest.fresh import Fresh, Stamp, arrange
from guanxi.ingest.landing import Landing
from guanxi.ingest.models import TURN, Import, ImportChange, OrderCall
from guanxi.ingest.ordering.folding import Said, fold
from guanxi.ingest.tally import Tally
from guanxi.orders.intake import ORDER_COLUMNS, insert_orders, insert_refunds
from guanxi.orders.models import Order, OrderLine, Payment, Purchases, Refund, RefundLine, Store
from guanxi.warehouse.models import CHANGED, bury, ranges

AT_ONCE = 40  # orders of a transaction
SECONDS = 1.0
WHOSE = ("customer_id", "profile_id")
KEPT = ("id", "number", "store_id", "created_at", "lake_batch")  # what an order keeps when it is written anew
Owners = Mapping[str, tuple[int | None, int | None]]  # customer and profile by number


def tend() -> bool:
    """Have orders follow from what was told of them, for a while; tells whether anything was done."""
    stores = Store.objects.filter(pk__in=OrderCall.objects.filter(is_waiting=True).values("store")[:100])
    done = [_tend(store) for store in stores]
    return any(done)


def _tend(store: Store) -> bool:
    try:
        with lease(f"{TURN} {store.code}"):
            until, done = monotonic() + SECONDS, 0
            while monotonic() < until and (some := follow_some(store)):
                done += some
            return bool(done)
    except LeaseTaken:
        return False


@transaction.atomic
def follow_some(store: Store, most: int = AT_ONCE) -> int:
    """Write the orders of some waiting events anew; gives how many events these were."""
    waiting = OrderCall.objects.filter(store=store, is_waiting=True).order_by("pk")
    numbers = sorted({each.number for each in waiting[:most]})
    if not numbers:
        return 0
    calls = list(OrderCall.objects.filter(store=store, number__in=numbers).select_for_update())
    events = Event.objects.in_bulk([each.event_id for each in calls])
    told: dict[str, list[Event]] = defaultdict(list)
    for each in calls:
        if each.event_id in events:
            told[each.number].append(events[each.event_id])
    _write(store, told)
    return OrderCall.objects.filter(pk__in=[each.pk for each in calls], is_waiting=True).update(is_waiting=False)


def _write(store: Store, told: Mapping[str, Sequence[Event]]) -> None:
    batch = import_of_today(store, "orders", {**MAPPING, "name": STREAM}, by=None, preset=STREAM)
    ours = _ours(store, told)
    said = {number: [Said(e.name, e.occurred_at, e.properties) for e in events] for number, events in told.items()}
    folded = [
        order for number, events in said.items() if ours.get(number, 1)
        for order in [fold(number, events, currency=store.currency)] if order
    ]  # fmt: skip
    if not folded:
        return
    fresh = _arranged(batch, store, folded, _owners(told))
    _put(batch, fresh, {number: pk for number, pk in ours.items() if pk})


def _ours(store: Store, numbers: Collection[str]) -> dict[str, int | None]:
    """Give the orders that stand in the book: the key of one that the stream wrote, None of what others wrote."""
    streams = set(Import.objects.filter(preset=STREAM, store=store).values_list("pk", flat=True))
    rows = Order.objects.filter(store=store, number__in=numbers).values_list("number", "pk", "import_id")
    return {number: pk if batch in streams else None for number, pk, batch in rows}


def _owners(told: Mapping[str, Sequence[Event]]) -> Owners:
    """Find whose each order is: of the first event that names somebody who signed in, else of the first device."""
    profiles = {each.profile_id for events in told.values() for each in events if each.profile_id}
    known = SourceProfile.objects.in_bulk(profiles)
    found: dict[str, tuple[int | None, int | None]] = {}
    for number, events in told.items():
        seen = [(known[e.profile_id].is_device, e.occurred_at, e.profile_id) for e in events if e.profile_id in known]
        profile = known[min(seen)[2]] if seen else None
        found[number] = (profile.customer_id, profile.pk) if profile else (None, None)
    return found


def _arranged(batch: Import, store: Store, orders: Sequence[Mapping[str, Any]], owners: Owners) -> Fresh:
    """Arrange orders into the rows the database takes, with the goods they name in the catalogue."""
    full = [{**dict.fromkeys(("customer_number", *TEXTS), ""), **order} for order in orders]
    documents = documents_of(full, store, batch)
    landing = Landing(batch, store, origin_of_people(batch, store), Tally(batch))
    landing.shelve(documents.lines)
    whose = pl.DataFrame(
        [(number, *owner) for number, owner in owners.items()],
        schema={"number": pl.String, "customer_id": pl.Int64, "profile_id": pl.Int64}, orient="row",
    )  # fmt: skip
    heads = documents.orders.join(whose, on="number", how="left", maintain_order="left")
    stamp = Stamp(batch.pk, store, landing.origin.source, landing.rates)
    return arrange(heads, documents.lines, documents.payments, stamp=stamp, variants=landing.variants)


def _put(batch: Import, fresh: Fresh, there: Mapping[str, int]) -> None:
    """Insert new orders, and write those of ours that are there anew, each under its own key."""
    number = ORDER_COLUMNS.index("number")
    new = [row for row in fresh.orders if row[number] not in there]
    keys = {row[0]: there.get(row[number], row[0]) for row in fresh.orders}
    lines, payments = (_moved(rows.rows, keys) for rows in (fresh.lines, fresh.payments))
    refunds = [(*row[:5], keys[row[5]], *row[6:]) for row in fresh.refunds.rows]
    old = sorted(there.values())
    _clear(old)
    _rewrite([row for row in fresh.orders if row[number] in there], keys)
    insert_orders(new, lines, payments, line_columns=fresh.line_columns)
    insert_refunds(refunds, [])
    Purchases.objects.settle()
    Purchases.objects.recount_of(old)
    _log(batch, [row[0] for row in new], [row[0] for row in refunds])


def _moved(rows: Sequence[tuple[Any, ...]], keys: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """Have rows hang on the orders that are there; each begins with its order's key."""
    return [(keys[row[0]], *row[1:]) for row in rows]


def _clear(orders: Sequence[int]) -> None:
    """Take away what hangs on orders that are written anew."""
    OrderLine.objects.filter(order__in=orders).delete()
    Payment.objects.filter(order__in=orders).delete()
    gone = list(Refund.objects.filter(order__in=orders).values_list("pk", flat=True))
    if gone:
        bury("refunds", gone)
        RefundLine.objects.filter(refund__in=gone).delete()
        Refund.objects.filter(pk__in=gone).delete()


def _rewrite(rows: Sequence[tuple[Any, ...]], keys: Mapping[int, int]) -> None:
    columns = [name for name in ORDER_COLUMNS if name not in KEPT]
    places = [ORDER_COLUMNS.index(name) for name in columns]
    if rows:
        bulk.update(Order, columns, [(*(row[place] for place in places), keys[row[0]]) for row in rows])
        Order.objects.filter(pk__in=[keys[row[0]] for row in rows]).update(**CHANGED)


def _log(batch: Import, orders: Sequence[int], refunds: Sequence[int]) -> None:
    created = {name: ranges(ids) for name, ids in (("orders", orders), ("refunds", refunds)) if ids}
    if created:
        ImportChange.objects.create(batch=batch, created=created, changed=[])
