"""What each customer bought and paid, added up."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, ClassVar, cast

from django.db import connection, models, transaction

from guanxi.customers.models import Customer
from guanxi.identity.graph.models import Untraced
from guanxi.orders.models.order import Order
from guanxi.warehouse.book import among
from guanxi.warehouse.models import ranges

AT_ONCE = 100
ADDED_UP = """
    insert into orders_purchases (customer_id, orders, net_minor, priced, first_on, last_on)
    select {whose}, count(*), coalesce(sum(net_base_minor), 0), count(net_base_minor),
           min(placed_on), max(placed_on)
    from orders_order
    where paid_at is not null and customer_id is not null and {which}
    group by {whose} order by {whose}
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


REPRICED = "update orders_purchases set net_minor = net_minor + %s, priced = priced + %s where customer_id = %s"


class PurchasesQuerySet(models.QuerySet["Purchases"]):
    """Sets of them. Whoever writes orders has them follow, in the same transaction."""

    def of(self, customer_ids: Any) -> "PurchasesQuerySet":
        """Keep those of some customers."""
        return self.filter(customer__in=customer_ids)

    def arrive(self, orders: Iterable[int]) -> None:
        """Note orders just inserted, which are added up many together: `settle`; where they went is looked at too."""
        keys = sorted(orders)
        Uncounted.objects.bulk_create(Uncounted(first_id=a, last_id=b) for a, b in ranges(keys))
        Untraced.objects.arrive("orders", keys)

    def settle(self, *, waiting: int = 1) -> int:
        """Add up the orders that arrived, where so many are waiting; gives how many they were."""
        arrived = Uncounted.objects.all()
        if arrived.waiting() < waiting:
            return 0
        done = 0
        while some := self._settle(arrived):
            done += some
        return done

    @transaction.atomic
    def _settle(self, arrived: "UncountedQuerySet") -> int:
        taken = list(arrived.select_for_update().order_by("first_id")[:AT_ONCE])
        arrived.filter(pk__in=[each.pk for each in taken]).delete()
        for first, last in _joined(taken):
            which, params = among("id", range(first, last + 1))
            _run(ADDED_UP.format(which=which, whose="customer_id") + MORE, params)
        return sum(each.orders for each in taken)

    @transaction.atomic
    def reprice(self, differences: Mapping[int, tuple[int, int]]) -> None:
        """Have other net sales count: how much more each customer's are, of how many orders more.

        Their orders were settled before they changed.
        """
        rows = [(*by, customer) for customer, by in sorted(differences.items()) if any(by)]
        with connection.cursor() as cursor:
            cursor.executemany(REPRICED, rows)

    @contextmanager
    def following(self, orders: Collection[int]) -> Iterator[None]:
        """Have them follow what is done to orders meanwhile, deletions and new owners included."""
        before = _owners(orders)
        _trace_anew(orders)
        yield
        _trace_anew(orders)
        self.recount(before | _owners(orders))

    def recount_of(self, orders: Collection[int]) -> None:
        """Add up anew what the owners of changed orders bought."""
        _trace_anew(orders)
        self.recount(_owners(orders))

    @transaction.atomic
    def recount(self, customer_ids: Collection[int]) -> None:
        """Add up anew what some customers bought."""
        if not customer_ids:
            return
        _alone()
        self.settle()
        left = iter(sorted(customer_ids))
        while some := list(islice(left, AT_ONCE)):
            which, params = among("customer_id", some)
            _run(ADDED_UP.format(which=which, whose="customer_id") + ANEW, params)
            paid = Order.objects.paid().filter(customer=models.OuterRef("pk"))
            self.of(some).filter(~models.Exists(paid)).delete()

    @transaction.atomic
    def rebuild(self) -> int:
        """Add up anew what everybody bought; gives how many that are."""
        _alone()
        Uncounted.objects.all().delete()
        _run("delete from orders_purchases", [])
        # the plus keeps SQLite from going through them by an index: all orders are read where they lie
        _run(ADDED_UP.format(which="+customer_id > 0", whose="+customer_id"), [])
        return self.count()


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


class UncountedQuerySet(models.QuerySet["Uncounted"]):
    """Sets of ranges."""

    def waiting(self) -> int:
        """Say how many orders wait."""
        added = self.aggregate(orders=models.Sum(models.F("last_id") - models.F("first_id") + 1, default=0))
        return int(added["orders"])


class Uncounted(models.Model):
    """Neighbouring orders that were inserted together and are not in the purchases of their customers yet.

    An import writes a few hundred orders a transaction. To change as many rows of purchases in each of them, and their
    indexes, would cost it a tenth of its speed.
    """

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    objects = UncountedQuerySet.as_manager()

    class Meta:
        verbose_name_plural: ClassVar = "uncounted"

    def __str__(self) -> str:
        return f"orders {self.first_id} to {self.last_id}"

    @property
    def orders(self) -> int:
        """How many they are."""
        return self.last_id - self.first_id + 1


def _joined(some: Iterable[Uncounted]) -> list[tuple[int, int]]:
    """Join ranges that follow each other; they come in order."""
    found: list[tuple[int, int]] = []
    for each in some:
        begins = found.pop()[0] if found and found[-1][1] == each.first_id - 1 else each.first_id
        found.append((begins, each.last_id))
    return found


def _owners(orders: Collection[int]) -> set[int]:
    owned = Order.objects.filter(pk__in=orders, customer__isnull=False).order_by()
    return set(cast(Iterable[int], owned.values_list("customer", flat=True)))


def _trace_anew(orders: Collection[int]) -> None:
    """Have the parcels of those looked at again whose orders change, go, or get another owner."""
    owned = Order.objects.filter(pk__in=orders, profile__isnull=False).order_by()
    Untraced.objects.arrive(Untraced.PROFILES, set(cast(Iterable[int], owned.values_list("profile", flat=True))))


def _alone() -> None:
    """Wait for whoever writes orders that would neither be seen here nor be added later."""
    if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
        _run("lock table orders_uncounted, orders_purchases in share row exclusive mode", [])


def _run(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
