"""Orders in the command palette: found by their numbers, and brought back by their ids."""

from collections.abc import Mapping, Sequence
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.orders.models import Order
from guanxi.orders.models.order import OrderQuerySet
from guanxi.pages import formats, moments
from guanxi.pages.commands import Finder, Hit

SHOWN = 4


def find(request: HttpRequest, text: str) -> Sequence[Hit]:
    """Find orders by their whole number, in any store."""
    return [_hit(order) for order in _visible(request).numbered(text)[:SHOWN]]


def recall(request: HttpRequest, ids: Sequence[str]) -> Mapping[str, Hit]:
    """Bring back the orders of public ids, as far as the reader may see them."""
    keys = [Order.key_of(each) or 0 for each in ids]
    return {order.public_id: _hit(order) for order in _visible(request).filter(pk__in=keys)}


def _visible(request: HttpRequest) -> OrderQuerySet:
    return Order.objects.visible_to(cast(Staff, request.user)).select_related("store")


def _hit(order: Order) -> Hit:
    total = formats.money(order.total_minor, order.currency)
    note = " · ".join((order.store.name, moments.full_day(order.placed_on), total))
    return Hit(order.number, reverse("orders:order", args=[order.pk]), "receipt-dollar", note)


FINDER = Finder("orders", _("Orders"), find, recall, Order.PREFIX, order=20, permission="orders.view")
