"""Acts upon who is whom, done and taken back at once: the preview is what would happen, because it happened."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from guanxi.customers.faces import called, face_of
from guanxi.customers.meanwhile import spelled
from guanxi.customers.models import Customer, SourceProfile
from guanxi.customers.trade import trade
from guanxi.pages.formats import chinese, count
from guanxi.pages.panels import Viewer

LABELS: Mapping[str, Promise] = {
    "name": gettext_lazy("Name"), "gender": gettext_lazy("Gender"), "birthday": gettext_lazy("Birthday"),
    "place": gettext_lazy("Place"), "sources": gettext_lazy("Identities"), "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"), "orders": gettext_lazy("Orders"), "sales": gettext_lazy("Net sales"),
    "tags": gettext_lazy("Tags"), "agreed": gettext_lazy("Consents"), "notes": gettext_lazy("Notes"),
}  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """One customer as they are at a moment, in words that the reader may see."""

    customer: Customer
    name: str
    words: Mapping[str, str]

    @classmethod
    def of(cls, customer: Customer, reader: Viewer) -> "Likeness":
        """Read everything that a merge can change."""
        face, bought = face_of(customer, reader), trade().figures([customer.pk]).get(customer.pk)
        tags = customer.taggings.current_on(timezone.localdate()).values_list("tag__name", flat=True)
        agreed = [each.get_channel_display() for each in customer.consents.in_force().order_by("channel", "purpose")]
        words = {
            "name": called(customer), "gender": spelled("gender", customer.gender),
            "birthday": spelled("birthday", customer.birthday),
            "place": _listed([part for part in (customer.province, customer.city, customer.country) if part]),
            "sources": _listed(face.sources), "phone": face.phone, "email": face.email,
            "orders": count(bought.orders if bought else 0), "sales": trade().money(bought.net_minor if bought else 0),
            "tags": _listed(sorted(tags)), "agreed": _listed(agreed), "notes": count(customer.notes.count()),
        }  # fmt: skip
        return cls(customer, face.name, words)


@dataclass(frozen=True)
class Line:
    """One line of a preview: how it is now with each, and how it would be."""

    label: str | Promise
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Rehearsal:
    """Who there is before an act and after it."""

    before: tuple[Likeness, ...]
    after: tuple[Likeness, ...]

    @property
    def columns(self) -> int:
        """How many columns they take together."""
        return len(self.before + self.after)

    @property
    def lines(self) -> list[Line]:
        """Compare line by line what anybody says anything of."""
        sides = (self.before, self.after)
        found = [
            Line(label, *(tuple(each.words[name] for each in side) for side in sides)) for name, label in LABELS.items()
        ]
        return [line for line in found if any(line.before + line.after)]


def rehearse(act: Callable[[], object], customers: Collection[int], reader: Viewer) -> Rehearsal:
    """Do an act, look at everybody it concerned, and take it back; what refuses it is raised as it would be."""
    with transaction.atomic():
        profiles = list(SourceProfile.objects.filter(customer__in=customers).values_list("pk", flat=True))
        before = _whose(profiles, reader)
        act()
        after = _whose(profiles, reader)
        transaction.set_rollback(True)
    return Rehearsal(before, after)


def _whose(profiles: Collection[int], reader: Viewer) -> tuple[Likeness, ...]:
    people = Customer.objects.filter(profiles__in=profiles).distinct().order_by("pk")
    return tuple(Likeness.of(each, reader) for each in people)


def _listed(words: Sequence[str]) -> str:
    found = list(dict.fromkeys(words))
    return ("、" if chinese() else ", ").join(found)
