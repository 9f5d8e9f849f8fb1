"""Events of orders on their way into the stream: what was told of an order before is not told again."""

from collections.abc import Sequence
from dataclasses import dataclass

from guanxi.ingest.collection.happening import Happened
from guanxi.ingest.collection.reading import digest
from guanxi.ingest.models import OrderCall
from guanxi.ingest.ordering.folding import ORDER_EVENTS, natural_key, summary
from guanxi.orders.models import Store

LONGEST = 64  # signs of an order's number
Place = tuple[int, str, bytes]  # store, number and natural key


@dataclass(frozen=True)
class Once:
    """Events without those of orders that were told before, and where those that are left stand."""

    happened: list[Happened]
    places: dict[int, Place]  # by the event's place in the list
    repeated: int

    def note(self, keys: Sequence[int]) -> None:
        """Have orders follow from their events, in the transaction that writes them; `keys` are all events'."""
        OrderCall.objects.bulk_create(
            OrderCall(store_id=store, number=number, key=key, event_id=keys[nth])
            for nth, (store, number, key) in self.places.items()
        )


def once_each(happened: Sequence[Happened]) -> Once:
    """Leave out the events of orders that are in the stream; the others are told what their order is about."""
    told = {nth: place for nth, each in enumerate(happened) if (place := _place(each))}
    known = _known(set(told.values())) if told else set()
    left: list[Happened] = []
    places: dict[int, Place] = {}
    for nth, each in enumerate(happened):
        place = told.get(nth)
        if place in known:
            continue
        if place:
            known.add(place)
            places[len(left)] = place
            _sum_up(each)
        left.append(each)
    return Once(left, places, len(happened) - len(left))


def _place(each: Happened) -> Place | None:
    number = str(each.kept.properties.get("order_id") or "").strip()
    if each.name not in ORDER_EVENTS or each.source.store_id is None or not 0 < len(number) <= LONGEST:
        return None
    key = natural_key(each.name, each.kept.properties).encode(errors="replace")
    return each.source.store_id, number, digest(key)


def _known(places: set[Place]) -> set[Place]:
    numbers = {number for _store, number, _key in places}
    rows = OrderCall.objects.filter(store__in={store for store, _number, _key in places}, number__in=numbers)
    return {(store, number, bytes(key)) for store, number, key in rows.values_list("store", "number", "key")}


def _sum_up(each: Happened) -> None:
    store = each.source.store or Store()
    each.kept.properties |= summary(each.kept.properties, store=store.code, currency=store.currency)
