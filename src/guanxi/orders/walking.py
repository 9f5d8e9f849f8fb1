"""The orders in which programs walk through orders: the newest first, along the index that knows them.

A customer, guests, days and states are followed by indexes of their own. What no index has in order is asked of each
order that is met; where few orders are of a store, or say something in a field, it begins with those.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from guanxi.accounts.problems import NotValid
from guanxi.customers.likelihood import Common
from guanxi.customers.models import Customer
from guanxi.orders.ledger import placed_on
from guanxi.orders.models import Order, Store
from guanxi.orders.models.order import STATES, OrderQuerySet
from guanxi.orders.own import SHELF
from guanxi.orders.states import ORDER, ByStates
from guanxi.pages.paging import Among, ByFields, Line
from guanxi.pages.sifting import Sifted, few
from guanxi.shop import wire
from guanxi.shop.models import CustomField

AMOUNTS = ("total", "net")
PLAIN = ("order_state", "currency", "province", "city", "country")


def line(orders: OrderQuerySet, asked: Any) -> Line | Sifted:
    """Put the orders that are asked for in their order; raises NotValid where something asked for is unknown."""
    whole, store = orders, _store(asked)
    orders = _of_whom(orders, asked)
    states = {name: value for name in STATES if (value := getattr(asked, name))}
    if asked.number is not None:
        orders, states = orders.filter(store=store, number=asked.number, **states), {}
    orders = placed_on(orders, (asked.placed_from, asked.placed_to))
    told, fields = _sifted(asked, store), wire.meant_by(SHELF, asked.field)
    if not told and not fields:
        return _followed(orders, whole, states)
    keys = next((keys for rows, owner in _few(store, fields) if (keys := few(rows, owner)) is not None), None)
    if keys is not None:
        orders, told, states = orders.filter(Among("pk", keys)), {**told, **states}, {}
    meeting = whole.filter(*(Common(Q(**{name: value}), share=0.95) for name, value in told.items()))
    for field, of in fields:
        meeting = meeting.filter(Exists(SHELF.looked_up(field, of).filter(order=OuterRef("pk"))))
    return Sifted(_followed(orders, whole, states), meeting, whole)


def _followed(orders: OrderQuerySet, whole: OrderQuerySet, states: Mapping[str, str]) -> ByFields:
    """Follow the index of the states that are asked for, or that of days."""
    for name, value in states.items():
        orders = orders.in_state(name, value)
    if states:
        return ByStates(orders, ORDER, falls=True, whole=whole, chosen=states)
    return ByFields(orders, ORDER, falls=True, whole=whole)


def _sifted(asked: Any, store: Store | None) -> dict[str, Any]:
    """Say what is asked for that no index has in order: no index is entered by it, but each order asked."""
    told = {name: value for name in PLAIN if (value := getattr(asked, name)) is not None}
    for name in AMOUNTS:
        for end, sign in (("from", "gte"), ("to", "lte")):
            if (value := getattr(asked, f"{name}_{end}")) is not None:
                told[f"{name}_minor__{sign}"] = value
    if store is not None and asked.number is None:
        told["store"] = store
    return {**told, "customer__isnull": False} if asked.whose == "known" else told


def _few(store: Store | None, fields: Sequence[tuple[CustomField, Mapping[str, Any]]]) -> Iterator[tuple[Any, str]]:
    """Give the rows that tell some orders by an index of their own, with the name of the order in them."""
    yield from ((SHELF.meaning(field, of), "order") for field, of in fields)
    if store is not None:
        yield Order.objects.filter(store=store), "pk"


def _of_whom(orders: OrderQuerySet, asked: Any) -> OrderQuerySet:
    if asked.customer is not None:
        key = Customer.key_of(asked.customer) if asked.customer.startswith(Customer.PREFIX) else None
        if key is None:
            raise NotValid({"customer": _("Send the id of a customer, such as cus_9WDVSQ5ZMMZ0N.")})
        orders = orders.filter(customer=key)
    return orders.filter(customer=None) if asked.whose == "guest" else orders


def _store(asked: Any) -> Store | None:
    """Find the store that is asked for; a number means something only in its store."""
    if asked.store is None:
        if asked.number is not None:
            raise NotValid({"store": _("A number means something only in its store: send both.")})
        return None
    found = Store.objects.filter(code=asked.store).first()
    if found is None:
        raise NotValid({"store": _("There is no store of this code. Look it up under Settings.")})
    return found
