"""What the lake holds of people: pseudonymous golden records, which source profile is whose, and what happened."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from guanxi.core.ids import public_id
from guanxi.core.money import CURRENCIES, exponent
from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.registry import Feed, Table, Through

PLACES = pa.timestamp("us")
MOST_MINOR = 1e15

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

EVENTS = Table(
    name="events",
    grain="one row per event",
    key=("event_id",),
    version_key=("event_id",),
    month_of="occurred_at",
    sort=("name", "category", "profile_id", "occurred_at"),
    outlives=True,
    through=(Through(column="customer_id", table="profiles", on="profile_id"),),
    schema=pa.schema(
        [
            pa.field("event_id", pa.int64()),
            pa.field("name", pa.string()),
            pa.field("profile_id", pa.int64(), metadata={"doc": "null = nobody is named"}),
            pa.field("customer_id", pa.int64(), metadata={"doc": "null = a guest, or a device nobody knows"}),
            pa.field("occurred_at", PLACES, metadata={"doc": "UTC"}),
            pa.field("received_at", PLACES, metadata={"doc": "UTC"}),
            pa.field("source", pa.string()),
            pa.field("sku", pa.string()),
            pa.field("category", pa.string()),
            pa.field(
                "value_minor", pa.int64(), metadata={"doc": "minor units of `currency`; null = worth nothing said"}
            ),
            pa.field("currency", pa.string()),
            pa.field("properties", pa.string(), metadata={"sql": "json"}),
        ]
    ),
)

_TOLD = ("event_id", "profile_id", "name", "occurred_at", "source", "properties")
TIMELINE = Table(
    name="timeline",
    grain="one row per event, lying by whose it is: what pages tell of one person",
    key=("event_id",),
    version_key=("event_id",),
    month_of="occurred_at",
    sort=("profile_id", "occurred_at"),
    group_rows=10_000,
    outlives=True,
    schema=pa.schema([EVENTS.schema.field(name) for name in _TOLD]),
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


def load_events(ids: Sequence[int]) -> pa.Table:
    """Read events with what their properties say of goods and money; none of them names a person."""
    which, params = among("id", ids)
    told = {"sku": "sku", "category": "category", "currency": "currency"}
    texts = ", ".join(f"{_text(name)} as {column}" for column, name in told.items())
    numbers = ", ".join(f"{_number(name)} as {name}" for name in (*MAJOR, *MINOR, *TIMES))
    rows = columns(
        f"""
        select id as event_id, name, profile_id, occurred_at, received_at, source, {texts}, {numbers},
               {_whole()} as properties
        from customers_event where {which}
        """,  # noqa: S608 - names of our own, and placeholders
        params,
        _RAW_EVENTS,
    )
    return rows.append_column("value_minor", _worth(rows)).select(EVENTS.stored.names)


def load_timeline(ids: Sequence[int]) -> pa.Table:
    """Read events as pages tell them."""
    which, params = among("id", ids)
    return columns(
        f"""
        select id as event_id, profile_id, name, occurred_at, source, {_whole()} as properties
        from customers_event where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        TIMELINE.stored,
    )


MAJOR, MINOR, TIMES = ("value", "revenue", "total"), ("total_minor", "amount_minor"), ("price", "quantity")
_NUMBERS = [pa.field(name, pa.float64()) for name in (*MAJOR, *MINOR, *TIMES)]
_RAW_EVENTS = pa.schema([*(field for field in EVENTS.stored if field.name != "value_minor"), *_NUMBERS])


def _text(name: str) -> str:
    if connection.vendor == "postgresql":
        return f"properties->>'{name}'"
    return f"cast(json_extract(properties, '$.{name}') as text)"


def _number(name: str) -> str:
    """Read a number of the properties; anything else that stands there is none."""
    if connection.vendor == "postgresql":
        return f"case when jsonb_typeof(properties->'{name}') = 'number' then (properties->>'{name}')::float8 end"
    kind = f"json_type(properties, '$.{name}')"
    return f"case when {kind} in ('integer', 'real') then cast(json_extract(properties, '$.{name}') as real) end"


def _whole() -> str:
    return "properties::text" if connection.vendor == "postgresql" else "properties"


def _worth(rows: pa.Table) -> pa.Array:
    """Compute what each event is about in minor units: what it says so itself, else what its goods cost."""
    currencies = rows["currency"].combine_chunks()
    known = {code: 10.0 ** exponent(code) for code in pc.unique(currencies).to_pylist() if code in CURRENCIES}
    scale = pc.fill_null(
        pa.array(list(known.values()), pa.float64()).take(
            pc.index_in(currencies, pa.array(list(known), pa.string()))
        ),
        100.0,
    )  # fmt: skip
    goods = pc.multiply(rows["price"], pc.fill_null(rows["quantity"], 1.0))
    major = pc.multiply(pc.coalesce(*(rows[name] for name in MAJOR), goods), scale)
    minor = pc.coalesce(*(rows[name] for name in MINOR), major)
    sane = pc.if_else(pc.less(pc.abs(minor), MOST_MINOR), minor, None)
    return pc.round(sane).cast(pa.int64())


FEEDS = (
    Feed(name="customers", model=Customer, loaders={"customers": load_customers}),
    Feed(name="profiles", model=SourceProfile, loaders={"profiles": load_profiles}),
    Feed(name="events", model=Event, loaders={"events": load_events, "timeline": load_timeline}),
)
