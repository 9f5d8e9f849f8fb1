"""An order, its lines and its payments."""

import json
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Variant
from guanxi.core.ids import key_of, public_id
from guanxi.core.money import CurrencyField, FixedPointField
from guanxi.customers.likelihood import Common
from guanxi.customers.models import Customer, CustomerFact
from guanxi.guard.sealing import context, unseal
from guanxi.orders.models.store import Store
from guanxi.warehouse.models import LakeSource


class OrderKind(models.TextChoices):
    """What a numbered document is."""

    SALE = "sale", _("Sale")
    ADJUSTMENT = "adjustment", _("Adjustment")


class PaymentState(models.TextChoices):
    """Whether the money has come, and stayed."""

    UNPAID = "unpaid", _("Unpaid")
    PAID = "paid", _("Paid")
    PART_REFUNDED = "part_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class FulfilmentState(models.TextChoices):
    """Where the goods are."""

    HELD = "held", _("Held")
    UNFULFILLED = "unfulfilled", _("Unfulfilled")
    PART = "part", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")


class ReturnState(models.TextChoices):
    """Whether goods come back."""

    NONE = "none", _("No return")
    REQUESTED = "requested", _("Return requested")
    PART = "part", _("Partly returned")
    RETURNED = "returned", _("Returned")


class OrderState(models.TextChoices):
    """Whether anything is left to do."""

    OPEN = "open", _("Open")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


STATES: dict[str, type[models.TextChoices]] = {
    "payment_state": PaymentState,
    "fulfilment_state": FulfilmentState,
    "return_state": ReturnState,
}
# Spelled out in the query: SQLite uses a partial index only where the value of its condition is no parameter.
OPEN = models.Func(template=f"'{OrderState.OPEN.value}'", output_field=models.CharField())


class OrderQuerySet(models.QuerySet["Order"]):
    """Sets of orders."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: every order where the role allows it, else none."""
        return self if isinstance(user, Staff) and user.may("orders.view") else self.none()

    def numbered(self, text: str) -> Self:
        """Keep those with this number in any store, or with this public id."""
        spellings = {text, text.upper(), text.lower()}
        key = Order.key_of(text)
        return self.filter(pk=key) if key else self.filter(store__in=Store.objects.values("pk"), number__in=spellings)

    def in_state(self, name: str, state: str) -> Self:
        """Keep those in a state of payment, fulfilment or return, by the name of its column.

        Every value of the others is spelled out, for only so can the one index of all three be entered anywhere.
        """
        others = {each: known.values for each, known in STATES.items() if each != name}
        spelled_out = (Common(models.Q(**{f"{each}__in": values}), share=0.95) for each, values in others.items())
        return self.filter(Common(models.Q(**{name: state}), share=0.1), *spelled_out)

    def paid(self) -> Self:
        """Keep those whose money has come."""
        return self.filter(paid_at__isnull=False)

    def unshipped_since(self, instant: datetime) -> Self:
        """Keep open orders whose money came before `instant` and whose goods have not all left."""
        left = [FulfilmentState.UNFULFILLED, FulfilmentState.PART]
        waiting = self.filter(order_state=OPEN, paid_at__lt=instant, fulfilment_state__in=left)
        return waiting.exclude(payment_state=PaymentState.REFUNDED)

    def placed_between(self, start: datetime, end: datetime) -> Self:
        """Keep those placed from `start` on and before `end`."""
        return self.filter(placed_at__gte=start, placed_at__lt=end)

    def newest_first(self) -> Self:
        """Order as lists show them."""
        return self.order_by("-placed_at", "-id")


class Order(CustomerFact, LakeSource):
    """One order of one store, known by the store's own number.

    Amounts are minor units of `currency`. Net sales are goods after discounts, minus refunds, once paid; an
    adjustment (a bad debt, say) has none. `import_id` names the import that wrote it last and is empty once a person
    changed it.
    """

    PREFIX: ClassVar = "ord"

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False)
    store = models.ForeignKey(Store, models.PROTECT, related_name="orders", db_index=False)
    number = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=OrderKind, default=OrderKind.SALE)
    placed_at = models.DateTimeField()
    placed_on = models.DateField()
    paid_at = models.DateTimeField(null=True, blank=True)
    payment_state = models.CharField(max_length=14, choices=PaymentState, default=PaymentState.UNPAID)
    fulfilment_state = models.CharField(max_length=12, choices=FulfilmentState, default=FulfilmentState.UNFULFILLED)
    return_state = models.CharField(max_length=10, choices=ReturnState, default=ReturnState.NONE, db_default="none")
    order_state = models.CharField(max_length=10, choices=OrderState, default=OrderState.OPEN)
    platform_state = models.CharField(max_length=60, blank=True, default="")
    currency = CurrencyField()
    goods_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    net_base_minor = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=40)
    province = models.CharField(max_length=100, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=100, blank=True, default="")
    recipient = models.BinaryField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OrderQuerySet.as_manager()
    exported_fields: ClassVar = ("number", "placed_at", "paid_at", "total_minor", "currency", "recipient")
    erased_fields: ClassVar = ("recipient",)

    class Meta(LakeSource.Meta):
        constraints = [models.UniqueConstraint("store", "number", name="order_once_per_store")]
        indexes = [
            *LakeSource.Meta.indexes,
            *CustomerFact.Meta.indexes,
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=[*STATES, "-placed_at", "-id"], name="order_by_states"),
            models.Index(fields=["paid_at"], condition=models.Q(order_state="open"), name="order_open_by_payment"),
            models.Index(fields=["customer", "-placed_at", "-id", *STATES], name="order_of_customer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def public_id(self) -> str:
        """The id others see, such as `ord_9WDVSQ5ZMMZ0N`."""
        return public_id(self.PREFIX, self.pk)

    @classmethod
    def key_of(cls, word: str) -> int | None:
        """Read a public id back; None where it is none of ours."""
        return key_of(cls.PREFIX, word)

    @classmethod
    def place(cls, store_code: str, number: str) -> str:
        """Name the place where an order's sealed recipient stands."""
        return context("orders_order", f"{store_code}/{number}", "recipient")

    @property
    def person_key(self) -> int | None:
        """Whose key seals what append-only records say of this order; a guest's has none."""
        return self.customer_id

    @property
    def parcel(self) -> dict[str, str]:
        """Who the parcel goes to (`recipient_name`, `recipient_phone`, `address`); show it only masked."""
        if not self.recipient:
            return {}
        told: dict[str, str] = json.loads(unseal(self.recipient, self.place(self.store.code, self.number)))
        return told

    @property
    def is_paid(self) -> bool:
        """Whether the money has come, even if it went back later."""
        return self.paid_at is not None


class OrderLine(models.Model):
    """One line of an order: so many of a good at a price, as the store wrote it."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField()
    key = models.CharField(max_length=64, blank=True, default="", db_default="")
    sku = models.CharField(max_length=120, blank=True, default="")
    product_name = models.CharField(max_length=300, blank=True, default="")
    category = models.CharField(max_length=120, blank=True, default="", db_default="")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="lines", db_index=False)
    quantity = FixedPointField()
    unit_price = FixedPointField()
    amount_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["line_number"]
        constraints = [models.UniqueConstraint("order", "line_number", name="order_line_once")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class Payment(models.Model):
    """Money that came for an order, by one method."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="payments", db_index=False)
    sequence = models.PositiveIntegerField(default=1)
    method = models.CharField(max_length=40, blank=True, default="")
    amount_minor = models.BigIntegerField()
    paid_at = models.DateTimeField()

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint("order", "sequence", name="payment_once")]

    def __str__(self) -> str:
        return f"{self.method} {self.amount_minor}"
