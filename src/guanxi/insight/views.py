"""The panel that says why a customer is in a class, the page of classes and rules, and the cards of the home page."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.catalog.models import Product
from guanxi.customers.models import Customer
from guanxi.insight.away import SHOWN, who_stays_away
from guanxi.insight.daily import overdue
from guanxi.insight.explanation import Explanation
from guanxi.insight.models import GoodsRun, ShopRun
from guanxi.insight.moving import Moving
from guanxi.insight.overview import Overview
from guanxi.insight.sales import SalesByDay
from guanxi.insight.selling import Buyers, History, Pair, Prices
from guanxi.insight.span import Span
from guanxi.insight.trading import Trade
from guanxi.orders.figures import base_currency
from guanxi.pages.navigation import allowed
from guanxi.pages.period import Period


@require_GET
@needs("catalog.view")
def product_sales(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show what a product sold over the chosen days."""
    history = History.of(_product(request, product_id), Period.of(request))
    return render(request, "insight/product_sales_panel.html", {"history": history})


@require_GET
@needs("catalog.view")
def product_prices(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show at which price a product went, month by month, and what it cost us."""
    prices = Prices.of(_product(request, product_id), Period.of(request).end)
    return render(request, "insight/product_prices_panel.html", {"prices": prices})


@require_GET
@needs("catalog.view")
def product_together(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show what lies in the same orders as a product more often than by chance."""
    pairs = Pair.all_of(_product(request, product_id))
    return render(request, "insight/product_together_panel.html", {"pairs": pairs, "run": GoodsRun.latest()})


@require_GET
@needs("catalog.view")
def product_buyers(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show who buys a product most often."""
    found = Buyers.of(_product(request, product_id), request.user)
    return render(request, "insight/product_buyers_panel.html", {"found": found})


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


@require_GET
@needs("insight.view")
def home_sales(request: StaffRequest) -> HttpResponse:
    """Show net sales by day beside last year's."""
    run = ShopRun.latest()
    sales = SalesByDay(Trade.read(Span.asked(request, run)), base_currency()) if run else None
    return render(request, "insight/home_sales.html", {"sales": sales, "overdue": run and overdue(run)})


@require_GET
@needs("insight.view")
def home_moving(request: StaffRequest) -> HttpResponse:
    """Show where customers stand and which way they go."""
    run = ShopRun.latest()
    told = {"moving": Moving(run) if run else None, "overdue": run and overdue(run)}
    return render(request, "insight/home_moving.html", told)


@require_GET
@needs("customers.view")
def cooling(request: StaffRequest) -> HttpResponse:
    """List the high-value customers who stay away."""
    run, rows = ShopRun.latest(), who_stays_away(request.user)
    told = {"rows": rows, "run": run, "currency": base_currency(), "cut": len(rows) == SHOWN}
    return render(request, "insight/cooling.html", told)


def _authorise(request: HttpRequest, permission: str) -> None:
    if not allowed(request.user, permission):
        raise PermissionDenied


def _product(request: StaffRequest, product_id: int) -> Product:
    return get_object_or_404(Product.objects.visible_to(request.user).prefetch_related("variants"), pk=product_id)
