"""People as pages show them: masked names and numbers, and where we know them from."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.core.panels import Viewer
from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.customers.trade import trade
from guanxi.guard.masking import HIDDEN, mask_email, mask_name, mask_phone

NUMBER = re.compile(r"[A-Za-z]{0,4}[-_]?\d[\d ]{0,14}")
LONG_KEY = re.compile(r"[A-Za-z0-9_-]{13,}")
NEEDED = (Identifier.Kind.PHONE, Identifier.Kind.EMAIL, Identifier.Kind.EXTERNAL_ID, Identifier.Kind.MEMBER_CARD)
STAFF_SOURCE = "guanxi"
SEEN_BY = {Identifier.Kind.PHONE: "personal.phone.see", Identifier.Kind.EMAIL: "personal.email.see"}


@dataclass(frozen=True)
class Face:
    """One person as a row of a list or the head of a page shows them."""

    name: str
    phone: str = ""
    email: str = ""
    number: str = ""
    named: bool = False
    sources: tuple[str, ...] = ()

    @property
    def initial(self) -> str:
        """The letter of the avatar; people without a name have none."""
        return self.name[:1] if self.named else "#"

    @property
    def reached_at(self) -> str:
        """The word by which one could reach them; their number where the name stands for it already."""
        return self.phone or self.email or (self.number if self.number not in self.name else "")


def faces_of(customers: Sequence[Customer], reader: Viewer | None = None) -> dict[int, Face]:
    """Give every customer a face, in three queries for all of them.

    Phones and e-mails are masked, and shown only where there is a reader whose role sees them at all.
    """
    hidden = {kind for kind, permission in SEEN_BY.items() if reader is None or not reader.may(permission)}
    profiles: dict[int, list[SourceProfile]] = {customer.pk: [] for customer in customers}
    for profile in SourceProfile.objects.filter(customer__in=profiles).prefetch_related("identifiers").order_by("pk"):
        profiles[profile.customer_id or 0].append(profile)
    names = trade().store_names() if customers else {}
    return {each.pk: _face(each, profiles[each.pk], names, hidden) for each in customers}


def face_of(customer: Customer, reader: Viewer | None = None) -> Face:
    """Give one customer a face."""
    return faces_of([customer], reader)[customer.pk]


def masked(identifier: Identifier) -> str:
    """Write an identifier so that it can be recognised and not used."""
    if identifier.kind == Identifier.Kind.PHONE:
        return mask_phone(identifier.plain)
    return mask_email(identifier.plain) if identifier.kind == Identifier.Kind.EMAIL else mask_number(identifier.value)


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


def source_name(profile: SourceProfile, stores: dict[str, str] | None = None) -> str:
    """Name where a profile is from: its store, or our own staff."""
    names = trade().store_names() if stores is None else stores
    return _("Staff") if profile.source == STAFF_SOURCE else names.get(profile.store) or profile.source


def _face(customer: Customer, profiles: Iterable[SourceProfile], stores: object, hidden: Collection[str]) -> Face:
    known: dict[str, str] = {}
    for profile in profiles:
        for identifier in profile.identifiers.all():
            if identifier.kind in NEEDED and identifier.ends_on is None and identifier.kind not in known:
                known[identifier.kind] = "" if identifier.kind in hidden else masked(identifier)
    number = known.get("external_id") or known.get("member_card") or ""
    sources = dict.fromkeys(source_name(profile, stores) for profile in profiles)  # type: ignore[arg-type]
    return Face(
        name=called(customer, number or known.get("phone") or known.get("email") or "", is_number=bool(number)),
        phone=known.get("phone", ""),
        email=known.get("email", ""),
        number=number,
        named=bool(customer.name) and not customer.erased_at,
        sources=tuple(sources),
    )


def called(customer: Customer, word: str = "", *, is_number: bool = False) -> str:
    """Call a customer by their masked name, else by a word they are known by, else by their public id."""
    if customer.erased_at:
        return _("Erased customer")
    if customer.name:
        return mask_name(customer.name)
    return _("Customer %(number)s") % {"number": word} if is_number else word or customer.public_id
