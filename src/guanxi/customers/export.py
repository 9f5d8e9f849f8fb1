"""Customers as a file, with the columns that the import of customers reads.

Names, phones and e-mails are masked, but for the fields asked for by a role that may have them in the clear; what a
role does not see at all is left out. A masked value is never read back as one.
"""

from collections.abc import Collection, Iterator

from django.db.models import Prefetch

from guanxi.accounts.models import Staff
from guanxi.customers.faces import SEEN_BY, masked
from guanxi.customers.models import Customer, SourceProfile
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.guard.fileout import Cell
from guanxi.guard.masking import mask_name

COLUMNS = (
    "customer_external_id", "full_name", "gender", "birthday", "phone", "email", "province", "city", "country",
    "created_at",
)  # fmt: skip
EXPORTED = frozenset({"external_id", "openid", "phone", "email"})
AT_ONCE = 500


def rows(customers: CustomerQuerySet, *, reader: Staff, plainly: Collection[str] = ()) -> Iterator[tuple[Cell, ...]]:
    """Read customers by age in the book, some hundreds at a time; the memory it takes does not grow with them."""
    hidden = {kind for kind, permission in SEEN_BY.items() if not reader.may(permission)}
    profiles = Prefetch("profiles", SourceProfile.objects.order_by("pk").prefetch_related("identifiers"))
    after = 0
    while some := list(customers.filter(pk__gt=after).order_by("pk").prefetch_related(profiles)[:AT_ONCE]):
        after = some[-1].pk
        yield from (_row(customer, plainly, hidden) for customer in some)


def _row(customer: Customer, plainly: Collection[str], hidden: Collection[str]) -> tuple[Cell, ...]:
    known: dict[str, str] = {}
    for profile in customer.profiles.all():
        for identifier in profile.identifiers.all():
            if identifier.kind in EXPORTED.difference(hidden) and identifier.ends_on is None:
                plain = identifier.kind in plainly
                known.setdefault(identifier.kind, identifier.plain if plain else masked(identifier))
    return (
        known.get("external_id") or known.get("openid"),
        customer.name if "name" in plainly else mask_name(customer.name),
        customer.gender,
        customer.birthday,
        known.get("phone"),
        known.get("email"),
        customer.province,
        customer.city,
        customer.country,
        customer.created_at,
    )
