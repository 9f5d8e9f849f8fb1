"""The pages of orders, and the panels they bring to a customer's page."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.faces import face_of, faces_of
from guanxi.customers.models import Customer
from guanxi.customers.trade import Figures
from guanxi.guard.masking import mask_address, mask_name, mask_phone
from guanxi.orders import shipping
from guanxi.orders.figures import OrderTrade
from guanxi.orders.history import days_of
from guanxi.orders.models import FulfilmentState, Order, PaymentState, Refund, ReturnState
from guanxi.pages import formats, moments
from guanxi.pages.components import Metric, Tab
from guanxi.pages.listing import Column, Filter, Table

LATEST = 10
PAYMENTS = dict(PaymentState.choices)
PLACED = {
    "7": gettext_lazy("last 7 days"),
    "30": gettext_lazy("last 30 days"),
    "90": gettext_lazy("last 90 days"),
    "365": gettext_lazy("last 12 months"),
}


def _placed_within(rows: Any, days: str) -> Any:
    """Keep orders of the last so many days."""
    return rows.filter(placed_at__gte=timezone.now() - timedelta(days=int(days)))


ORDERS = Table(
    columns=(
        Column("number", gettext_lazy("Order")),
        Column("customer", gettext_lazy("Customer")),
        Column("store", gettext_lazy("Store")),
        Column("placed", gettext_lazy("Placed"), order_by="placed_at", falls=True),
        Column("payment", gettext_lazy("Payment")),
        Column("fulfilment", gettext_lazy("Fulfilment")),
        Column("refunded", gettext_lazy("Refunded"), numeric=True),
        Column("total", gettext_lazy("Total"), numeric=True),
    ),
    sort="-placed",
    search=lambda rows, query: rows.numbered(query),
    filters=(
        Filter("payment", gettext_lazy("Payment"), PAYMENTS, lambda rows, value: rows.filter(payment_state=value)),
        Filter(
            "fulfilment",
            gettext_lazy("Fulfilment"),
            dict(FulfilmentState.choices),
            lambda rows, value: rows.filter(fulfilment_state=value),
        ),
        Filter(
            "return",
            gettext_lazy("Return"),
            dict(ReturnState.choices),
            lambda rows, value: rows.filter(return_state=value),
        ),
        Filter("placed", gettext_lazy("Placed"), PLACED, _placed_within),
    ),
)


@require_GET
@needs("orders.view")
def orders(request: StaffRequest) -> HttpResponse:
    """List orders, the newest first."""
    rows = Order.objects.visible_to(request.user).select_related("store", "customer")
    listing = _table(request).page(request, rows)
    faces = faces_of([order.customer for order in listing.rows if order.customer])
    context = {
        "listing": listing,
        "entries": [(order, faces.get(order.customer_id or 0)) for order in listing.rows],
        "tabs": _tabs(request),
        "may_import": request.user.may("imports.run"),
    }
    return render(request, "orders/list.html", context)


@require_GET
@needs("orders.view")
def order(request: StaffRequest, order_id: int) -> HttpResponse:
    """Show one order: its states, lines, payments, refunds, and whose it is."""
    visible = Order.objects.visible_to(request.user).select_related("store", "customer")
    found = get_object_or_404(visible, pk=order_id)
    parcel, payments = found.parcel, list(found.payments.all())
    refunds = list(Refund.objects.filter(order=found).prefetch_related("lines").order_by("refunded_at", "pk"))
    context = {
        "order": found,
        "face": face_of(found.customer) if found.customer else None,
        "lines": list(found.lines.select_related("variant")),
        "may_see_goods": request.user.may("catalog.view"),
        "payments": payments,
        "refunds": refunds,
        "days": days_of(found, payments, refunds),
        "recipient": {
            "name": mask_name(parcel.get("recipient_name")),
            "phone": mask_phone(parcel.get("recipient_phone")),
            "address": mask_address(parcel.get("address")),
        },
    }
    return render(request, "orders/order.html", context)


@require_GET
@needs("orders.view")
def customer_figures(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Sum up what one customer bought."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    figures = OrderTrade().figures([customer.pk]).get(customer.pk)
    metrics = _metrics(customer, figures) if figures else []
    return render(request, "orders/figures_panel.html", {"metrics": metrics, "customer": customer})


@require_GET
@needs("orders.view")
def customer_orders(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show the latest orders of one customer."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    mine = Order.objects.visible_to(request.user).filter(customer=customer)
    context = {
        "customer": customer,
        "orders": mine.select_related("store").newest_first()[:LATEST],
        "count": mine.count(),
    }
    return render(request, "orders/orders_panel.html", context)


def _metrics(customer: Customer, figures: Figures) -> list[Metric]:
    """Draw the figures of one customer."""
    refunds = Refund.objects.filter(customer=customer, currency=figures.currency)
    back = refunds.aggregate(minor=Sum("amount_minor", default=0))["minor"]
    average = figures.average_minor
    first, last = figures.first_on, figures.last_on
    return [
        Metric(
            _("Net spend"),
            formats.money_large(figures.net_minor, figures.currency),
            note=_("%(amount)s went back") % {"amount": formats.money_whole(back, figures.currency)}
            if back
            else _("nothing went back"),
        ),
        Metric(
            _("Orders"),
            formats.count(figures.orders),
            note=_("since %(day)s") % {"day": moments.day(first)} if first else "",
            href=f"{reverse('orders:list')}?customer={customer.public_id}",
        ),
        Metric(
            _("Average order value"),
            formats.money_whole(average, figures.currency) if average is not None else formats.missing(applies=False),
            note=_("net, per paid order"),
        ),
        Metric(_("Last order"), moments.day(last) if last else "", note=_since(last)),
    ]


@require_GET
@needs("orders.view")
def home_unshipped(request: StaffRequest) -> HttpResponse:
    """List the paid orders that wait longest to be shipped."""
    waiting = list(shipping.late(request.user).select_related("store")[: shipping.SHOWN])
    told = {"orders": waiting, "anything": bool(waiting) or Order.objects.visible_to(request.user).exists()}
    return render(request, "orders/home_unshipped.html", told)


def _since(day: date | None) -> str:
    """Say how many days ago a day was."""
    if day is None:
        return ""
    days = (timezone.localdate() - day).days
    return moments.ago(day) if days < 1 else ngettext(
        "%(count)s day ago", "%(count)s days ago", days
    ) % {"count": formats.count(days)}  # fmt: skip


def _table(request: StaffRequest) -> Table:
    """Declare the list, with the one customer as a filter whom the address names."""
    word = request.GET.get("customer", "")
    customer = Customer.objects.visible_to(request.user).filter(pk=Customer.key_of(word) or 0).first() if word else None
    if customer is None:
        return ORDERS
    key, name = customer.pk, face_of(customer).name
    theirs = Filter("customer", _("Customer"), {word: name}, lambda rows, _value: rows.filter(customer=key))
    return replace(ORDERS, filters=(*ORDERS.filters, theirs))


def _tabs(request: HttpRequest) -> list[Tab]:
    """Draw the states of payment as views of the list."""
    chosen = request.GET.get("payment", "")
    choices: list[tuple[str, Any]] = [("", pgettext("all of a list", "All")), *PaymentState.choices]
    return [
        Tab(title, _address(request, value), active=value == (chosen if chosen in PAYMENTS else ""))
        for value, title in choices
    ]


def _address(request: HttpRequest, payment: str) -> str:
    """Write the address with another state of payment."""
    query = request.GET.copy()
    for name in ("payment", "page"):
        query.pop(name, None)
    if payment:
        query["payment"] = payment
    return "?" + query.urlencode()
