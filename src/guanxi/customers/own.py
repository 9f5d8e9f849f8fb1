"""The shop's own fields of customers: where their values stand, and where staff fill them in."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.models import Customer, CustomerValue
from guanxi.shop.fields import Shelf
from guanxi.shop.in_place import Desk
from guanxi.shop.models import Subject

SHELF = Shelf(Subject.CUSTOMER, CustomerValue, "customer")
DESK = Desk(SHELF, "customers:own-field", "customers:own-field-undo", "customers:customer", may="customers.change")


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def own_field(request: StaffRequest, customer_id: int, own: str) -> HttpResponse:
    """Show one field of the shop's own, ask for it, or write it."""
    return DESK.answer(request, _customer(request, customer_id), own)


@require_POST
@needs("customers.change")
def own_field_undo(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Give the field that was written last its former value."""
    return DESK.put_back(request, _customer(request, customer_id))


def _customer(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
