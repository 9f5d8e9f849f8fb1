"""A refund or cancellation document, and its lines."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from guanxi.accounts.models import Staff
from guanxi.core.money import CurrencyField, FixedPointField
from guanxi.customers.models import CustomerFact
from guanxi.orders.models.order import Order
from guanxi.orders.models.store import Store
from guanxi.warehouse.models import LakeSource


class RefundQuerySet(models.QuerySet["Refund"]):
    """Sets of refunds."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: every refund where the role allows it, else none."""
        return self if isinstance(user, Staff) and user.may("orders.view") else self.none()

    def orphaned(self) -> Self:
        """Keep those whose original order was not found."""
        return self.filter(order=None)


class Refund(CustomerFact, LakeSource):
    """Money that went back, with the order it belongs to where that was found. `amount_minor` is what we gave back."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="refunds", db_index=False)
    number = models.CharField(max_length=72)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="refunds")
    refunded_at = models.DateTimeField()
    refunded_on = models.DateField()
    currency = CurrencyField()
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True, default="")
    source = models.CharField(max_length=40)
    import_id = models.BigIntegerField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()
    exported_fields: ClassVar = ("number", "refunded_at", "amount_minor", "currency", "reason")

    class Meta(LakeSource.Meta):
        constraints = [models.UniqueConstraint("store", "number", name="refund_once_per_store")]
        indexes = [*LakeSource.Meta.indexes, *CustomerFact.Meta.indexes]

    def __str__(self) -> str:
        return self.number


class RefundLine(models.Model):
    """One line of a refund; the quantity is negative where goods come back, as documents write it."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField()
    sku = models.CharField(max_length=120, blank=True, default="")
    product_name = models.CharField(max_length=300, blank=True, default="")
    quantity = FixedPointField()
    unit_price = FixedPointField()
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["line_number"]
        constraints = [models.UniqueConstraint("refund", "line_number", name="refund_line_once")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"
