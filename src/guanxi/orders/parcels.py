"""The parcels of orders, for whoever asks where they went; opened to be compared, never to be kept."""

import json
from collections.abc import Collection, Iterator

from guanxi.guard.sealing import unseal
from guanxi.identity.graph.sources import Parcel, Source
from guanxi.orders.models import Order

NAME = "orders"
COLUMNS = (
    "profile", "placed_at", "recipient", "store__code", "number", "province", "city", "country",
)  # fmt: skip


def owners(first: int, last: int) -> Collection[int]:
    """Give the profiles of the orders between two keys; guests have none."""
    rows = Order.objects.filter(pk__gte=first, pk__lte=last, profile__isnull=False)
    return set(rows.order_by().values_list("profile", flat=True))


def parcels(profiles: Collection[int]) -> Iterator[Parcel]:
    """Give where the orders of some profiles went; cancelled ones and those without a label tell nothing."""
    rows = Order.objects.filter(profile__in=profiles, recipient__isnull=False).exclude(order_state="cancelled")
    for profile, at, sealed, store, number, *where in rows.order_by().values_list(*COLUMNS).iterator(chunk_size=2_000):
        label = json.loads(unseal(sealed, Order.place(store, number)))
        yield Parcel(profile, at, label.get("address", ""), label.get("recipient_phone", ""), *where)


SOURCE = Source(name=NAME, owners=owners, parcels=parcels)
