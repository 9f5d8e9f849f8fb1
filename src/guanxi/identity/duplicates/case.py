"""One pair as the page shows it: both customers side by side, and what every field weighs, in words and as a bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.customers.faces import called, hidden_from, masked, source_name
from guanxi.customers.meanwhile import spelled
from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.customers.trade import Figures, trade
from guanxi.identity.models import DuplicatePair
from guanxi.pages.formats import count, percent, signed

Text = str | Promise
LEVELS: Mapping[str, Text] = {
    "same": _("the same"), "sounds alike": _("sounds the same"), "swapped": _("names swapped"),
    "typo": _("one sign off"),
    "alike": _("alike"), "initial": _("same initial"), "different": _("different"), "unknown": _("not known of both"),
    "day and month swapped": _("day and month swapped"), "part": _("two of three parts the same"),
    "same number, other code": _("same number, other code"), "same before the @": _("same before the @"),
}  # fmt: skip
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("given", "surname"),
    "phone": ("phones",),
    "email": ("emails",),
    "birthday": ("birthday",),
    "place": ("province", "city", "country"),
}
TITLES: Mapping[str, Text] = {
    "name": _("Name"), "phone": _("Phone"), "email": _("E-mail"), "birthday": _("Birthday"), "place": _("Place"),
}  # fmt: skip
HALF, PER_BIT = 50.0, 3.5  # of a bar that is 100 wide, nothing is in the middle


@dataclass(frozen=True)
class Bar:
    """Where a weight is drawn."""

    x: float
    width: float
    speaks_for: bool

    @classmethod
    def of(cls, weight: float) -> "Bar":
        """Draw from the middle, to the right what speaks for it."""
        width = min(abs(weight) * PER_BIT, HALF)
        return cls(round(HALF if weight > 0 else HALF - width, 1), round(width, 1), weight > 0)


@dataclass(frozen=True)
class Line:
    """One field of both; `weight` and `level` only where it was weighed."""

    title: Text
    left: Sequence[str]
    right: Sequence[str]
    weight: str = ""
    level: str = ""
    bar: Bar | None = None

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return bool(self.left and self.right) and set(self.left) != set(self.right)


@dataclass(frozen=True)
class Case:
    """A pair with both customers, as their reader may see them."""

    pair: DuplicatePair
    names: tuple[str, str]
    lines: Sequence[Line]
    evidence: str
    start: str

    @property
    def likelihood(self) -> str:
        """How likely both are one person; never a whole hundred."""
        return percent(min(self.pair.likelihood, 0.999))


def case_of(pair: DuplicatePair, reader: Staff) -> Case:
    """Read both customers: everything they are known by, masked."""
    both = (pair.left, pair.right)
    known, bought = _known(both, reader), trade().figures([each.pk for each in both])
    weighed = {column: (level, weight) for column, level, weight in pair.evidence}
    lines = [_line(field, [each[field] for each in known], weighed) for field in FIELDS]
    left, right = (_bought(bought.get(each.pk)) for each in both)
    lines += [
        Line(_("Gender"), _given(spelled("gender", pair.left.gender)), _given(spelled("gender", pair.right.gender))),
        Line(_("Known from"), known[0]["source"], known[1]["source"]),
        Line(_("Orders"), left[:1], right[:1]),
        Line(_("Net sales"), left[1:], right[1:]),
    ]
    total = sum(weight for _level, weight in weighed.values())
    shown = [line for line in lines if line.left or line.right]
    return Case(pair, (called(both[0]), called(both[1])), shown, signed(total, 1), signed(pair.weight - total, 1))


def _line(field: str, said: Sequence[Sequence[str]], weighed: Mapping[str, tuple[str, float]]) -> Line:
    found = [weighed[column] for column in FIELDS[field] if column in weighed]
    left, right = said
    if not found:
        return Line(TITLES[field], left, right)
    weight = sum(each for _level, each in found)
    telling = max(found, key=lambda each: abs(each[1]))[0]
    return Line(TITLES[field], left, right, signed(weight, 1), str(LEVELS.get(telling, telling)), Bar.of(weight))


def _known(both: Sequence[Customer], reader: Staff) -> list[dict[str, list[str]]]:
    hidden, stores = hidden_from(reader), trade().store_names()
    profiles = list(SourceProfile.objects.filter(customer__in=both).prefetch_related("identifiers").order_by("pk"))
    return [_told(each, [one for one in profiles if one.customer_id == each.pk], hidden, stores) for each in both]


def _told(
    customer: Customer, profiles: Sequence[SourceProfile], hidden: set[str], stores: Mapping[str, str]
) -> dict[str, list[str]]:
    carried = [each for profile in profiles for each in profile.identifiers.all() if each.kind not in hidden]
    place = [part for part in (customer.province, customer.city, customer.country) if part]
    return {
        "name": _given(called(customer)),
        "birthday": _given(spelled("birthday", customer.birthday)),
        "place": place,
        "phone": _each(carried, Identifier.Kind.PHONE),
        "email": _each(carried, Identifier.Kind.EMAIL),
        "source": list(dict.fromkeys(source_name(each, stores) for each in profiles)),
    }


def _bought(figures: Figures | None) -> list[str]:
    return [count(figures.orders if figures else 0), trade().money(figures.net_minor if figures else 0)]


def _each(carried: Sequence[Identifier], kind: str) -> list[str]:
    return list(dict.fromkeys(masked(each) for each in carried if each.kind == kind))


def _given(word: str) -> list[str]:
    return [word] if word else []


def headline(pair: DuplicatePair) -> str:
    """Say what speaks most for it, in the words of the levels."""
    told = sorted(pair.evidence, key=lambda each: -each[2])
    titles = {column: TITLES[field] for field, columns in FIELDS.items() for column in columns}
    best = [(titles.get(column, column), LEVELS.get(level, level)) for column, level, weight in told[:2] if weight > 0]
    return " · ".join(f"{title} {level}" for title, level in best)
