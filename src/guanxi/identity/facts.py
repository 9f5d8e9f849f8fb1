"""What the lake holds of relations: pseudonymous traces and what was said of two people, without anything personal."""

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from guanxi.identity.graph.models import Relation, Trace
from guanxi.warehouse.book import among, columns
from guanxi.warehouse.registry import Feed, Table, Through

INSTANT = pa.timestamp("us")
WHOSE = Through(column="customer_id", table="profiles", on="profile_id")

TRACES = Table(
    name="traces",
    grain="one row per profile, sign and address or recipient's phone",
    key=("trace_id",),
    version_key=("trace_id",),
    through=(WHOSE,),
    schema=pa.schema(
        [
            pa.field("trace_id", pa.int64()),
            pa.field("profile_id", pa.int64()),
            pa.field("customer_id", pa.int64(), metadata={"doc": "whose parcels they were"}),
            pa.field("sign", pa.string(), metadata={"doc": "address or recipient"}),
            pa.field("place_id", pa.int64(), metadata={"doc": "equal where address or phone are; says nothing else"}),
            pa.field("times", pa.int64(), metadata={"doc": "parcels"}),
            pa.field("first_seen_at", INSTANT, metadata={"doc": "UTC"}),
            pa.field("last_seen_at", INSTANT, metadata={"doc": "UTC"}),
        ]
    ),
)

RELATIONS = Table(
    name="relations",
    grain="one row per thing said of two people by staff or a program",
    key=("relation_id",),
    version_key=("relation_id",),
    through=(WHOSE,),
    schema=pa.schema(
        [
            pa.field("relation_id", pa.int64()),
            pa.field("profile_id", pa.int64(), metadata={"doc": "who brought, gave, or one of two"}),
            pa.field("customer_id", pa.int64(), metadata={"doc": "whose profile that is"}),
            pa.field("other_profile_id", pa.int64(), metadata={"doc": "who was brought, got, or the other of two"}),
            pa.field("kind", pa.string(), metadata={"doc": "referral, household, gift or address"}),
            pa.field("is_related", pa.bool_(), metadata={"doc": "false: somebody said they are not"}),
            pa.field("is_in_force", pa.bool_(), metadata={"doc": "neither taken back nor lifted"}),
            pa.field("said_at", INSTANT, metadata={"doc": "UTC"}),
        ]
    ),
)


def load_traces(ids: Sequence[int]) -> pa.Table:
    """Read traces; of the blind index only a digest of its own goes out, which opens and finds nothing."""
    which, params = among("id", ids)
    schema = TRACES.stored
    at = schema.get_field_index("place_id")
    rows = columns(
        f"""
        select id as trace_id, profile_id, sign, digest, times, first_at as first_seen_at, last_at as last_seen_at
        from identity_trace where {which}
        """,  # noqa: S608 - `among` spells placeholders alone
        params,
        schema.set(at, pa.field("digest", pa.string())),
    )
    return rows.set_column(at, "place_id", pa.array(map(place_id, rows.column("digest").to_pylist()), pa.int64()))


def place_id(digest: str) -> int:
    """Turn a blind index into a number that is equal where it is, and leads nowhere back."""
    return int.from_bytes(hashlib.blake2b(bytes.fromhex(digest), digest_size=8).digest(), signed=True)


def load_relations(ids: Sequence[int]) -> pa.Table:
    """Read what was said of two people."""
    which, params = among("id", ids)
    return columns(
        f"""
        select id as relation_id, one_id as profile_id, other_id as other_profile_id, kind,
               case when is_related then 1 else 0 end as is_related,
               case when taken_back_at is null and lifted_by_id is null then 1 else 0 end as is_in_force, at as said_at
        from identity_relation where {which}
        """,  # noqa: S608 - as above
        params,
        RELATIONS.stored,
    )


TABLES = (TRACES, RELATIONS)
FEEDS = (
    Feed(name="traces", model=Trace, loaders={"traces": load_traces}),
    Feed(name="relations", model=Relation, loaders={"relations": load_relations}),
)
