"""What a customer's orders tell of their habits: when and where they buy, what of which price, and how they pay."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django.utils import timezone

from guanxi.core.money import to_minor
from guanxi.customers.dynamics.cart import TAKEN
from guanxi.customers.dynamics.summary import Act
from guanxi.customers.dynamics.taking import EPOCH, MICROSECOND, text
from guanxi.customers.dynamics.tastes import band_of
from guanxi.customers.dynamics.trading import Traded
from guanxi.orders.figures import company
from guanxi.orders.models import Order, OrderKind, OrderLine, Payment

NEWEST = 400  # orders of one customer that are looked at
BOUGHT = 5
SALES = ("pk", "customer", "store__code", "placed_at", "paid_at", "currency")
Sale = tuple[int, int, str, dt.datetime, dt.datetime | None, str]


def traded(customers: Sequence[int]) -> dict[int, Traded]:
    """Tell it of some customers, of each by their newest 400 sales; a paid one tells what is liked, each that they were
    there and that its goods are out of the cart.
    """
    found: dict[int, Traded] = {}
    for customer in customers:
        sales = Order.objects.filter(customer=customer, kind=OrderKind.SALE).order_by("-placed_at", "-pk")
        if rows := list(sales.values_list(*SALES)[:NEWEST]):
            found[customer] = _traded({row[0]: row for row in rows})
    return found


def zone() -> dt.tzinfo:
    """Give the company's zone; the reader's before there is a company."""
    found = company()
    return ZoneInfo(found.time_zone) if found else timezone.get_current_timezone()


def _traded(sales: dict[int, Sale]) -> Traded:
    told, here = Traded(orders=len(sales)), zone()
    for _pk, _customer, store, placed_at, paid_at, _currency in sales.values():
        told.summary.be_there(_micros(placed_at) // 1_000_000, f"{store}|")
        if paid_at:
            told.buying_days.add(placed_at.astimezone(here).date())
    _lines(told, sales)
    _payments(told, sales)
    told.summary.cut()
    return told


def _lines(told: Traded, sales: dict[int, Sale]) -> None:
    lines = OrderLine.objects.filter(order__in=sales).order_by()
    for order, sku, category, price, line in lines.values_list("order", "sku", "category", "unit_price", "pk"):
        _pk, _customer, store, placed_at, paid_at, currency = sales[order]
        if paid_at and (known := text(category)):
            told.summary.like("category", known, _day(placed_at), BOUGHT)
        if paid_at and price > 0:
            told.summary.like("price", band_of(to_minor(price, currency), currency), _day(placed_at), BOUGHT)
        if known := text(sku):
            told.taken.append(Act(_micros(placed_at), TAKEN, known, 0, store, "", 0, "", line))


def _payments(told: Traded, sales: dict[int, Sale]) -> None:
    methods: dict[int, set[str]] = defaultdict(set)
    rows: Iterable[tuple[int, str]] = Payment.objects.filter(order__in=sales).values_list("order", "method")
    for order, method in rows:
        methods[order].add(text(method))
    for order, known in methods.items():
        for method in known - {""}:
            told.summary.like("payment", method, _day(sales[order][3]), BOUGHT)


def _micros(instant: dt.datetime) -> int:
    return (instant - EPOCH) // MICROSECOND


def _day(instant: dt.datetime) -> int:
    return (instant - EPOCH).days
