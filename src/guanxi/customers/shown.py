"""People as programs are told of them: masked, unless the key may see them in the clear, and then it is written down.

However many people there are, it takes one query for each of: identifiers, tags, scores, what they bought.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Caller
from guanxi.accounts.problems import ScopeMissing
from guanxi.accounts.wire import Told, id_of
from guanxi.customers.classes import RFM
from guanxi.customers.faces import SEEN_BY, hidden, masked
from guanxi.customers.likelihood import Common
from guanxi.customers.models import Customer, Identifier, Score, Tagging
from guanxi.customers.own import SHELF
from guanxi.customers.trade import Figures, trade
from guanxi.guard.masking import mask_name
from guanxi.pages.prepared import Mark, OneOf, Question, several
from guanxi.shop import wire
from guanxi.shop.wire import OwnTold

CustomerId = Annotated[str, id_of(Customer.PREFIX)]
CLEAR = {"name": "personal.name.reveal", "phone": "personal.phone.reveal", "email": "personal.email.reveal"}
REACHED = (Identifier.Kind.PHONE, Identifier.Kind.EMAIL)


class Bought(Told):
    """What a customer bought and paid, in the company's currency."""

    orders: int
    net_minor: int
    currency: str
    first_on: str | None
    last_on: str | None


class CustomerTold(Told):
    """A customer. Name, phone, e-mail and personal fields are masked unless the key has the scope personal:read."""

    id: CustomerId
    name: str
    phone: str | None
    email: str | None
    masked: bool
    gender: str
    birthday: str | None
    province: str
    city: str
    country: str
    source: str
    tags: list[str]
    rfm_class: str | None
    bought: Bought | None
    fields: OwnTold
    created_at: str


def clear_to(caller: Caller) -> frozenset[str]:
    """Name the fields that a caller sees in the clear."""
    return frozenset(name for name, permission in CLEAR.items() if caller.may(permission))


def customers(found: Sequence[Customer], caller: Caller) -> list[dict[str, Any]]:
    """Write some customers; what is seen in the clear stands in the access log."""
    keys, clear = [each.pk for each in found], clear_to(caller)
    reached, tags, classes = _reached(keys, caller, clear), _tags(keys), _classes(keys)
    bought, own = trade().figures(keys), _own(keys, caller)
    opened = clear | (wire.opened(SHELF, own, caller) if wire.sees_clearly(caller) else set())
    if opened and found:
        seen(found, opened, by=caller)
    return [
        {
            "id": each.public_id,
            "name": "" if each.erased_at else each.name if "name" in clear else mask_name(each.name),
            **{str(kind): reached[each.pk].get(kind) for kind in REACHED},
            "masked": not clear,
            "gender": each.gender,
            "birthday": each.birthday and each.birthday.isoformat(),
            **{name: getattr(each, name) for name in ("province", "city", "country")},
            "source": each.first_source,
            "tags": tags[each.pk],
            "rfm_class": classes.get(each.pk) or None,
            "bought": _bought(bought.get(each.pk)),
            "fields": own[each.pk],
            "created_at": each.created_at.isoformat(),
        }
        for each in found
    ]


def check_sent(words: Iterable[str], caller: Caller) -> None:
    """Raise ScopeMissing where a phone or an e-mail was sent for a role that sees none: the answer would tell whose.

    `words` name what was sent. What a program sends and never reads again needs no scope, but the role has to allow it.
    """
    sent = set(words)
    hidden = {str(kind) for kind, may in SEEN_BY.items() if not caller.role_may(may)}
    if sent & hidden:
        said = _("The role of whoever made this key does not see %(fields)s, and sends none.")
        raise ScopeMissing(said % {"fields": ", ".join(sorted(sent & hidden))})


def seen(found: Sequence[Customer], names: Collection[str], *, by: Caller) -> None:
    """Write into the access log who was seen in the clear: a customer, or which of many."""
    fields = (None, sorted(names))
    if len(found) == 1:
        AuditEntry.write("customer.revealed", by=by, on=found[0], changes={"fields": fields})
        return
    told = {"fields": fields, "rows": (None, len(found)), "customers": (None, [each.public_id for each in found])}
    AuditEntry.write("customers.revealed", by=by, on="customers:api", changes=told)


def identifier(each: Identifier, caller: Caller) -> str | None:
    """Write the value of an identifier as a caller may see it; None where they may not see it at all."""
    permission = SEEN_BY.get(Identifier.Kind(each.kind))
    if permission is None or each.kind in clear_to(caller):
        return each.plain
    return masked(each) if caller.may(permission) else None


def _reached(keys: Sequence[int], caller: Caller, clear: Collection[str]) -> dict[int, dict[str, str]]:
    """Read the phone and the e-mail of each, the first that is in force."""
    shown = {str(kind) for kind in REACHED if caller.may(SEEN_BY[kind])}
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for customer, kind, *value in _IDENTIFIERS.ask(keys=several(keys)):
        theirs = found[customer]
        if kind in shown and kind not in theirs:
            plain = Identifier.opened(*value)
            theirs[kind] = plain if kind in clear else hidden(kind, plain)
    return found


def _own(keys: Sequence[int], caller: Caller) -> dict[int, dict[str, Any]]:
    """Read what each says in the shop's own fields."""
    return wire.told(SHELF, keys, caller, clear=wire.sees_clearly(caller))


def _tags(keys: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for customer, name in _TAGS.ask(keys=several(keys), day=timezone.localdate().isoformat()):
        found[customer].append(name)
    return found


def _classes(keys: Iterable[int]) -> dict[int, str]:
    return dict(_CLASSES.ask(keys=several(keys)))


def _bought(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    told = {name: getattr(figures, name) for name in ("orders", "net_minor", "currency")}
    return told | {
        name: at and at.isoformat() for name, at in (("first_on", figures.first_on), ("last_on", figures.last_on))
    }


def _identifiers() -> Any:
    rows = Identifier.objects.filter(OneOf("profile__customer", Mark("keys")), kind__in=REACHED, ends_on=None)
    return rows.order_by("profile", "pk").values_list("profile__customer", "kind", "value", "sealed", "digest")


def _carried() -> Any:
    rows = Tagging.objects.filter(OneOf("customer", Mark("keys")))
    current = Q(expires_on=None) | Q(expires_on__gte=Mark("day"))
    return rows.filter(current).order_by("tag__name").values_list("customer", "tag__name")


def _classed() -> Any:
    rows = Score.objects.filter(Common(Q(name=RFM), share=0.95), OneOf("customer", Mark("keys")))
    return rows.values_list("customer", "label")


_IDENTIFIERS, _TAGS, _CLASSES = Question(_identifiers), Question(_carried), Question(_classed)
