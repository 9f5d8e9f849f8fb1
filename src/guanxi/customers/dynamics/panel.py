"""The panel of habits on a customer's page."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.dynamics import heat, telling, trading
from guanxi.customers.dynamics.cart import Line
from guanxi.customers.dynamics.habits import SHOWN, Habits, habits
from guanxi.customers.dynamics.keeping import summaries
from guanxi.customers.dynamics.summary import Summary, Viewed
from guanxi.customers.dynamics.tastes import unit_of
from guanxi.customers.models import Customer
from guanxi.customers.own import SHELF
from guanxi.customers.trade import trade
from guanxi.pages import formats
from guanxi.shop import kinds
from guanxi.shop.fields import fields_of
from guanxi.shop.models import Kind, Subject

SEES_ORDERS = "orders.view"
THOUSAND = 1_000


@dataclass(frozen=True)
class Good:
    """A product as a line of the panel: what it is called, how many and what they cost, since when."""

    name: str
    many: str
    money: str
    at: dt.datetime


@require_GET
@needs("customers.view")
def panel(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what a person's own doing tells of their habits."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    told = summaries([customer.pk]).get(customer.pk, Summary())
    found = habits(told, trading.traded(customer.pk, request.user.may), trading.zone())
    with_orders = request.user.may(SEES_ORDERS)
    context = {
        "habits": found,
        "opening": telling.opening(found),
        "rows": telling.rows(found, dict(trade().store_names()), with_orders=with_orders) if found.known else [],
        "visits": telling.visits_words(found.visits),
        "too_few": telling.too_few_visits(found),
        "picture": heat.picture(found.heat) if found.heat else None,
        "children": _children(customer),
        **_goods(found),
    }
    return render(request, "customers/habits_panel.html", context)


def _goods(found: Habits) -> dict[str, object]:
    return {
        "cart": [_in_cart(line) for line in found.cart[:SHOWN]],
        "cart_more": max(0, len(found.cart) - SHOWN),
        "cart_worth": _worth(found.cart),
        "cart_at": _instant(found.cart[0].since) if found.cart else None,
        "viewed": [_seen(key, viewed) for key, viewed in found.viewed],
    }


def _children(customer: Customer) -> list[tuple[str, str]]:
    """Tell how old children are by fields of the shop's own; a personal one is revealed elsewhere, for a reason."""
    fields = [each for each in fields_of(Subject.CUSTOMER) if each.kind == Kind.CHILD and not each.is_personal]
    texts = SHELF.texts([customer.pk], fields).get(customer.pk, {})
    said = ((each, text) for each in fields for text in texts.get(each.pk, ()))
    return [(each.label, kinds.age(dt.date.fromisoformat(text), timezone.localdate())) for each, text in said]


def _in_cart(line: Line) -> Good:
    many = formats.decimal(line.quantity / THOUSAND, 0 if line.quantity % THOUSAND == 0 else 1)
    return Good(line.name or line.key, f"{many} ×", _money(line.minor, line.currency), _instant(line.since))


def _seen(key: str, viewed: Viewed) -> Good:
    return Good(viewed.name or key, "", _money(viewed.minor or 0, viewed.currency), _instant(viewed.at))


def _worth(cart: list[Line]) -> str:
    """Add up what lies in the cart, by currency."""
    sums: dict[str, int] = {}
    for line in cart:
        if line.minor:
            sums[line.currency] = sums.get(line.currency, 0) + line.value_minor
    return " + ".join(_money(sums[currency], currency) for currency in sorted(sums))


def _money(minor: int, currency: str) -> str:
    """Write an amount; one without a currency is in the company's."""
    if not minor:
        return ""
    return formats.money(minor, currency) if currency else trade().money(minor * trade().minor_units() // unit_of(""))


def _instant(micros: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(micros / 1_000_000, dt.UTC)
