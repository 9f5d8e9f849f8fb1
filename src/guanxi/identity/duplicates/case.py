"""One pair as the page shows it: both customers side by side, what each field weighs, what a merge makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.core.errors import Refused
from guanxi.customers.faces import hidden_from, masked
from guanxi.customers.models import Customer, Identifier
from guanxi.guard.masking import mask_names
from guanxi.identity.merging import merge
from guanxi.identity.models import DuplicatePair
from guanxi.identity.rehearsal import Likeness, rehearse
from guanxi.identity.telling import UNITS
from guanxi.pages.formats import percent, signed

Text = str | Promise
CHANGE = "customers.change"
LEVELS: Mapping[str, Text] = {
    "same": gettext_lazy("the same"), "sounds alike": gettext_lazy("sounds the same"),
    "swapped": gettext_lazy("in another order"), "typo": gettext_lazy("one character off"),
    "alike": gettext_lazy("alike"), "initial": gettext_lazy("same initial"), "different": gettext_lazy("different"),
    "unknown": gettext_lazy("not known of both"), "day and month swapped": gettext_lazy("day and month swapped"),
    "part": gettext_lazy("two of three parts the same"), "same before the @": gettext_lazy("same before the @"),
    "same number, other code": gettext_lazy("same number, other code"),
}  # fmt: skip
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("given", "surname"),
    "phone": ("phones",),
    "email": ("emails",),
    "place": ("city", "province", "country"),
    "birthday": ("birthday",),
}
TITLES: Mapping[str, Text] = {
    "name": gettext_lazy("Name"), "phone": gettext_lazy("Phone"), "email": gettext_lazy("E-mail"),
    "place": gettext_lazy("Place"), "birthday": gettext_lazy("Birthday"),
}  # fmt: skip
FURTHER: Mapping[str, Text] = {  # what is shown and never weighed
    "gender": gettext_lazy("Gender"), "orders": gettext_lazy("Orders"), "tags": gettext_lazy("Tags"),
    "agreed": gettext_lazy("Consents"),
}  # fmt: skip
HALF, PER_BIT = 50.0, 3.5  # of a bar that is 100 wide, nothing is in the middle
SUREST = 0.999  # nobody is sure altogether
SAID = 2  # reasons in a headline


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
    """One field of both and of who they would be; `weight` and `level` only where it was weighed.

    `wins` says whose value is shown after a merge, `left` or `right`, where somebody may choose.
    """

    field: str
    title: Text
    left: Sequence[str]
    right: Sequence[str]
    after: Sequence[str] = ()
    weight: str = ""
    level: str = ""
    bar: Bar | None = None
    wins: str = ""

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return bool(self.left and self.right) and set(self.left) != set(self.right)


@dataclass(frozen=True)
class Case:
    """A pair with both customers, as their reader may see them; `is_shown_after` where the reader may merge them."""

    pair: DuplicatePair
    both: tuple[Likeness, Likeness]
    names: tuple[str, str]
    lines: Sequence[Line]
    evidence: str
    start: str
    is_shown_after: bool

    @property
    def likelihood(self) -> str:
        """How likely both are one person."""
        return sure(self.pair)

    @property
    def reason(self) -> str:
        """What speaks most for it."""
        return headline(self.pair)

    @property
    def heads(self) -> list[tuple[Customer, str, str]]:
        """Each customer with their name and where they are known from."""
        return [(each.customer, name, each.words["sources"]) for each, name in zip(self.both, self.names, strict=True)]


def case_of(pair: DuplicatePair, reader: Staff, picks: Mapping[str, str] | None = None) -> Case:
    """Read both customers, masked, and rehearse their merge where the reader may do it.

    `picks` are the sides whose values are to be shown, `left` or `right`, by the units of what is told.
    """
    both, after = _seen(pair, reader, pair.chosen(picks or {}))
    names = mask_names(pair.left.name, pair.right.name)
    names = (names[0] or both[0].name, names[1] or both[1].name)
    weighed = {column: (level, weight) for column, level, weight in pair.evidence}
    told = [_told(each, name, reader) for each, name in zip(both, names, strict=True)]
    united = _united(told, after, names, pair) if after else {}
    lines = [_line(field, told, united.get(field, ()), weighed) for field in (*FIELDS, *FURTHER)]
    total = sum(weight for _level, weight in weighed.values())
    shown = [line for line in lines if line.left or line.right]
    return Case(pair, both, names, shown, signed(total, 1), signed(pair.weight - total, 1), after is not None)


def _seen(
    pair: DuplicatePair, reader: Staff, chosen: Mapping[str, int]
) -> tuple[tuple[Likeness, Likeness], Likeness | None]:
    keys = [pair.left_id, pair.right_id]
    if reader.may(CHANGE):
        try:
            found = rehearse(partial(merge, keys, by=reader, chosen=chosen), keys, reader)
            return (found.before[0], found.before[1]), found.after[0]
        except Refused:  # one of them was erased meanwhile: the decision will say so
            pass
    return (Likeness.of(pair.left, reader), Likeness.of(pair.right, reader)), None


def _told(one: Likeness, name: str, reader: Staff) -> dict[str, list[str]]:
    """Say everything of one customer, several phones and e-mails each for itself."""
    known = Identifier.objects.filter(profile__customer=one.customer).exclude(kind__in=hidden_from(reader))
    carried = [(each.kind, masked(each)) for each in known.order_by("pk")]
    told = {field: _given(one.words[field]) for field in ("place", "birthday", "gender", "tags", "agreed")}
    reached = {kind: list(dict.fromkeys(word for of, word in carried if of == kind)) for kind in ("phone", "email")}
    return told | reached | {"name": [name], "orders": [f"{one.words['orders']} · {one.words['sales']}"]}


def _united(
    told: Sequence[Mapping[str, list[str]]], after: Likeness, names: tuple[str, str], pair: DuplicatePair
) -> dict[str, list[str]]:
    """Say what one customer made of both shows."""
    united = {field: _given(after.words[field]) for field in ("place", "birthday", "gender", "tags", "agreed")}
    united |= {field: list(dict.fromkeys([*told[0][field], *told[1][field]])) for field in ("phone", "email")}
    name = names[0] if after.customer.name == pair.left.name else names[1]
    return united | {"name": [name], "orders": [f"{after.words['orders']} · {after.words['sales']}"]}


def _line(
    field: str, told: Sequence[Mapping[str, list[str]]], after: Sequence[str], weighed: Mapping[str, tuple[str, float]]
) -> Line:
    left, right = (each[field] for each in told)
    found = [weighed[column] for column in FIELDS.get(field, ()) if column in weighed]
    chosen = field in UNITS and bool(left and right and left != right and after)
    line = Line(field, {**TITLES, **FURTHER}[field], left, right, after, wins=_winner(left, after) if chosen else "")
    if not found:
        return line
    weight = sum(each for _level, each in found)
    telling = max(found, key=lambda each: abs(each[1]))[0]
    return replace(line, weight=signed(weight, 1), level=str(LEVELS.get(telling, telling)), bar=Bar.of(weight))


def _winner(left: Sequence[str], after: Sequence[str]) -> str:
    return "left" if left == after else "right"


def _given(word: str) -> list[str]:
    return [word] if word else []


def sure(pair: DuplicatePair) -> str:
    """Say how likely both are one person; never a whole hundred."""
    return percent(min(pair.likelihood, SUREST))


def named(pair: DuplicatePair) -> str:
    """Name both, masked, so that one sees where they differ."""
    names = mask_names(pair.left.name, pair.right.name)
    return " ⇄ ".join(name or each.public_id for name, each in zip(names, (pair.left, pair.right), strict=True))


def headline(pair: DuplicatePair) -> str:
    """Say what speaks most for it, in the words of the levels."""
    titles = {column: TITLES[field] for field, columns in FIELDS.items() for column in columns}
    said = dict[Text, Text]()
    for column, level, weight in sorted(pair.evidence, key=lambda each: -each[2]):
        if weight > 0:
            said.setdefault(titles.get(column, column), LEVELS.get(level, level))
    return " · ".join(f"{title} {level}" for title, level in list(said.items())[:SAID])
