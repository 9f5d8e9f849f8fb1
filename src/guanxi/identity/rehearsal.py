"""Acts upon who is whom, done and taken back at once: the preview is what would happen, because it happened."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from guanxi.customers.faces import called, face_of, source_name
from guanxi.customers.meanwhile import spelled
from guanxi.customers.models import Customer, SourceProfile
from guanxi.customers.trade import trade
from guanxi.pages.formats import chinese
from guanxi.pages.panels import Viewer

LABELS = (
    gettext_lazy("Name"), gettext_lazy("Gender"), gettext_lazy("Birthday"), gettext_lazy("Place"),
    gettext_lazy("Identities"), gettext_lazy("Phone"), gettext_lazy("E-mail"), gettext_lazy("Orders"),
    gettext_lazy("Net sales"), gettext_lazy("Tags"), gettext_lazy("Consents"), gettext_lazy("Notes"),
)  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """One customer as they are at a moment, in words that the reader may see."""

    customer: Customer
    name: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, customer: Customer, reader: Viewer) -> "Likeness":
        """Read everything that a merge can change."""
        face, bought = face_of(customer, reader), trade().figures([customer.pk]).get(customer.pk)
        tags = customer.taggings.current_on(timezone.localdate()).values_list("tag__name", flat=True)
        agreed = [each.get_channel_display() for each in customer.consents.in_force().order_by("channel", "purpose")]
        sources = [source_name(each) for each in customer.profiles.order_by("pk")]
        words = (
            called(customer), spelled("gender", customer.gender), spelled("birthday", customer.birthday),
            _listed([part for part in (customer.province, customer.city, customer.country) if part]),
            _listed(sources), face.phone, face.email, str(bought.orders if bought else 0),
            trade().money(bought.net_minor if bought else 0), _listed(sorted(tags)), _listed(agreed),
            str(customer.notes.count()),
        )  # fmt: skip
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
    def lines(self) -> list[Line]:
        """Compare line by line what anybody says anything of."""
        sides = (self.before, self.after)
        found = [
            Line(label, *(tuple(each.words[nth] for each in side) for side in sides))
            for nth, label in enumerate(LABELS)
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
