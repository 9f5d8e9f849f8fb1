"""People as pages show them: masked names and numbers, and where we know them from."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.customers.trade import trade
from guanxi.guard.masking import HIDDEN, mask_email, mask_name, mask_phone
from guanxi.pages.panels import Viewer

NUMBER = re.compile(r"[A-Za-z]{0,4}[-_]?\d[\d ]{0,14}")
LONG_KEY = re.compile(r"[A-Za-z0-9_-]{13,}")
NUMBERS = (Identifier.Kind.EXTERNAL_ID, Identifier.Kind.MEMBER_CARD, Identifier.Kind.OPENID)
NEEDED = (Identifier.Kind.PHONE, Identifier.Kind.EMAIL, *NUMBERS)
STAFF_SOURCE = "guanxi"
COLUMNS = (
    "customer", "source", "store",
    *(f"identifiers__{name}" for name in ("kind", "value", "sealed", "digest", "ends_on")),
)  # fmt: skip
SEEN_BY = {Identifier.Kind.PHONE: "personal.phone.see", Identifier.Kind.EMAIL: "personal.email.see"}


def hidden_from(reader: Viewer | None) -> set[str]:
    """Name the kinds of identifiers a reader does not see at all, and finds nobody by."""
    return {kind for kind, permission in SEEN_BY.items() if reader is None or not reader.may(permission)}


@dataclass(frozen=True)
class Face:
    """One person as a row of a list or the head of a page shows them; `kinds` are the identifiers in force."""

    name: str
    phone: str = ""
    email: str = ""
    number: str = ""
    named: bool = False
    sources: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()

    @property
    def initial(self) -> str:
        """The letter of the avatar; people without a name have none."""
        return self.name[:1] if self.named else "#"

    @property
    def reached_at(self) -> str:
        """The word by which one could reach them; their number where the name stands for it already."""
        return self.phone or self.email or (self.number if self.number not in self.name else "")


class _Known(NamedTuple):
    """One identifier of a profile, or the profile alone where it has none."""

    source: str
    store: str
    kind: str | None
    value: str | None
    sealed: Any
    digest: str
    ends_on: date | None

    @property
    def plain(self) -> str:
        """The value itself."""
        return Identifier.opened(self.value or "", self.sealed, self.digest)


def faces_of(customers: Sequence[Customer], reader: Viewer | None = None) -> dict[int, Face]:
    """Give every customer a face, in two queries for all of them.

    Phones and e-mails are masked, and shown only where there is a reader whose role sees them at all.
    """
    hidden = hidden_from(reader)
    known: dict[int, list[_Known]] = {customer.pk: [] for customer in customers}
    rows = SourceProfile.objects.filter(customer__in=known).order_by("pk", "identifiers__pk")
    for key, *told in rows.values_list(*COLUMNS):
        known[key].append(_Known(*told))
    names = trade().store_names() if customers else {}
    return {each.pk: _face(each, known[each.pk], names, hidden) for each in customers}


def face_of(customer: Customer, reader: Viewer | None = None) -> Face:
    """Give one customer a face."""
    return faces_of([customer], reader)[customer.pk]


def masked(identifier: "Identifier | _Known") -> str:
    """Write an identifier so that it can be recognised and not used."""
    sealed = identifier.kind in {Identifier.Kind.PHONE, Identifier.Kind.EMAIL}
    return hidden(identifier.kind or "", (identifier.plain if sealed else identifier.value) or "")


def hidden(kind: str, plain: str) -> str:
    """Write the value of an identifier of a kind so that it can be recognised and not used."""
    if kind == Identifier.Kind.PHONE:
        return mask_phone(plain)
    return mask_email(plain) if kind == Identifier.Kind.EMAIL else mask_number(plain)


def mask_number(value: str) -> str:
    """Show a plain number, the end of a long key, the ends of a nickname.

    >>> mask_number("17850"), mask_number("oX7-chen8kKdfQ2"), mask_number("tea_林小姐")
    ('17850', '…dfQ2', 't***姐')
    """
    if not value or NUMBER.fullmatch(value):
        return value
    if LONG_KEY.fullmatch(value):
        return "…" + value[-4:]
    return value[0] + HIDDEN + value[-1] if len(value) > 2 else HIDDEN


def source_name(profile: "SourceProfile | _Known", stores: Mapping[str, str] | None = None) -> str:
    """Name where a profile is from: its store, or our own staff."""
    names = trade().store_names() if stores is None else stores
    return _("Staff") if profile.source == STAFF_SOURCE else names.get(profile.store) or profile.source


def _face(customer: Customer, rows: Sequence[_Known], stores: Mapping[str, str], hidden: Collection[str]) -> Face:
    in_force = {row.kind: row for row in reversed(rows) if row.kind and row.ends_on is None}
    words: dict[str, str] = {kind: masked(in_force[kind]) for kind in NEEDED if kind in in_force and kind not in hidden}
    number = next((words[kind] for kind in NUMBERS if kind in words), "")
    return Face(
        name=called(customer, number or words.get("phone") or words.get("email") or "", is_number=bool(number)),
        phone=words.get("phone", ""),
        email=words.get("email", ""),
        number=number,
        named=bool(customer.name) and not customer.erased_at,
        sources=tuple(dict.fromkeys(source_name(row, stores) for row in rows)),
        kinds=frozenset(in_force),
    )


def called(customer: Customer, word: str = "", *, is_number: bool = False) -> str:
    """Call a customer by their masked name, else by a word they are known by, else by their public id."""
    if customer.erased_at:
        return _("Erased customer")
    if customer.name:
        return mask_name(customer.name)
    return _("Customer %(number)s") % {"number": word} if is_number else word or customer.public_id
