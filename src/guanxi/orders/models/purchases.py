"""What each customer bought and paid, added up."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, ClassVar, cast

from django.db import connection, models, transaction

from guanxi.customers.models import Customer
from guanxi.orders.models.order import Order
from guanxi.warehouse.book import among
from guanxi.warehouse.models import ranges

AT_ONCE = 500
ADDED_UP = """
    insert into orders_purchases (customer_id, orders, net_minor, priced, first_on, last_on)
    select customer_id, count(*), coalesce(sum(net_base_minor), 0), count(net_base_minor),
           min(placed_on), max(placed_on)
    from orders_order
    where paid_at is not null and customer_id is not null and {which}
    group by customer_id order by customer_id
"""
MORE = """
    on conflict (customer_id) do update set
        orders = orders_purchases.orders + excluded.orders,
        net_minor = orders_purchases.net_minor + excluded.net_minor,
        priced = orders_purchases.priced + excluded.priced,
        first_on = case when excluded.first_on < orders_purchases.first_on
            then excluded.first_on else orders_purchases.first_on end,
        last_on = case when excluded.last_on > orders_purchases.last_on
            then excluded.last_on else orders_purchases.last_on end
"""
ANEW = """
    on conflict (customer_id) do update set
        orders = excluded.orders, net_minor = excluded.net_minor, priced = excluded.priced,
        first_on = excluded.first_on, last_on = excluded.last_on
"""


class PurchasesQuerySet(models.QuerySet["Purchases"]):
    """Sets of them. Whoever writes orders has them follow, in the same transaction."""

    def of(self, customer_ids: Collection[int]) -> "PurchasesQuerySet":
        """Keep those of some customers."""
        return self.filter(customer__in=customer_ids)

    def add(self, orders: Iterable[int]) -> None:
        """Have orders just inserted count."""
        for first, last in ranges(sorted(orders)):
            which, params = among("id", range(first, last + 1))
            _run(ADDED_UP.format(which=which) + MORE, params)

    @contextmanager
    def following(self, orders: Collection[int]) -> Iterator[None]:
        """Have them follow what is done to orders meanwhile, deletions and new owners included."""
        before = _owners(orders)
        yield
        self.recount(before | _owners(orders))

    def recount_of(self, orders: Collection[int]) -> None:
        """Add up anew what the owners of changed orders bought."""
        self.recount(_owners(orders))

    @transaction.atomic
    def recount(self, customer_ids: Collection[int]) -> None:
        """Add up anew what some customers bought."""
        if customer_ids:
            self._alone()
        left = iter(sorted(customer_ids))
        while some := list(islice(left, AT_ONCE)):
            which, params = among("customer_id", some)
            _run(ADDED_UP.format(which=which) + ANEW, params)
            paid = Order.objects.paid().filter(customer=models.OuterRef("pk"))
            self.of(some).filter(~models.Exists(paid)).delete()

    @transaction.atomic
    def rebuild(self) -> int:
        """Add up anew what everybody bought; gives how many that are."""
        self._alone()
        _run("delete from orders_purchases", [])
        _run(ADDED_UP.format(which="1 = 1"), [])
        return self.count()

    def _alone(self) -> None:
        """Wait for whoever adds to them: what they added up would not be seen, and lost."""
        if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
            _run("lock table orders_purchases in share row exclusive mode", [])


class Purchases(models.Model):
    """The paid orders of one customer together: by them a million customers are sorted and narrowed.

    Whoever bought nothing has none. `net_minor` is net sales in minor units of the company's base currency, of the
    `priced` orders alone: those whose currency had a rate.
    """

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True, related_name="purchases")
    orders = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()
    priced = models.PositiveIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()

    objects = PurchasesQuerySet.as_manager()

    class Meta:
        verbose_name_plural: ClassVar = "purchases"
        indexes = [
            models.Index(fields=["net_minor", "customer"], name="purchases_by_net"),
            models.Index(fields=["orders", "customer"], name="purchases_by_orders"),
            models.Index(fields=["last_on", "customer"], name="purchases_by_last"),
        ]

    def __str__(self) -> str:
        return f"{self.orders} orders of customer {self.customer_id}"


def _owners(orders: Collection[int]) -> set[int]:
    owned = Order.objects.filter(pk__in=orders, customer__isnull=False).order_by()
    return set(cast(Iterable[int], owned.values_list("customer", flat=True)))


def _run(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
