"""What happened to one order, by day, newest first, on its store's clock."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from guanxi.orders.models import Order, Payment, Refund
from guanxi.pages import formats
from guanxi.pages.components import Day, Occurrence, Tone
from guanxi.shop.calendar import marks


def days_of(order: Order, payments: Sequence[Payment], refunds: Sequence[Refund]) -> list[Day]:
    """Tell an order's life from its documents."""
    told = sorted(_told(order, payments, refunds), key=lambda each: each.at)[::-1]
    named = marks(each.at.date() for each in told)
    return [Day(on, list(some), named.get(on, "")) for on, some in groupby(told, key=lambda each: each.at.date())]


def _told(order: Order, payments: Sequence[Payment], refunds: Sequence[Refund]) -> Iterator[Occurrence]:
    yield Occurrence(
        _clock(order, order.placed_at), _("Ordered at %(store)s") % {"store": order.store.name}, "shopping-bag"
    )
    yield from (_paid(order, payment) for payment in payments)
    if order.paid_at and not payments:
        yield Occurrence(
            _clock(order, order.paid_at),
            _("Paid"),
            "cash",
            Tone.MONEY,
            amount=_money(order.total_minor, order.currency),
        )
    yield from (_refunded(order, refund) for refund in refunds)


def _paid(order: Order, payment: Payment) -> Occurrence:
    sentence = _("Paid by %(method)s") % {"method": payment.method} if payment.method else _("Paid")
    amount = _money(payment.amount_minor, order.currency)
    return Occurrence(_clock(order, payment.paid_at), sentence, "cash", Tone.MONEY, amount=amount)


def _refunded(order: Order, refund: Refund) -> Occurrence:
    amount = _money(-refund.amount_minor, refund.currency)
    sentence = _("Refund %(number)s") % {"number": refund.number}
    return Occurrence(_clock(order, refund.refunded_at), sentence, "receipt-refund", cause=refund.reason, amount=amount)


def _money(minor: int, currency: str) -> str:
    return formats.money(minor, currency)


def _clock(order: Order, instant: dt.datetime) -> dt.datetime:
    """Write an instant as the store's clock showed it."""
    return instant.astimezone(order.store.zone).replace(tzinfo=None)
