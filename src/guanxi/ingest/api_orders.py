"""Orders that programs send: added by their store and number, or brought up to date, however often they come."""

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from guanxi.accounts.gate import ApiRequest, Way
from guanxi.accounts.models import Caller
from guanxi.accounts.problems import NotValid, ScopeMissing
from guanxi.accounts.wire import Sent, Told, Word
from guanxi.core.jobs.lease import lease
from guanxi.core.money import CURRENCIES
from guanxi.customers.shown import check_sent
from guanxi.ingest.arriving import arrive
from guanxi.ingest.models import TURN
from guanxi.ingest.own import Own, said
from guanxi.orders.api import OrderId, router
from guanxi.orders.models import Order, Store
from guanxi.orders.own import SHELF
from guanxi.shop import wire
from guanxi.shop.wire import OwnSent

AT_ONCE, MOST_LINES, MOST_MINOR = 100, 200, 10**12
YEARS = range(1990, 2101)
WAIT = dt.timedelta(seconds=5)
EXACT = r"^\d{1,%s}(\.\d{1,4})?$"
MOST_DIGITS = {"quantity": 6, "unit_price": 7}  # so that a whole order stays within 64 bits in any currency


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(_("This has to be a moment with its offset, such as 2024-11-11T20:00:00+08:00."))  # noqa: TRY004 - pydantic's
    return value


def _near(at: dt.datetime) -> dt.datetime:
    if at.year not in YEARS:
        raise ValueError(_("This is no day on which a shop of today sold something."))
    return at


def _exact(pattern: str) -> Any:
    """Describe a decimal number that travels as text, so that nobody rounds it."""

    def read(value: Any) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(_("This has to be a number written as text, with at most four places, such as 268.0000."))
        return Decimal(value)

    return Annotated[Decimal, BeforeValidator(read), WithJsonSchema({"type": "string", "pattern": pattern})]


def _currency(code: str) -> str:
    if code and code not in CURRENCIES:
        raise ValueError(_("This is no currency. Send its code of three letters, such as CNY."))
    return code


Moment = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_near)]
Quantity, Price = (_exact(EXACT % digits) for digits in MOST_DIGITS.values())
Amount = Annotated[int, Field(strict=True, ge=0, le=MOST_MINOR, description="Whole minor units of the currency.")]


class LineSent(Sent):
    """So many of one good at a price; quantity and price are exact decimals, written as text."""

    line_id: Word = Field("", max_length=64, description="The number of the line, where the store gives one.")
    sku: Word = Field("", max_length=120)
    product_name: Word = Field("", max_length=300)
    category: Word = Field("", max_length=120)
    quantity: Quantity = Field(Decimal(1), validate_default=False)  # type: ignore[valid-type]
    unit_price: Price  # type: ignore[valid-type]
    discount_minor: Amount = 0


class PaymentSent(Sent):
    """Money that came, by one method."""

    method: Word = Field("", max_length=40)
    amount_minor: Amount


class OrderSent(Sent):
    """An order as its store knows it. What is left out follows from the rest: the total from the lines, say.

    Who bought is known by the number the store gives them, or by their own phone or e-mail; without any, it is a guest.
    """

    number: Word = Field(min_length=1, max_length=64)
    placed_at: Moment
    paid_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    refunded_at: Moment | None = None
    status: Literal["", "open", "completed", "cancelled"] = ""
    currency: Annotated[Word, AfterValidator(_currency)] = Field("", max_length=3)
    total_minor: Amount | None = None
    discount_minor: Amount | None = None
    shipping_minor: Amount | None = None
    tax_minor: Amount | None = None
    refund_minor: Amount | None = None
    reason: Word = Field("", max_length=120, description="Why it was refunded.")
    channel: Word = Field("", max_length=20)
    province: Word = Field("", max_length=100)
    city: Word = Field("", max_length=100)
    country: Word = Field("", max_length=100)
    address: Word = Field("", max_length=400, description="Where the parcel goes; kept sealed.")
    recipient_name: Word = Field("", max_length=100)
    recipient_phone: Word = Field("", max_length=40)
    customer_number: Word = Field("", max_length=128, description="The number the store gives who bought.")
    customer_name: Word = Field("", max_length=200)
    phone: Word = Field("", max_length=40)
    email: Word = Field("", max_length=254)
    lines: list[LineSent] = Field(min_length=1, max_length=MOST_LINES)
    payments: list[PaymentSent] = Field(default=[], max_length=20)
    fields: OwnSent = {}


class OrdersSent(Sent):
    """Orders of one store."""

    store: Word = Field(min_length=1, max_length=40, description="The code of the store.")
    orders: list[OrderSent] = Field(min_length=1, max_length=AT_ONCE)


class ArrivedTold(Told):
    """What became of one order: added, changed, or the same as before."""

    id: OrderId
    number: str
    outcome: Literal["added", "changed", "same"]


class AllArrivedTold(Told):
    """What became of each order, as they were sent."""

    added: int
    changed: int
    data: list[ArrivedTold]


@router.offers("POST /orders", gettext_lazy("Send orders"), "orders:write", {200: AllArrivedTold}, way=Way.LATE)
def send_orders(request: ApiRequest, sent: OrdersSent) -> Any:
    """Add up to 100 orders of one store by their numbers, or write what they say more than the book does.

    They go the way of an import: people are found by the same identifiers, and what a program sends on one day is one
    import that can be undone. While another import writes to the store, 409 asks to send them later. Fields of the
    shop's own need the scope fields:write as well.
    """
    check_sent({name for each in sent.orders for name, value in each if value}, request.user)
    store, own = _store(sent.store), _own(sent.orders, request.user)
    _once_each(sent.orders)
    request.hold(lease(f"{TURN} {store.code}", wait=WAIT))
    request.begin()
    arrived = arrive([each.model_dump() for each in sent.orders], store, by=request.user, own=own)
    counts = Counter(each.outcome for each in arrived)
    told = [{"id": Order(pk=each.key).public_id, "number": each.number, "outcome": each.outcome} for each in arrived]
    return {"added": counts["added"], "changed": counts["changed"], "data": told}


def _own(orders: list[OrderSent], caller: Caller) -> dict[str, Own]:
    """Read what orders say in the shop's own fields, by their numbers."""
    sent = [each.fields for each in orders]
    if any(sent) and not caller.may("orders.change"):
        said_of = _("Fields of the shop's own need a key with the scope %(scope)s, made by somebody who may do it.")
        raise ScopeMissing(said_of % {"scope": "fields:write"})
    texts = wire.each_of(SHELF, caller, "orders", sent)
    return {each.number: said(told) for each, told in zip(orders, texts, strict=True) if told}


def _store(code: str) -> Store:
    found = Store.objects.filter(code=code).first()
    if found is None:
        raise NotValid({"store": _("There is no store of this code. Look it up under Settings.")})
    return found


def _once_each(orders: list[OrderSent]) -> None:
    twice = [number for number, many in Counter(each.number for each in orders).items() if many > 1]
    if twice:
        raise NotValid({"orders": _("Each number can be there once; send the second one afterwards.")})
