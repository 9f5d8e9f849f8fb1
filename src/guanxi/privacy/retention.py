"""Keeping to the rules of retention: what each would reach, and the nightly work of those that are switched on."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import AuditEntry
from guanxi.customers import past
from guanxi.customers.faces import called
from guanxi.customers.lifetimes import Lifetime, deleted, lifetimes, silent
from guanxi.customers.models import Customer, Event, Note
from guanxi.privacy.models import Erasure, Reason, RetentionRule, RetentionRun

MOST = 500  # people erased in one night; the others' turn comes in the next


def keep() -> int:
    """Forget what the rules in force say, and write down how much that was."""
    done = {each.name: each.forget(timezone.now() - dt.timedelta(days=days)) for each, days in in_force()}
    counts = {name: count for name, count in done.items() if count}
    if counts:
        RetentionRun.objects.create(counts=counts)
    for name, count in counts.items():
        AuditEntry.write("retention.done", by=None, on=f"retention:{name}", changes={"rows": (None, count)})
    return sum(counts.values())


def in_force() -> Iterator[tuple[Lifetime, int]]:
    """Give what is forgotten every night, each with its days: what was decided, and what is usual."""
    rules = {rule.subject: rule for rule in RetentionRule.objects.all()}
    for each in lifetimes():
        rule = rules.get(each.name)
        if rule.is_on if rule else each.usual:
            yield each, rule.days if rule else each.days


def offered() -> Sequence[Lifetime]:
    """What this context can forget: people of whom nothing is heard, events of nobody, old notes."""
    return (
        _people("customers", _("Customers who never bought"), bought=False, order=10),
        _people("buyers", _("Customers who bought long ago"), bought=True, order=20),
        Lifetime(
            name="devices", title=_("Events of unknown devices"), text=_("They are deleted; they are nobody's."),
            days=395, order=30, count=lambda before: _unknown(before).count(), listed=lambda _before, _most: (),
            forget=_forget_unknown,
        ),
        Lifetime(
            name="notes", title=_("Notes"), text=_("They are deleted; the customer stays."), days=1_825, order=40,
            count=lambda before: Note.objects.filter(written_at__lt=before).count(),
            listed=lambda before, most: _links(Customer.objects.filter(notes__written_at__lt=before).distinct(), most),
            forget=lambda before: deleted(Note.objects.filter(written_at__lt=before)),
        ),
    )  # fmt: skip


def _people(name: str, title: object, *, bought: bool, order: int) -> Lifetime:
    return Lifetime(
        name=name, title=title, days=1_095, order=order,  # type: ignore[arg-type]
        text=_("They are erased for good, as on their page: no order, event or other sign of life for so long."),
        count=lambda before: silent(before, bought=bought).count(),
        listed=lambda before, most: _links(silent(before, bought=bought), most),
        forget=lambda before: _erase(silent(before, bought=bought)),
    )  # fmt: skip


def _erase(customers: QuerySet[Customer]) -> int:
    """Begin to erase them; the erasures themselves are done by their own work."""
    some = list(customers.order_by("pk").values_list("pk", flat=True)[:MOST])
    for pk in some:
        Erasure.ask(pk, reason=Reason.RETENTION)
    return len(some)


def _unknown(before: dt.datetime) -> QuerySet[Event]:
    return Event.objects.filter(customer=None, profile__is_device=True, profile__customer=None, occurred_at__lt=before)


def _forget_unknown(before: dt.datetime) -> int:
    """Delete them, and have the lake forget them with those that have left the book before."""
    past.forget_unknown(before)
    return deleted(_unknown(before))


def _links(customers: QuerySet[Customer], most: int) -> list[tuple[str, str]]:
    found = customers.order_by("pk")[:most]
    return [(called(each), reverse("customers:customer", args=[each.pk])) for each in found]
