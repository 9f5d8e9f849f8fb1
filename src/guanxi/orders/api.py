"""Orders in the API: the list, and one with its lines and payments. They come in by imports."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.models import AuditEntry, Caller
from guanxi.accounts.wire import Asked, Day, Figure, Page, Place, Sent, Told, Word, id_of, key_in, page
from guanxi.customers.models import Customer
from guanxi.customers.shown import CustomerId
from guanxi.orders import walking
from guanxi.orders.models import FulfilmentState, Order, PaymentState, ReturnState
from guanxi.orders.models.order import STATES, OrderState
from guanxi.orders.own import SHELF
from guanxi.orders.reveal import PARTS, recipient
from guanxi.shop import wire
from guanxi.shop.wire import OwnAsked, OwnSent, OwnTold

router = Resource(tags=["orders"])
OrderId = Annotated[str, id_of(Order.PREFIX)]
AMOUNTS = ("goods", "discount", "shipping", "tax", "total", "refunded", "net")
AXES = (*STATES, "order_state")


class OrderTold(Told):
    """One order of one store. Amounts are whole minor units of its currency."""

    id: OrderId
    store: str
    number: str
    kind: str
    customer: CustomerId | None
    placed_at: str
    paid_at: str | None
    payment_state: str
    fulfilment_state: str
    return_state: str
    order_state: str
    currency: str
    goods_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    refunded_minor: int
    net_minor: int
    source: str
    province: str
    city: str
    country: str
    fields: OwnTold


class LineTold(Told):
    """So many of one good at a price; quantity and price are exact decimals, written as text."""

    sku: str
    product_name: str
    quantity: str
    unit_price: str
    amount_minor: int
    discount_minor: int


class PaymentTold(Told):
    """Money that came, by one method."""

    method: str
    amount_minor: int
    paid_at: str


class RecipientTold(Told):
    """Who the parcel goes to, masked unless the key has the scope personal:read."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None


class WholeOrderTold(OrderTold):
    """An order with its lines, its payments, and who the parcel goes to."""

    lines: list[LineTold]
    payments: list[PaymentTold]
    recipient: RecipientTold | None


class OrderChanged(Sent):
    """What an order is to say in the shop's own fields; all else comes from the store."""

    fields: OwnSent = {}


class OwnOrderTold(Told):
    """What an order says in the shop's own fields."""

    id: OrderId
    fields: OwnTold


class OrdersAsked(Asked):
    """Which orders, newest first: those of which everything holds that is asked for."""

    customer: str | None = Field(None, max_length=40, description="The id of who bought.")
    whose: Literal["known", "guest"] | None = Field(None, description="Of customers, or of guests whom nobody knows.")
    store: Word | None = Field(None, max_length=40, description="The code of a store.")
    number: Word | None = Field(None, max_length=64, description="The number a store gave, beside the store.")
    placed_from: Day | None = Field(None, description="Placed on this day of the store's or later.")
    placed_to: Day | None = Field(None, description="Placed on this day of the store's or earlier.")
    payment_state: PaymentState | None = Field(None, description="Whether the money has come, and stayed.")
    fulfilment_state: FulfilmentState | None = Field(None, description="Where the goods are.")
    return_state: ReturnState | None = Field(None, description="Whether goods come back.")
    order_state: OrderState | None = Field(None, description="Whether anything is left to do.")
    total_from: Figure | None = Field(None, description="A total of so many minor units of its currency or more.")
    total_to: Figure | None = Field(None, description="A total of so many minor units of its currency or less.")
    net_from: Figure | None = Field(None, description="Net sales of so many minor units of its currency or more.")
    net_to: Figure | None = Field(None, description="Net sales of so many minor units of its currency or less.")
    currency: Annotated[Word, Field(min_length=3, max_length=3)] | None = Field(None, description="Its currency.")
    province: Place | None = Field(None, description="The province it went to, spelled as in the book.")
    city: Place | None = Field(None, description="The city it went to, spelled as in the book.")
    country: Place | None = Field(None, description="The country it went to, spelled as in the book.")
    field: OwnAsked = []


@router.offers("GET /orders", gettext_lazy("List orders"), "orders:read", {200: Page[OrderTold]})
def list_orders(request: ApiRequest, asked: Query[OrdersAsked]) -> Any:
    """List orders, newest first.

    Asked for several things, a page may have fewer rows than there is room for, or none: go on until “next” is null.
    """
    orders = Order.objects.visible_to(request.user).select_related("store")
    return page(walking.line(orders, asked), asked, Order.PREFIX, lambda rows: _drawn(rows, request.user))


@router.offers("GET /orders/{order_id}", gettext_lazy("Read an order"), "orders:read", {200: WholeOrderTold})
def read_order(request: ApiRequest, order_id: OrderId) -> Any:
    """Read an order with its lines and payments; a recipient seen in the clear stands in the access log."""
    orders = Order.objects.visible_to(request.user).select_related("store").prefetch_related("lines", "payments")
    found = orders.filter(pk=key_in(Order.PREFIX, order_id)).first()
    if found is None:
        raise Http404
    lines = [_line_told(each) for each in found.lines.all()]
    payments = [_payment_told(each) for each in found.payments.all()]
    told, recipient = _own_fields(found, request.user), _recipient(found, request.user)
    return {**_told(found, told), "lines": lines, "payments": payments, "recipient": recipient}


@router.offers(
    "PATCH /orders/{order_id}", gettext_lazy("Fill in the shop's own fields of an order"), "fields:write",
    {200: OwnOrderTold},
)  # fmt: skip
def fill_in_order(request: ApiRequest, order_id: OrderId, changes: OrderChanged) -> Any:
    """Write what an order says in the shop's own fields; what is left out stays, and null empties a field."""
    found = Order.objects.visible_to(request.user).filter(pk=key_in(Order.PREFIX, order_id)).first()
    if found is None:
        raise Http404
    texts = wire.texts_of(wire.known(SHELF, request.user, changes.fields), changes.fields)
    wire.write(SHELF, found, texts, by=request.user)
    return {"id": found.public_id, "fields": _own_fields(found, request.user)}


def _drawn(orders: Sequence[Order], caller: Caller) -> list[dict[str, Any]]:
    """Write some orders; what is personal in the shop's own fields is masked in a list, whoever reads it."""
    own = wire.told(SHELF, [each.pk for each in orders], caller, clear=False)
    return [_told(each, own[each.pk]) for each in orders]


def _own_fields(order: Order, caller: Caller) -> dict[str, Any]:
    """Write what one order says in the shop's own fields; what is seen in the clear is written down."""
    clear = wire.sees_clearly(caller)
    own = wire.told(SHELF, [order.pk], caller, clear=clear)
    if clear and (opened := wire.opened(SHELF, own, caller)):
        AuditEntry.write("order.revealed", by=caller, on=order, changes={"fields": (None, sorted(opened))})
    return own[order.pk]


def _told(order: Order, own: Mapping[str, Any]) -> dict[str, Any]:
    times = {"placed_at": order.placed_at, "paid_at": order.paid_at}
    plain = ("number", "kind", *AXES, "currency", *(f"{name}_minor" for name in AMOUNTS))
    return {
        "id": order.public_id,
        "store": order.store.code,
        "customer": Customer(pk=order.customer_id).public_id if order.customer_id else None,
        **{name: at and at.isoformat() for name, at in times.items()},
        **{name: getattr(order, name) for name in (*plain, "source", "province", "city", "country")},
        "fields": own,
    }


def _line_told(line: Any) -> dict[str, Any]:
    told = {name: getattr(line, name) for name in ("sku", "product_name", "amount_minor", "discount_minor")}
    return told | {"quantity": str(line.quantity), "unit_price": str(line.unit_price)}


def _payment_told(payment: Any) -> dict[str, Any]:
    paid_at = payment.paid_at.isoformat()
    return {"method": payment.method, "amount_minor": payment.amount_minor, "paid_at": paid_at}


def _recipient(order: Order, caller: Caller) -> dict[str, str] | None:
    """Write who the parcel goes to; what is seen in the clear is written down."""
    parcel: Mapping[str, str] = order.parcel
    if not parcel:
        return None
    told = recipient(parcel, caller)
    clear = _clear(parcel, caller)
    if clear:
        AuditEntry.write("order.revealed", by=caller, on=order, changes={"fields": (None, clear)})
    return told | {name: parcel[PARTS[name].key] for name in clear}


def _clear(parcel: Mapping[str, str], caller: Caller) -> Sequence[str]:
    return [name for name, part in PARTS.items() if parcel.get(part.key) and caller.may(f"{part.field}.reveal")]
