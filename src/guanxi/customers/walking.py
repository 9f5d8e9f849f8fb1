"""The orders in which programs walk through customers: each reads a range of one index, whichever part it reads.

A selection is one tag, one class, one channel or some days: of two at once, no index would lead to the next page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.problems import NotValid
from guanxi.core.ids import key_of
from guanxi.customers.classes import RFM
from guanxi.customers.models import Channel, Consent, Purpose, Score, Tagging
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.pages.paging import Among, ByFields, Line

SELECTIONS = ("tag", "rfm_class", "reachable_by", "created_from")


@dataclass(frozen=True)
class Through:
    """Customers in the order of rows that point to them, of which only the keys are read."""

    customers: CustomerQuerySet
    rows: ByFields

    def after(self, key: int | None, most: int) -> list[Any]:
        """Read the customers that follow."""
        return self._opened(self.rows.after(key, most))

    def before(self, key: int | None, most: int) -> list[Any]:
        """Read the customers that lead up to one."""
        return self._opened(self.rows.before(key, most))

    def has(self, key: int) -> bool:
        """Tell whether a customer stands in it."""
        return self.rows.has(key)

    def _opened(self, rows: Sequence[Any]) -> list[Any]:
        keys = [each["customer_id"] for each in rows]
        found = {each.pk: each for each in self.customers.filter(Among("pk", keys))} if keys else {}
        return [found[key] for key in keys if key in found]


def line(customers: CustomerQuerySet, asked: Any) -> Line:
    """Put the customers that are asked for in an order; raises NotValid where two selections are asked for at once."""
    chosen = [name for name in SELECTIONS if getattr(asked, name, None)]
    chosen += ["created_to"] if asked.created_to and "created_from" not in chosen else []
    if len(chosen) > 1:
        said = _("Ask for one of these at a time: %(names)s.") % {"names": ", ".join((*SELECTIONS, "created_to"))}
        raise NotValid(dict.fromkeys(chosen, said))
    if not chosen:
        return ByKey(customers, ("pk",))
    if chosen[0] in {"created_from", "created_to"}:
        return _of_days(customers, asked.created_from, asked.created_to)
    return _through(customers, chosen[0], asked)


def _through(customers: CustomerQuerySet, name: str, asked: Any) -> Line:
    if name == "rfm_class":
        scores = Score.objects.filter(name=RFM, label=asked.rfm_class)
        fields = ("value", "weight", "customer_id")
        return Through(
            customers, ByFields(scores.values(*fields), fields, falls=True, whole=Score.objects.filter(name=RFM))
        )
    if name == "reachable_by":
        rows: Any = Consent.objects.in_force(Channel(asked.reachable_by), Purpose.MARKETING)
    else:
        tag = key_of("tag", asked.tag)
        if tag is None:
            raise NotValid({"tag": _("Send the id of a tag, as the list of tags gives it.")})
        rows = Tagging.objects.current_on(timezone.localdate()).filter(tag=tag)
    return Through(customers, ByKey(rows.filter(customer__isnull=False).values("customer_id"), ("customer_id",)))


@dataclass(frozen=True)
class ByKey(ByFields):
    """Rows sorted by a key alone: a place needs no looking up, so that it is one also when its row is gone."""

    def _place(self, key: int) -> dict[str, Any] | None:
        return {self.fields[-1]: key}


def _of_days(customers: CustomerQuerySet, first: date | None, last: date | None) -> Line:
    zone = timezone.get_current_timezone()
    whole = customers
    if first:
        customers = customers.filter(created_at__gte=datetime.combine(first, time(), zone).astimezone(UTC))
    if last and last < date.max:
        after = datetime.combine(last + timedelta(days=1), time(), zone)
        customers = customers.filter(created_at__lt=after.astimezone(UTC))
    return ByFields(customers, ("created_at", "pk"), whole=whole)
