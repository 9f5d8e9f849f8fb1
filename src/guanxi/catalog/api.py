"""Products in the API."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Status
from pydantic import AfterValidator, Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.wire import Asked, Page, Sent, Told, Word, id_of, key_in, page
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product, Variant
from guanxi.core.money import CURRENCIES
from guanxi.pages.paging import ByFields

router = Resource(tags=["products"])
ProductId = Annotated[str, id_of(Product.PREFIX)]
MOST_MINOR = 10**12


def _known(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(_("This is no currency. Send its code of three letters, such as CNY."))
    return code


class VariantTold(Told):
    """One buyable form of a product."""

    sku: str
    name: str
    price_minor: int | None
    currency: str


class ProductTold(Told):
    """A product with all of its variants."""

    id: ProductId
    name: str
    brand: str
    category: str | None
    variants: list[VariantTold]
    created_at: str


class ProductsAsked(Asked):
    """Which products: all, or the one of an SKU."""

    sku: str | None = Field(None, max_length=120, description="The SKU of one of its variants, exactly.")


class ProductSent(Sent):
    """A product of one variant, known by its SKU."""

    sku: Word = Field(min_length=1, max_length=120)
    name: Word = Field("", max_length=300)
    category: Word = Field("", max_length=120)
    price_minor: int | None = Field(None, strict=True, ge=0, le=MOST_MINOR)
    currency: Annotated[Word, AfterValidator(_known)] = Field("CNY", max_length=3)


@router.offers("GET /products", gettext_lazy("List products"), "products:read", {200: Page[ProductTold]})
def list_products(request: ApiRequest, asked: Query[ProductsAsked]) -> Any:
    """List products by age in the book."""
    found = Product.objects.visible_to(request.user)
    if asked.sku is not None:
        found = found.filter(variants__sku=asked.sku.replace("\0", "").encode(errors="replace").decode())
    return page(ByFields(_whole(found), ("pk",)), asked, Product.PREFIX, _drawn)


@router.offers("POST /products", gettext_lazy("Add a product"), "products:write", {201: ProductTold})
def add_product(request: ApiRequest, product: ProductSent) -> Any:
    """Add a product of one variant; one whose SKU is known already stays as it is, and is answered."""
    known, _variants, new = shelve([Good(**product.model_dump())])
    found = _whole(Product.objects.visible_to(request.user)).get(variants=known[product.sku])
    if new:
        AuditEntry.write("product.added", by=request.user, on=found, changes={"sku": (None, product.sku)})
    return Status(201, _drawn([found])[0])


@router.offers("GET /products/{product_id}", gettext_lazy("Read a product"), "products:read", {200: ProductTold})
def read_product(request: ApiRequest, product_id: ProductId) -> Any:
    """Read one product with its variants."""
    found = _whole(Product.objects.visible_to(request.user)).filter(pk=key_in(Product.PREFIX, product_id)).first()
    if found is None:
        raise Http404
    return _drawn([found])[0]


def _whole(products: Any) -> Any:
    return products.select_related("category").prefetch_related(Prefetch("variants", Variant.objects.order_by("pk")))


def _drawn(products: Sequence[Product]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.public_id,
            "name": each.name,
            "brand": each.brand,
            "category": each.category and each.category.name,
            "variants": [
                {name: getattr(variant, name) for name in ("sku", "name", "price_minor", "currency")}
                for variant in each.variants.all()
            ],
            "created_at": each.created_at.isoformat(),
        }
        for each in products
    ]
