"""What people bought, from the orders of the book: for a page of customers, for one, for a whole selection."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from guanxi.customers.trade import Figures
from guanxi.orders.models import Company, Order, Store

MOST_BUYERS = 100
SUMS: dict[str, Any] = {
    "orders": Count("*"),
    "net_minor": Sum("net_base_minor", default=0),
    "priced": Count("net_base_minor"),
}
FIGURES: dict[str, Any] = {**SUMS, "first_on": Min("placed_on"), "last_on": Max("placed_on")}


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

    def buyers(self, number: str) -> Sequence[int]:
        """Find the customers of the orders with this number, in whichever store."""
        bought = Order.objects.numbered(number).filter(customer__isnull=False).order_by()
        return list(bought.values_list("customer", flat=True).distinct()[:MOST_BUYERS])

    def store_names(self) -> Mapping[str, str]:
        """Name every store by its code."""
        return dict(Store.objects.values_list("code", "name"))


def base_currency() -> str:
    """Give the company's currency; before the first store there is no money to write."""
    company = Company.current()
    return company.base_currency if company else "CNY"
