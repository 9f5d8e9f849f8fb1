"""The background work of orders."""

from django_tasks import task

from guanxi.orders.models import Purchases


@task
def settle_purchases() -> int:
    """Add up the orders that an import left behind which was killed; gives how many."""
    return Purchases.objects.settle()
