"""What people bought, from the orders of the book: for a page of customers, for one, for a whole selection."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from guanxi.core.money import exponent
from guanxi.customers.trade import Figure, Figures
from guanxi.orders.models import Company, Order, Store
from guanxi.pages.formats import money_whole
from guanxi.pages.once import once

MOST_BUYERS = 100
SUMS: dict[str, Any] = {
    "orders": Count("*"),
    "net_minor": Sum("net_base_minor", default=0),
    "priced": Count("net_base_minor"),
}
FIGURES: dict[str, Any] = {**SUMS, "first_on": Min("placed_on"), "last_on": Max("placed_on")}
NOTHING: dict[Figure, Any] = {"net_minor": Value(0), "orders": Value(0), "last_on": Value(date(1, 1, 1))}


class OrderTrade:
    """Answers what customers ask of trade. Only orders whose money came count."""

    def figures(self, customer_ids: Sequence[int]) -> Mapping[int, Figures]:
        """Give the figures of those who bought."""
        if not customer_ids:
            return {}
        bought = Order.objects.paid().filter(customer__in=customer_ids).order_by().values("customer")
        currency = base_currency()
        return {
            row.pop("customer"): Figures(currency=currency, **row)
            for row in bought.annotate(**FIGURES).values("customer", *FIGURES)
        }

    def total(self, customers: Any) -> Figures | None:
        """Give the figures of a selection of customers, or of everyone who is known."""
        whose = Q(customer__isnull=False) if customers is None else Q(customer__in=customers.order_by().values("pk"))
        bought = Order.objects.paid().filter(whose)
        return Figures(currency=base_currency(), **bought.aggregate(**SUMS))

    def with_figure(self, customers: Any, figure: Figure) -> Any:
        """Give every customer a `figure` to be sorted by."""
        bought = Order.objects.paid().filter(customer=OuterRef("pk")).order_by().values("customer")
        told = Subquery(bought.annotate(figure=FIGURES[figure]).values("figure"))
        return customers.annotate(figure=Coalesce(told, NOTHING[figure]))

    def within(self, customers: Any, figure: Figure, least: Any, most: Any) -> Any:
        """Keep the customers one of whose figures lies between two ends."""
        if figure == "last_on":
            return _bought_last(customers, least, most)
        bought = Order.objects.paid().filter(customer__isnull=False).order_by().values("customer")
        ends = {"figure__gte": least, "figure__lte": most}
        told = bought.annotate(figure=FIGURES[figure]).filter(**{end: at for end, at in ends.items() if at is not None})
        return customers.filter(pk__in=told.values("customer"))

    def money(self, minor: int) -> str:
        """Write an amount of the company's currency."""
        return money_whole(minor, base_currency())

    def minor_units(self) -> int:
        """Say how many minor units make one of the company's currency."""
        return int(10 ** exponent(base_currency()))

    def buyers(self, number: str) -> Sequence[int]:
        """Find the customers of the orders with this number, in whichever store."""
        bought = Order.objects.numbered(number).filter(customer__isnull=False).order_by()
        return list(bought.values_list("customer", flat=True).distinct()[:MOST_BUYERS])

    def store_names(self) -> Mapping[str, str]:
        """Name every store by its code."""
        return store_names()


def _bought_last(customers: Any, first: date | None, last: date | None) -> Any:
    """Keep those who bought since a day, or by a day and not after it."""
    theirs = Order.objects.paid().filter(customer=OuterRef("pk"))
    kept = customers.filter(Exists(theirs.filter(placed_on__gte=first) if first else theirs))
    return kept.exclude(Exists(theirs.filter(placed_on__gt=last))) if last else kept


def base_currency() -> str:
    """Give the company's currency; before the first store there is no money to write."""
    found = company()
    return found.base_currency if found else "CNY"


@once
def company() -> Company | None:
    """Find the company."""
    return Company.current()


@once
def store_names() -> dict[str, str]:
    """Name every store by its code, the first one first."""
    return dict(Store.objects.order_by("pk").values_list("code", "name"))
