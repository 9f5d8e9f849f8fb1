"""Customers shown anew by the rules in force, after somebody said something more of them or other rules came."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from guanxi.customers.models import SourceProfile
from guanxi.identity.moving import lock, precedence
from guanxi.identity.rules import Rules
from guanxi.identity.telling import Sayings, golden, tell

AT_ONCE, READ_AT_ONCE = 20, 200


@transaction.atomic
def retell(customers: Collection[int], says: Mapping[int, Mapping[str, Any]] | None = None) -> None:
    """Have customers show what wins of what their profiles say; `says` is what founders say from now on."""
    if customers:
        if connection.vendor == "postgresql":
            lock(customers)
        tell(sorted(customers), precedence(), says or {})


def several() -> list[int]:
    """Find the customers of whom several profiles say something, by id."""
    counted = SourceProfile.objects.filter(customer__isnull=False).order_by("customer").values("customer")
    found = counted.annotate(profiles=Count("pk")).filter(profiles__gt=1)
    return [int(pk or 0) for pk in found.values_list("customer", flat=True)]


def retell_all(check: Callable[[], None] = lambda: None) -> int:
    """Have every customer of several sayings show what the rules choose; says how many there are."""
    customers = several()
    for start in range(0, len(customers), AT_ONCE):
        retell(customers[start : start + AT_ONCE])
        check()
    return len(customers)


def shown_otherwise(rules: Rules, check: Callable[[], None] = lambda: None) -> int:
    """Count the customers who would show something else by other rules of who wins; nothing is written."""
    customers, by, found = several(), precedence(rules), 0
    for start in range(0, len(customers), READ_AT_ONCE):
        read = Sayings.of(customers[start : start + READ_AT_ONCE])
        for pk, now in ((pk, read.rows[pk]) for pk in read.customers if pk in read.rows):
            found += any(now[name] != value for name, value in golden(read.told(pk, {}), by).items())
        check()
    return found
