"""The panel that says why a customer is in a class, and the page of classes and rules."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from guanxi.customers.models import Customer
from guanxi.insight.explanation import Explanation
from guanxi.insight.overview import Overview
from guanxi.pages.navigation import allowed


@require_GET
def customer_rfm(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Say why a customer is in their class, and what would change it."""
    _authorise(request, "customers.view")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    may_open = allowed(request.user, "insight.view")
    return render(request, "insight/rfm_panel.html", {"why": Explanation.of(customer), "may_open_rules": may_open})


@require_GET
def rfm(request: HttpRequest) -> HttpResponse:
    """Show the classes with what they bring, and the rules by which customers are in them."""
    _authorise(request, "insight.view")
    return render(request, "insight/rfm.html", {"overview": Overview.now()})


def _authorise(request: HttpRequest, permission: str) -> None:
    if not allowed(request.user, permission):
        raise PermissionDenied
