"""The people around some customers, read from the book: what they share with whom, bounded however many share it."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import connection

from guanxi.customers.models import Identifier
from guanxi.identity.graph.edges import Bearing, Edge, Said, edges_of
from guanxi.identity.graph.models import Relation, Trace
from guanxi.identity.rules import Rules, in_force

MOST_SIGNS = 60  # of each customer asked about, the newest
MOST_COUNTED = 1_000
OWN = (Identifier.Kind.PHONE, Identifier.Kind.DEVICE)
EACH = {"sqlite": "json_each(%s)", "postgresql": "json_array_elements_text(%s::json)"}
SHARERS = """
    select d.value, (
        select count(*) from (
            select distinct customer_id from (
                select p.customer_id from identity_trace t
                join customers_sourceprofile p on p.id = t.profile_id
                where t.digest = d.value and p.customer_id is not null
                union all
                select p.customer_id from customers_identifier i
                join customers_sourceprofile p on p.id = i.profile_id
                where i.digest = d.value and i.ends_on is null and p.customer_id is not null
            ) bearing limit %s
        ) counted
    ) from {each} d
"""


@dataclass(frozen=True)
class Shared:
    """A sign of theirs that too many bear to relate anybody: its role, and how many people, a thousand at most."""

    role: str
    people: int

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.people > MOST_COUNTED


@dataclass(frozen=True)
class Around:
    """Whom some customers are related to, and which of their signs relate nobody."""

    edges: list[Edge] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    limit: int = 0

    def people(self, center: int) -> list[int]:
        """Give the neighbours of one customer, the surest relations first."""
        return list(dict.fromkeys(edge.beyond(center) for edge in self.edges if center in edge.ends))


def around(customers: Collection[int], *, rules: Rules | None = None) -> Around:
    """Find the edges of some customers, in as many queries for one as for thirty."""
    rules = rules or in_force()
    mine = set(customers)
    own = {digest: role for digest, role in _own(mine) if digest not in rules.joining.blocked}
    counts = _sharers(own)
    near = [digest for digest, count in counts.items() if 1 < count <= rules.shared]
    shared = [Shared(own[digest], count) for digest, count in counts.items() if count > rules.shared]
    edges = edges_of(_bearings(near), _said(mine), around=mine, limit=rules.shared)
    return Around(edges, sorted(shared, key=lambda each: (-each.people, each.role)), rules.shared)


def _own(customers: Collection[int]) -> Iterable[tuple[str, str]]:
    most = MOST_SIGNS * len(customers)
    traces = Trace.objects.filter(profile__customer__in=customers).order_by("-last_at", "-pk")
    yield from traces.values_list("digest", "sign")[:most]
    rows = Identifier.objects.filter(profile__customer__in=customers, kind__in=OWN, ends_on=None).order_by("-pk")
    yield from rows.values_list("digest", "kind")[:most]


def _sharers(digests: Iterable[str]) -> dict[str, int]:
    """Count who bears each of some signs, no further than a thousand."""
    asked = list(digests)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SHARERS.format(each=EACH[connection.vendor]), [MOST_COUNTED + 1, json.dumps(asked)])
        return dict(cursor.fetchall())


def _bearings(digests: Collection[str]) -> list[Bearing]:
    traces = Trace.objects.filter(digest__in=digests, profile__customer__isnull=False)
    told = traces.values_list("profile__customer", "sign", "digest", "times", "first_at", "last_at")
    rows = Identifier.objects.filter(digest__in=digests, kind__in=OWN, ends_on=None, profile__customer__isnull=False)
    own = rows.values_list("profile__customer", "kind", "digest", "profile__first_seen_at")
    return [
        *(Bearing(*row) for row in told),
        *(Bearing(customer, kind, digest, 0, since, None) for customer, kind, digest, since in own),
    ]


def _said(customers: Collection[int]) -> list[Said]:
    rows = Relation.objects.in_force().of(customers).order_by("pk")
    columns = ("kind", "one__customer", "other__customer", "is_related", "at", "source", "by__display_name")
    told = rows.values_list(*columns)
    return [
        Said(kind, one, other, is_related, at, source, by or "")
        for kind, one, other, is_related, at, source, by in told
        if one and other
    ]
