"""Customers as a file, with the columns that the import of customers reads.

Names, phones and e-mails are masked unless the role may see them; a masked value is never read back as one.
"""

from collections.abc import Callable, Iterator

from django.db.models import Prefetch

from guanxi.accounts.models import Staff
from guanxi.customers.faces import masked
from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.guard.fileout import Cell
from guanxi.guard.masking import mask_name

COLUMNS = (
    "customer_external_id", "full_name", "gender", "birthday", "phone", "email", "province", "city", "country",
    "created_at",
)  # fmt: skip
AT_ONCE = 500


def rows(customers: CustomerQuerySet, *, reader: Staff) -> Iterator[tuple[Cell, ...]]:
    """Read customers by age in the book, some hundreds at a time; the memory it takes does not grow with them."""
    plainly = reader.may("personal.reveal")
    profiles = Prefetch("profiles", SourceProfile.objects.order_by("pk").prefetch_related("identifiers"))
    after = 0
    while some := list(customers.filter(pk__gt=after).order_by("pk").prefetch_related(profiles)[:AT_ONCE]):
        after = some[-1].pk
        yield from (_row(customer, plainly=plainly) for customer in some)


def _row(customer: Customer, *, plainly: bool) -> tuple[Cell, ...]:
    show: Callable[[Identifier], str] = (lambda each: each.plain) if plainly else masked
    known: dict[str, str] = {}
    for profile in customer.profiles.all():
        for identifier in profile.identifiers.all():
            if identifier.kind in {"external_id", "openid", "phone", "email"} and identifier.ends_on is None:
                known.setdefault(identifier.kind, show(identifier))
    return (
        known.get("external_id") or known.get("openid"),
        customer.name if plainly else mask_name(customer.name),
        customer.gender,
        customer.birthday,
        known.get("phone"),
        known.get("email"),
        customer.province,
        customer.city,
        customer.country,
        customer.created_at,
    )
