"""Products, their variants, categories and costs."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Now

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id
from guanxi.core.money import CurrencyField
from guanxi.warehouse.models import LakeSource


class Category(models.Model):
    """A shelf of the shop, inside another one or at the top."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint("parent", "name", name="category_once_per_parent"),
            models.UniqueConstraint("name", condition=models.Q(parent=None), name="category_once_at_top"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    """Sets of products."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: every product where the role allows it, else none."""
        return self if isinstance(user, Staff) and user.may("catalog.view") else self.none()


class Product(models.Model):
    """A thing we sell, in one or more variants."""

    PREFIX: ClassVar = "prd"

    name = models.CharField(max_length=300)
    brand = models.CharField(max_length=120, blank=True, default="")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    created_at = models.DateTimeField(db_default=Now())

    objects = ProductQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id others see, such as `prd_9WDVSQ5ZMMZ0N`."""
        return public_id(self.PREFIX, self.pk)


class Variant(LakeSource):
    """One buyable form of a product, known by its SKU in every store."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=300, blank=True, default="")
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = CurrencyField(blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.sku} {self.name}".strip()


class VariantCostQuerySet(models.QuerySet["VariantCost"]):
    """Sets of costs."""

    def on(self, day: date) -> Self:
        """Keep those valid on or before a day, newest first."""
        return self.filter(valid_from__lte=day).order_by("-valid_from")


class VariantCost(models.Model):
    """What a variant costs us from a day on."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="costs")
    cost_minor = models.BigIntegerField()
    currency = CurrencyField()
    valid_from = models.DateField()

    objects = VariantCostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("variant", "valid_from", name="variant_cost_once_a_day")]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.cost_minor} {self.currency}"
