"""Products, their variants, categories and costs."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler

from guanxi.accounts.models import Staff
from guanxi.catalog.spelling import SORTED_BY, sort_key, spelling_of, wanted
from guanxi.core.ids import key_of, public_id
from guanxi.core.money import CurrencyField
from guanxi.pages.spelling import KeyField
from guanxi.warehouse.models import LakeSource


class EachOf(models.Func):
    """The numbers of a JSON list, one parameter for all of them: SQLite takes 32,766 in a statement and no more."""

    template = "(select value from json_each(%(expressions)s))"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any) -> tuple[str, Any]:
        """Spell it as PostgreSQL does."""
        template = "(select value::bigint from jsonb_array_elements_text(cast(%(expressions)s as jsonb)))"
        return self.as_sql(compiler, connection, template=template, **more)


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

    def create(self, **kwargs: Any) -> "Product":
        """Add one; its name and brand bring their spellings along."""
        return super().create(**spelled(kwargs))

    def update(self, **changes: Any) -> int:
        """Change them; a name and a brand bring their spellings along."""
        return super().update(**spelled(changes))

    def among(self, ids: Iterable[int]) -> Self:
        """Keep those of these ids, however many there are."""
        return self.filter(pk__in=EachOf(models.Value(json.dumps(list(ids)))))

    def matching(self, text: str) -> Self:
        """Keep those in whose name or brand every word of the text is, or one of whose SKUs begins with it."""
        text = text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
        if not text:
            return self.none()
        found = Q(pk__in=Variant.objects.coded(text).values("product"))
        words = wanted(text)
        named = Q(*(Q(spelling__contains=word) | Q(brand_spelling__contains=word) for word in words))
        return self.filter(found | named if words else found)


class Product(models.Model):
    """A thing we sell, in one or more variants."""

    PREFIX: ClassVar = "prd"

    name = models.CharField(max_length=300)
    brand = models.CharField(max_length=120, blank=True, default="")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    created_at = models.DateTimeField(db_default=Now())
    sort_name = KeyField(max_length=SORTED_BY, blank=True, default="", db_default="", editable=False)
    spelling = models.TextField(blank=True, default="", db_default="", editable=False)
    brand_spelling = models.TextField(blank=True, default="", db_default="", editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("sort_name", "id", name="product_by_sound"),
            models.Index("brand", name="product_by_brand"),
            models.Index(fields=["-created_at", "-id"], name="product_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id others see, such as `prd_9WDVSQ5ZMMZ0N`."""
        return public_id(self.PREFIX, self.pk)

    @classmethod
    def key_of(cls, word: str) -> int | None:
        """Read a public id; None where it is none of a product."""
        return key_of(cls.PREFIX, word)

    @property
    def kind(self) -> str:
        """What it is beside its name: brand and category, as far as they are known."""
        return " · ".join(each for each in (self.brand, self.category.name if self.category else "") if each)


class VariantQuerySet(models.QuerySet["Variant"]):
    """Sets of variants."""

    def coded(self, text: str) -> Self:
        """Keep those whose SKU begins with a text as it is typed, in capitals or in small letters."""
        written = {text, text.upper(), text.lower()}
        return self.filter(Q(*(Q(sku__startswith=each) for each in written), _connector=Q.OR))


class Variant(LakeSource):
    """One buyable form of a product, known by its SKU in every store."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=300, blank=True, default="")
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = CurrencyField(blank=True, default="", db_default="")

    objects = VariantQuerySet.as_manager()

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


def spellings_of(name: str, brand: str) -> dict[str, str]:
    """Spell a product's name and brand, by the columns they stand in."""
    return {**_of_name(name), **_of_brand(brand)}


def spelled(changes: dict[str, Any]) -> dict[str, Any]:
    """Add its spellings to a name and to a brand that are written."""
    name, brand = changes.get("name"), changes.get("brand")
    made = _of_name(name) if isinstance(name, str) else {}
    return changes | made | (_of_brand(brand) if isinstance(brand, str) else {})


def _of_name(name: str) -> dict[str, str]:
    return {"sort_name": sort_key(name), "spelling": spelling_of(name)}


def _of_brand(brand: str) -> dict[str, str]:
    return {"brand_spelling": spelling_of(brand)}
