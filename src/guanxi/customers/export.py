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
from guanxi.customers.own import SHELF
from guanxi.guard.fileout import Cell
from guanxi.guard.masking import mask_name
from guanxi.shop.columns import file_cells, seen_by

COLUMNS = (
    "customer_external_id", "full_name", "gender", "birthday", "phone", "email", "province", "city", "country",
    "created_at",
)  # fmt: skip
OWN = "own."  # before the name of a field of the shop's own: its column in files
EXPORTED = frozenset({"external_id", "openid", "phone", "email"})
AT_ONCE = 500


def columns(reader: Staff) -> tuple[str, ...]:
    """Name the columns, the shop's own fields behind ours; what the reader does not see has none."""
    return (*COLUMNS, *(f"{OWN}{each.name}" for each in seen_by(SHELF, reader)))


def rows(customers: CustomerQuerySet, *, reader: Staff, plainly: Collection[str] = ()) -> Iterator[tuple[Cell, ...]]:
    """Read customers by age in the book, some hundreds at a time; the memory it takes does not grow with them."""
    hidden = {kind for kind, permission in SEEN_BY.items() if not reader.may(permission)}
    profiles = Prefetch("profiles", SourceProfile.objects.order_by("pk").prefetch_related("identifiers"))
    fields = seen_by(SHELF, reader)
    after = 0
    while some := list(customers.filter(pk__gt=after).order_by("pk").prefetch_related(profiles)[:AT_ONCE]):
        after = some[-1].pk
        own = file_cells(SHELF, [each.pk for each in some], fields, plainly)
        yield from ((*_row(customer, plainly, hidden), *own[customer.pk]) for customer in some)


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
