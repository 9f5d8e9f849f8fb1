"""What this context keeps of people, as the register of places has it: orders stay, as those of a guest."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers import lifetimes
from guanxi.customers.places import Place, nobody, register
from guanxi.orders.models import (
    Company,
    ExchangeRate,
    Order,
    OrderLine,
    OrderValue,
    Payment,
    Purchases,
    Refund,
    RefundLine,
    Store,
    Uncounted,
)
from guanxi.orders.own import SHELF
from guanxi.shop.models import Kind
from guanxi.warehouse.models import CHANGED

BOOKS = _("Bookkeeping law has every sale kept: number, day, store, goods and amounts.")
TRADE = _("It names goods and money, nobody.")
TAX = _("The country of delivery decides about the tax.")
SPOKEN = (Kind.TEXT, Kind.LONG, Kind.LINK)
FIRST, THEN = 20, 30


def declare() -> None:
    """Put it into the register."""
    register(*_orders(), *_beside())
    lifetimes.register_trade(
        "orders",
        bought=lambda: Exists(Order.objects.filter(customer=OuterRef("pk"))),
        since=lambda before: Exists(Order.objects.filter(customer=OuterRef("pk"), placed_at__gte=before)),
    )
    nobody("the shop, its stores and money", Store, Company, ExchangeRate, Uncounted)


def _orders() -> Iterator[Place]:
    states = ("kind", "payment_state", "fulfilment_state", "return_state", "order_state", "platform_state")
    yield Place(
        model=Order, title=_("Orders"), order=THEN, before=lambda _ids: Purchases.objects.settle(),
        blanked={"customer": None, "profile": None, "recipient": None, "province": "", "city": "", **CHANGED},
        stays={"country": TAX, **dict.fromkeys(("number", "currency", "source", *states), BOOKS)},
        copied={
            "number": _("Number"), "store": _("Store"), "placed_at": _("Placed"), "paid_at": _("Paid"),
            "payment_state": _("Payment"), "fulfilment_state": _("Fulfilment"), "currency": _("Currency"),
            "total_minor": _("Total"), "refunded_minor": _("Refunded"), "province": _("Province"),
            "city": _("City"), "country": _("Country"), "parcel": _("Parcel to"), "lines": _("Goods"),
        },
        reads={"store": lambda row: row.store.name, "lines": _lines}, words=_parcel,
    )  # fmt: skip
    yield Place(
        model=Refund, title=_("Refunds"), order=THEN,
        blanked={"customer": None, "profile": None, "reason": "", **CHANGED},
        stays=dict.fromkeys(("number", "currency", "source"), BOOKS),
        copied={
            "number": _("Number"), "refunded_at": _("When"), "currency": _("Currency"), "amount_minor": _("Amount"),
            "reason": _("Reason"),
        },
    )  # fmt: skip


def _beside() -> Iterator[Place]:
    spoken = Q(field__is_personal=True) | Q(field__kind__in=SPOKEN)
    yield Place(
        model=OrderValue, title=_("Fields of your own, of orders"), whose="order__customer", order=FIRST,
        narrowed=spoken, copied={"order": _("Order"), "field": _("Field"), "text": _("What it says")},
        reads={
            "order": lambda row: row.order.number, "field": lambda row: row.field.label,
            "text": lambda row: "\n".join(SHELF.text(row.order, row.field)),
        },
    )  # fmt: skip
    yield Place(
        model=Purchases, title=_("Purchases, added up"), order=FIRST,
        copied={
            "orders": _("Orders"), "net_minor": _("Net sales"), "first_on": pgettext_lazy("order", "First"),
            "last_on": pgettext_lazy("order", "Last"),
        },
    )  # fmt: skip
    lines = dict.fromkeys(("key", "sku", "product_name", "category"), TRADE)
    yield Place(model=OrderLine, title=_("Order lines"), whose="order__customer", stays=lines)
    yield Place(model=Payment, title=_("Payments"), whose="order__customer", stays={"method": BOOKS})
    goods = dict.fromkeys(("sku", "product_name"), TRADE)
    yield Place(model=RefundLine, title=_("Lines of refunds"), whose="refund__customer", stays=goods)


def _lines(row: Order) -> list[dict[str, Any]]:
    told = ("sku", "product_name", "quantity", "unit_price", "amount_minor")
    return [{name: getattr(line, name) for name in told} for line in row.lines.all()]


def _parcel(row: Order) -> Sequence[str]:
    return list(row.parcel.values())
