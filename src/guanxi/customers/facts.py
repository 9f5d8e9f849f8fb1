"""What the lake holds of people: pseudonymous golden records, and which source profile is whose."""

from collections.abc import Sequence

import pyarrow as pa

from guanxi.core.ids import public_id
from guanxi.customers.models import Customer, SourceProfile
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.registry import Feed, Table

PLACES = pa.timestamp("us")

CUSTOMERS = Table(
    name="customers",
    grain="one row per golden record",
    key=("customer_id",),
    version_key=("customer_id",),
    schema=pa.schema(
        [
            pa.field("customer_id", pa.int64()),
            pa.field("public_id", pa.string(), metadata={"doc": "the id others see"}),
            pa.field("created_at", PLACES, metadata={"doc": "UTC; when a source first saw them"}),
            pa.field("first_source", pa.string()),
            pa.field("province", pa.string()),
            pa.field("city", pa.string()),
            pa.field("country", pa.string()),
            pa.field("gender", pa.string()),
            pa.field("birthday", pa.date32()),
            pa.field("is_erased", pa.bool_()),
        ]
    ),
)

PROFILES = Table(
    name="profiles",
    grain="one row per source profile",
    key=("profile_id",),
    version_key=("profile_id",),
    schema=pa.schema(
        [
            pa.field("profile_id", pa.int64()),
            pa.field("customer_id", pa.int64(), metadata={"doc": "null for a device nobody knows"}),
            pa.field("source", pa.string()),
            pa.field("store", pa.string()),
            pa.field("first_seen_at", PLACES, metadata={"doc": "UTC"}),
        ]
    ),
)


def load_customers(ids: Sequence[int]) -> pa.Table:
    """Read golden records, without anything that names a person."""
    which, params = among("id", ids)
    schema = CUSTOMERS.stored
    rows = columns(
        f"""
        select id as customer_id, created_at, first_source, province, city, country, gender, birthday,
               case when erased_at is null then 0 else 1 end as is_erased
        from customers_customer where {which} and survivor_id is null
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        schema.remove(schema.get_field_index("public_id")),
    )
    words = [public_id(Customer.PREFIX, key) for key in rows.column("customer_id").to_pylist()]
    return rows.add_column(1, "public_id", pa.array(words, pa.string()))


def load_profiles(ids: Sequence[int]) -> pa.Table:
    """Read source profiles, without the source's key for the person."""
    which, params = among("id", ids)
    return columns(
        f"""
        select id as profile_id, customer_id, source, store, first_seen_at
        from customers_sourceprofile where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        PROFILES.stored,
    )


FEEDS = (
    Feed(name="customers", model=Customer, loaders={"customers": load_customers}),
    Feed(name="profiles", model=SourceProfile, loaders={"profiles": load_profiles}),
)
