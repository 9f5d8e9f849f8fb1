"""The orders in which programs walk through customers: each reads a range of one index, whichever part it reads.

Asked for one thing, the list follows the index of that thing. Asked for several, it follows one that can be followed,
begins with the few of whom one of them is true where there are few, and asks everybody it meets for the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.problems import NotValid
from guanxi.core.ids import key_of
from guanxi.customers.classes import RFM, known_classes
from guanxi.customers.models import Channel, Consent, Purpose, Score, SourceProfile, Tagging
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.own import SHELF
from guanxi.customers.ranking import SORTED
from guanxi.customers.trade import trade
from guanxi.pages.paging import Among, ByFields, Line
from guanxi.pages.sifting import Sifted, few
from guanxi.shop import wire

FOLLOWED = ("tag", "reachable_by")  # whose index has customers by age in the book
ATTRIBUTES = ("province", "city", "country")
FIGURES = {"net": "net_minor", "orders": "orders", "last_order": "last_on"}
ENDS = {"from": "gte", "to": "lte"}


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

    def keys(self, key: int | None, most: int) -> Sequence[int]:
        """Read the keys of the customers that follow."""
        return self.rows.keys(key, most)

    def has(self, key: int) -> bool:
        """Tell whether a customer stands in it."""
        return self.rows.has(key)

    def _opened(self, rows: Sequence[Any]) -> list[Any]:
        keys = [each["customer_id"] for each in rows]
        found = {each.pk: each for each in self.customers.filter(Among("pk", keys))} if keys else {}
        return [found[key] for key in keys if key in found]


@dataclass(frozen=True)
class ByKey(ByFields):
    """Rows sorted by a key alone: a place needs no looking up, so that it is one also when its row is gone."""

    def _place(self, key: int) -> dict[str, Any] | None:
        return {self.fields[-1]: key}


def line(customers: CustomerQuerySet, asked: Any) -> Line | Sifted:
    """Put the customers that are asked for in an order; raises NotValid where something asked for is unknown."""
    pointing, days = _pointing(asked), _days(asked)
    attributes = {name: value for name in ATTRIBUTES if (value := getattr(asked, name)) is not None}
    single = len(pointing) + any(days) < 2 and not attributes
    if single and pointing.keys() <= {*FOLLOWED, "rfm_class"}:
        followed: Line = _followed(customers, pointing, asked)
        return followed
    keys = next((keys for rows in pointing.values() if (keys := few(rows, "customer")) is not None), None)
    kept = _of_days(customers, days).filter(**attributes)
    for rows in ({**pointing, **_looked_up(asked)}).values():
        kept = kept.filter(Exists(rows.filter(customer=OuterRef("pk"))))
    return Sifted(_followed(customers, pointing, asked, keys), kept, customers)


def _pointing(asked: Any) -> dict[str, Any]:
    """Give the rows that point to those of whom something asked for is true, by its name."""
    found = {name: POINTING[name](value) for name in POINTING if (value := getattr(asked, name)) is not None}
    figures = {
        f"{figure}__{sign}": value
        for name, figure in FIGURES.items()
        for end, sign in ENDS.items()
        if (value := getattr(asked, f"{name}_{end}")) is not None
    }
    everyone = trade().bought()
    if figures and everyone is not None:
        found["bought"] = everyone.filter(**figures)
    return found | {f"field {n}": SHELF.meaning(*meant) for n, meant in enumerate(wire.meant_by(SHELF, asked.field))}


def _looked_up(asked: Any) -> dict[str, Any]:
    """Give the values of fields as they are looked up of one customer after the other."""
    return {f"field {n}": SHELF.looked_up(*meant) for n, meant in enumerate(wire.meant_by(SHELF, asked.field))}


def _tagged(word: str) -> Any:
    tag = key_of("tag", word)
    if tag is None:
        raise NotValid({"tag": _("Send the id of a tag, as the list of tags gives it.")})
    return Tagging.objects.current_on(timezone.localdate()).filter(tag=tag)


def _classed(label: str) -> Any:
    if label not in known_classes():
        raise NotValid({"rfm_class": _("One of these: %(expected)s.") % {"expected": ", ".join(known_classes())}})
    return Score.objects.filter(name=RFM, label=label)


def _reached(channel: str) -> Any:
    return Consent.objects.in_force(Channel(channel), Purpose.MARKETING)


def _known_to(store: str) -> Any:
    if store not in trade().store_names():
        raise NotValid({"store": _("There is no store of this code. Look it up under Settings.")})
    sources = [source for source, code in SourceProfile.objects.origins() if code == store]
    return SourceProfile.objects.filter(source__in=sources, store=store)


POINTING: Mapping[str, Any] = {
    "tag": _tagged, "rfm_class": _classed, "reachable_by": _reached, "store": _known_to,
}  # fmt: skip


def _followed(customers: CustomerQuerySet, pointing: Mapping[str, Any], asked: Any, keys: Any = None) -> Any:
    """Choose the index to follow: the best of a class first, those of some days by them, all others by age."""
    if asked.rfm_class:
        return _best_first(customers, asked.rfm_class, keys)
    some = customers if keys is None else customers.filter(Among("pk", keys))
    if any(_days(asked)):
        return ByFields(_of_days(some, _days(asked)), ("created_at", "pk"), whole=customers)
    name = next((name for name in FOLLOWED if name in pointing), "") if keys is None else ""
    if not name:
        return ByKey(some, ("pk",))
    rows = pointing[name].filter(customer__isnull=False).values("customer_id")
    return Through(customers, ByKey(rows, ("customer_id",)))


def _best_first(customers: CustomerQuerySet, label: str, keys: Sequence[int] | None) -> Line:
    """Put those of a class in the order of their scores; few are looked up and sorted by themselves."""
    everyone = Score.objects.filter(name=RFM).annotate(worth=SORTED)
    scores = everyone if keys is None else Score.objects.of_few(keys, RFM).annotate(worth=SORTED)
    fields = ("value" if keys is None else "worth", "weight", "customer_id")
    return Through(customers, ByFields(scores.filter(label=label).values(*fields), fields, falls=True, whole=everyone))


def _days(asked: Any) -> tuple[date | None, date | None]:
    return asked.created_from, asked.created_to


def _of_days(customers: CustomerQuerySet, days: Sequence[date | None]) -> CustomerQuerySet:
    """Keep those who came into the book on some days of the reader's."""
    first, last = days
    zone = timezone.get_current_timezone()
    if first:
        customers = customers.filter(created_at__gte=datetime.combine(first, time(), zone).astimezone(UTC))
    if last and last < date.max:
        after = datetime.combine(last + timedelta(days=1), time(), zone)
        customers = customers.filter(created_at__lt=after.astimezone(UTC))
    return customers
