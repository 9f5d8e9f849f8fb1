"""What the lake holds of goods."""

from collections.abc import Sequence

import pyarrow as pa

from guanxi.catalog.models import Variant
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.registry import Feed, Table

PRODUCTS = Table(
    name="products",
    grain="one row per variant",
    key=("sku",),
    version_key=("variant_id",),
    schema=pa.schema(
        [
            pa.field("sku", pa.string()),
            pa.field("name", pa.string()),
            pa.field("category", pa.string()),
            pa.field("brand", pa.string()),
            pa.field("price_minor", pa.int64(), metadata={"doc": "minor units of the variant's currency"}),
            pa.field("cost_minor", pa.int64(), metadata={"doc": "the newest cost; null where none is known"}),
            pa.field("variant_id", pa.int64()),
            pa.field("currency", pa.string()),
            pa.field("product_id", pa.int64(), metadata={"doc": "variants of one product share it"}),
        ]
    ),
)


def load_products(ids: Sequence[int]) -> pa.Table:
    """Read variants with their product, category and newest cost."""
    which, params = among("v.id", ids)
    return columns(
        f"""
        select v.sku as sku, case when v.name = '' then p.name else v.name end as name,
               coalesce(c.name, '') as category, p.brand as brand, v.price_minor as price_minor,
               (select cost_minor from catalog_variantcost k where k.variant_id = v.id
                order by valid_from desc limit 1) as cost_minor,
               v.id as variant_id, v.currency as currency, v.product_id as product_id
        from catalog_variant v
        join catalog_product p on p.id = v.product_id
        left join catalog_category c on c.id = p.category_id
        where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        PRODUCTS.stored,
    )


FEEDS = (Feed(name="variants", model=Variant, loaders={"products": load_products}),)
