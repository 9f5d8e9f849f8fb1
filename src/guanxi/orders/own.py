"""The shop's own fields of orders: where their values stand, and where staff fill them in."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.orders.models import Order, OrderValue
from guanxi.shop.fields import Shelf
from guanxi.shop.in_place import Desk
from guanxi.shop.models import Subject

SHELF = Shelf(Subject.ORDER, OrderValue, "order")
DESK = Desk(SHELF, "orders:own-field", "orders:own-field-undo", "orders:order", may="orders.change")


@require_http_methods(["GET", "POST"])
@needs("orders.change")
def own_field(request: StaffRequest, order_id: int, own: str) -> HttpResponse:
    """Show one field of the shop's own, ask for it, or write it."""
    return DESK.answer(request, _order(request, order_id), own)


@require_POST
@needs("orders.change")
def own_field_undo(request: StaffRequest, order_id: int) -> HttpResponse:
    """Give the field that was written last its former value."""
    return DESK.put_back(request, _order(request, order_id))


def _order(request: StaffRequest, order_id: int) -> Order:
    return get_object_or_404(Order.objects.visible_to(request.user), pk=order_id)
