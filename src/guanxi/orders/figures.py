"""What people bought, from the orders of the book: for a page of customers, for one, for a whole selection."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, Sum

from guanxi.core.money import exponent
from guanxi.customers.likelihood import Common
from guanxi.customers.trade import Figure, Figures
from guanxi.orders.models import Company, Order, Purchases, Store
from guanxi.orders.models.purchases import PurchasesQuerySet
from guanxi.pages.formats import MOST_COUNTED, money_whole
from guanxi.pages.listing import Found
from guanxi.pages.once import once
from guanxi.pages.paging import Among
from guanxi.pages.prepared import Mark, OneOf, Question, several

MOST_BUYERS = 100
SUMS = ("orders", "net_minor", "priced")
FIGURES = (*SUMS, "first_on", "last_on")


def follow(customers: Sequence[int]) -> None:
    """Add up anew what customers bought of whom some were merged or parted."""
    Purchases.objects.recount(customers)


class OrderTrade:
    """Answers what customers ask of trade. Only orders whose money came count."""

    def figures(self, customer_ids: Sequence[int]) -> Mapping[int, Figures]:
        """Give the figures of those who bought."""
        if not customer_ids:
            return {}
        currency = base_currency()
        return {
            customer: Figures(currency=currency, **dict(zip(FIGURES, told, strict=True)))
            for customer, *told in _FIGURES.ask(keys=several(customer_ids))
        }

    def total(self, found: Found | None) -> Figures | None:
        """Give the figures of a selection of customers, or of everyone who is known."""
        bought = Purchases.objects.all()
        if found is not None:
            bought = (
                bought.filter(Among("customer", found.keys))
                if found.keys
                else bought.of(found.rows.order_by().values("pk"))
            )
        return Figures(currency=base_currency(), **bought.aggregate(**{name: Sum(name, default=0) for name in SUMS}))

    def bought(self) -> Any:
        """Give what each customer bought."""
        return Purchases.objects.all()

    def within(self, customers: Any, figure: Figure, least: Any, most: Any) -> Any:
        """Keep the customers one of whose figures lies between two ends.

        Few are looked for by the index of the figure; of many, every page has some in whichever order it is read.
        """
        if not self.many(figure, least, most):
            return customers.filter(pk__in=_between(figure, least, most).values("customer"))
        between = Q(**_ends(f"purchases__{figure}", least, most))
        return customers.filter(Q(purchases__isnull=False), Common(between, share=0.95))

    def many(self, figure: Figure, least: Any, most: Any) -> bool:
        """Tell whether more customers lie between two ends than lists count."""
        return bool(_between(figure, least, most).order_by()[MOST_COUNTED : MOST_COUNTED + 1].exists())

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


def _figures() -> Any:
    return Purchases.objects.filter(OneOf("customer", Mark("keys"))).values_list("customer", *FIGURES)


_FIGURES = Question(_figures)


def _between(figure: Figure, least: Any, most: Any) -> PurchasesQuerySet:
    return Purchases.objects.filter(**_ends(figure, least, most))


def _ends(field: str, least: Any, most: Any) -> dict[str, Any]:
    return {f"{field}__{end}": at for end, at in {"gte": least, "lte": most}.items() if at is not None}


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
