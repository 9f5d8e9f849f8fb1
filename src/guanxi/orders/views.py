"""The pages of orders, and the panels they bring to a customer's page."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import exported, listed, part
from guanxi.customers.faces import face_of
from guanxi.customers.models import Customer
from guanxi.customers.trade import Figures
from guanxi.guard.fileout import Cell
from guanxi.orders import ledger, shipping
from guanxi.orders.figures import OrderTrade
from guanxi.orders.history import days_of
from guanxi.orders.models import Order, Refund
from guanxi.orders.models.order import OrderQuerySet
from guanxi.orders.own import DESK
from guanxi.orders.reveal import recipient, revealable
from guanxi.pages import formats, moments
from guanxi.pages.components import Metric
from guanxi.pages.list_file import as_csv, as_xlsx
from guanxi.pages.listing import counted
from guanxi.shop.fields import REVEAL

LATEST = 10


@require_GET
@needs("orders.view")
def orders(request: StaffRequest) -> HttpResponse:
    """List orders, the newest first."""
    rows, table = _rows(request), ledger.table(request)
    if asked := part(request, table, rows):
        return asked
    context = listed(request, table, rows, lambda _listing: ledger.tabs(request))
    told = {
        **context,
        "entries": ledger.entries(context["listing"], request.user),
        "totals_url": f"{reverse('orders:total')}?{request.GET.urlencode()}",
        "may_import": request.user.may("imports.run"),
    }
    return render(request, "orders/list.html", told)


@require_GET
@needs("orders.view")
def total(request: StaffRequest) -> HttpResponse:
    """Sum up the whole selection, after the page is there; one too large to be counted is not summed up either."""
    chosen = ledger.table(request).narrowed(request, Order.objects.visible_to(request.user))
    large = counted(chosen) > formats.MOST_COUNTED
    return render(request, "orders/total.html", {"sums": [] if large else ledger.sums(chosen)})


@require_GET
@needs("orders.view")
def export_csv(request: StaffRequest) -> HttpResponseBase:
    """Send the selection as CSV, row by row."""
    return as_csv("orders", ledger.file_columns(request.user), _rows_of(request, "CSV"))


@require_GET
@needs("orders.view")
def export_xlsx(request: StaffRequest) -> HttpResponseBase:
    """Send the selection as a workbook."""
    return as_xlsx("orders", ledger.file_columns(request.user), _rows_of(request, "XLSX"), sheet=_("Orders"))


def _rows(request: StaffRequest) -> OrderQuerySet:
    return Order.objects.visible_to(request.user).select_related("store", "customer")


def _rows_of(request: StaffRequest, form: str) -> Iterator[tuple[Cell, ...]]:
    return ledger.file_rows(_chosen(request, form), reader=request.user)


def _chosen(request: StaffRequest, form: str) -> OrderQuerySet:
    """Read the selection for a file, and write down that it leaves."""
    table = ledger.table(request)
    exported(request, table, form)
    chosen: OrderQuerySet = table.narrowed(request, _rows(request))
    return chosen


@require_GET
@needs("orders.view")
def order(request: StaffRequest, order_id: int) -> HttpResponse:
    """Show one order: its states, lines, payments, refunds, and whose it is."""
    visible = Order.objects.visible_to(request.user).select_related("store", "customer")
    found = get_object_or_404(visible, pk=order_id)
    parcel, payments = found.parcel, list(found.payments.all())
    own = DESK.lines(request, found)
    label = recipient(parcel, request.user)
    refunds = list(Refund.objects.filter(order=found).prefetch_related("lines").order_by("refunded_at", "pk"))
    context = {
        "order": found,
        "face": face_of(found.customer, request.user) if found.customer else None,
        "lines": list(found.lines.select_related("variant")),
        "may_see_goods": request.user.may("catalog.view"),
        "payments": payments,
        "refunds": refunds,
        "days": days_of(found, payments, refunds),
        "recipient": label,
        "place": _place(found, label.get("address", "")),
        "may_reveal": bool(revealable(parcel, request.user)),
        "own": own,
        "may_reveal_own": request.user.may(REVEAL) and any(each.field.is_personal and each.value for each in own),
        "may_fill": request.user.may(DESK.may),
    }
    return render(request, "orders/order.html", context)


def _place(order: Order, address: str) -> str:
    """Say where a parcel goes, as far as it may be told: what is left of its address, or the place with it."""
    if order.province and order.province in address:
        return address
    province = "" if order.city.startswith(order.province) else order.province  # 天津 天津市 is one place
    return " ".join(filter(None, (order.country, province, order.city, address)))


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
            note=_("%(amount)s refunded") % {"amount": formats.money_whole(back, figures.currency)}
            if back
            else _("no refunds"),
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
