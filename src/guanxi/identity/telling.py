"""The attributes of a golden record: what each of its profiles says of the person, and who wins.

A founder's saying is its customer's own row, as long as nobody else says anything; once others win, `Telling` keeps it,
and the row shows what wins. What somebody edits meanwhile is taken for their own. A joiner's saying stays with it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from guanxi.customers.by_hand import SOURCE
from guanxi.customers.models import Customer, Event, SourceProfile, Telling
from guanxi.identity.models import Merge
from guanxi.identity.sayings import said_at, says, written
from guanxi.warehouse.models import CHANGED

UNITS: Mapping[str, tuple[str, ...]] = {  # what is told together: a city without its province may be another one
    "name": ("name",),
    "gender": ("gender",),
    "birthday": ("birthday",),
    "place": ("province", "city", "country"),
}
ATTRIBUTES = tuple(name for unit in UNITS.values() for name in unit)
KEPT = (*ATTRIBUTES, "first_source", "created_at", "import_id")
EDITED, PREFERRED = "Customer Updated", "Values Preferred"
Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one profile says: values by the names of attributes, and when staff last wrote which by hand.

    `place` is what its source calls it, by which equals are told apart whatever order they came in; `home` is the
    customer it founded.
    """

    place: tuple[str, ...]
    profile: int | None
    home: int | None
    values: Mapping[str, Any]
    said_at: datetime
    edited: Mapping[str, datetime] = field(default_factory=dict)

    def says(self, unit: str) -> tuple[Any, ...]:
        """Give the values of a unit; nothing where all are empty."""
        values = tuple(self.values[name] for name in UNITS[unit])
        return values if any(values) else ()

    def edited_at(self, unit: str) -> datetime | None:
        """Tell when staff last wrote something of a unit."""
        return max((at for name in UNITS[unit] if (at := self.edited.get(name))), default=None)

    @property
    def seen_at(self) -> datetime:
        """When a source first saw them."""
        at: datetime = self.values["created_at"]
        return at


@dataclass(frozen=True, kw_only=True)
class Precedence:
    """Who wins: of each attribute `newest`, `trusted` or `frequent`, and the sources, the most trusted first.

    What staff wrote by hand wins before all of them. A unit goes by the rule of its first attribute.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    trusted: Sequence[str] = ()

    def winner(self, unit: str, told: Sequence[Told]) -> Told | None:
        """Choose whose values of a unit are shown; None where nobody says any. What staff emptied stays empty."""
        ordered = sorted(told, key=lambda each: each.place)
        by_hand = [(at, each) for each in ordered if (at := each.edited_at(unit))]
        if by_hand:
            return max(by_hand, key=lambda row: row[0])[1]
        speaking = [each for each in ordered if each.says(unit)]
        if not speaking:
            return None
        return max(speaking, key=self._rank(self.rules.get(UNITS[unit][0], "newest"), unit, speaking))

    def _rank(self, rule: str, unit: str, speaking: Sequence[Told]) -> Any:
        often = Counter(each.says(unit) for each in speaking)
        trust = {source: -place for place, source in enumerate(self.trusted)}
        ranks: Mapping[str, Callable[[Told], int]] = {
            "frequent": lambda each: often[each.says(unit)],
            "trusted": lambda each: trust.get(each.values["first_source"], -len(trust)),
        }
        first = ranks.get(rule, lambda _each: 0)
        return lambda each: (first(each), each.said_at)  # type: ignore[no-untyped-call]


def golden(told: Sequence[Told], precedence: Precedence) -> Values:
    """Make one record of what several say; of one it is what they say.

    The first source is that of who was seen first. A record of several founders belongs to no import, and none takes
    it back.
    """
    if len(told) == 1:
        return dict(told[0].values)
    first = min(told, key=lambda each: (each.seen_at, each.place))
    homes = [each for each in told if each.home]
    shown: Values = {name: first.values[name] for name in ("first_source", "created_at")}
    shown["import_id"] = homes[0].values["import_id"] if len(homes) == 1 else None
    for unit, names in UNITS.items():
        winner = precedence.winner(unit, told) or first
        shown |= {name: winner.values[name] for name in names}
    return shown


@dataclass(frozen=True)
class Sayings:
    """What is said of some customers: their profiles, their rows as they are and what was kept of their founders."""

    customers: Sequence[int]
    profiles: Mapping[int, Sequence[SourceProfile]]
    rows: Mapping[int, Values]
    kept: Mapping[int, Telling]
    edited: Mapping[int, Mapping[str, datetime]]

    @classmethod
    def of(cls, customers: Collection[int]) -> "Sayings":
        """Read it: of the customers themselves, and of those who were merged into them."""
        profiles: dict[int, list[SourceProfile]] = defaultdict(list)
        for each in SourceProfile.objects.filter(customer__in=customers):
            profiles[each.customer_id or 0].append(each)
        founders = [each for mine in profiles.values() for each in mine if each.home_id]
        known = {*customers, *(each.home_id or 0 for each in founders)}
        rows = {row.pop("pk"): row for row in map(dict, Customer.objects.filter(pk__in=known).values("pk", *KEPT))}
        kept = Telling.objects.in_bulk(list(known))
        contested = [each for mine in profiles.values() if len(mine) > 1 for each in mine]
        return cls(sorted(customers), profiles, rows, kept, _edits(contested))

    def own(self, customer: int) -> Values:
        """Give what a founder says, whatever the customer's row shows."""
        return _reconciled(self.rows[customer], self.kept.get(customer))

    def told(self, customer: int, changes: Mapping[int, Mapping[str, Any]]) -> list[Told]:
        """Give what is said of one customer; what founders say from now on goes before."""
        found = [self._said(each, changes) for each in self.profiles.get(customer, ())]
        if all(each.home != customer for each in found):  # nobody founded them, or who did was parted from them
            mine = self.own(customer) | dict(changes.get(customer, {}))
            found.append(Told(place=(), profile=None, home=customer, values=mine, said_at=mine["created_at"]))
        return found

    def _said(self, profile: SourceProfile, changes: Mapping[int, Mapping[str, Any]]) -> Told:
        home = profile.home_id
        values = self.own(home) | dict(changes.get(home, {})) if home else says(profile)
        by_hand = [name for name in ATTRIBUTES if values[name]] if home and profile.source == SOURCE else []
        return Told(
            place=(profile.source, profile.store, profile.key), profile=profile.pk, home=home, values=values,
            said_at=said_at(profile),
            edited=dict.fromkeys(by_hand, profile.first_seen_at) | dict(self.edited.get(profile.pk, {})),
        )  # fmt: skip


def own(customers: Collection[int]) -> dict[int, Values]:
    """Read what customers say of themselves, whatever their rows show."""
    kept = Telling.objects.in_bulk(list(customers))
    rows = {row.pop("pk"): row for row in map(dict, Customer.objects.filter(pk__in=customers).values("pk", *KEPT))}
    return {pk: _reconciled(row, kept.get(pk)) for pk, row in rows.items()}


def tell(
    customers: Collection[int], precedence: Precedence, changes: Mapping[int, Mapping[str, Any]] | None = None
) -> None:
    """Have the rows of customers say what wins, and of those merged away what is their own.

    `changes` are what founders say from now on, by the customers whom they founded.
    """
    read, changes = Sayings.of(customers), changes or {}
    several: dict[int, tuple[Values, Values]] = {}
    for pk in (pk for pk in read.customers if pk in read.rows):
        mine, now = read.own(pk) | dict(changes.get(pk, {})), read.rows[pk]
        shown = golden(read.told(pk, changes), precedence)
        differences = {name: value for name, value in shown.items() if now[name] != value}
        if differences:
            Customer.objects.filter(pk=pk).update(**differences, **CHANGED)
        if shown != mine:
            several[pk] = mine, shown
    _keep(several, set(read.kept) & set(read.customers))


def _keep(several: Mapping[int, tuple[Values, Values]], before: set[int]) -> None:
    if gone := before - set(several):
        Telling.objects.filter(customer__in=gone).delete()
    if several:
        Telling.objects.bulk_create(
            [
                Telling(customer_id=pk, own=_written(mine), shown=_written(shown))
                for pk, (mine, shown) in sorted(several.items())
            ],
            update_conflicts=True, unique_fields=["customer"], update_fields=["own", "shown"],
        )  # fmt: skip


def _edits(profiles: Collection[SourceProfile]) -> dict[int, dict[str, datetime]]:
    """Read when staff last wrote which attribute of whom, or chose it at a merge in force, from the stream."""
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    if profiles:
        events = Event.objects.filter(profile__in=profiles, name__in=(EDITED, PREFERRED)).order_by("occurred_at", "pk")
        rows = list(events.values_list("profile", "occurred_at", "properties"))
        undone = _undone({merge for _profile, _at, told in rows if (merge := told.get("merge"))})
        for profile, at, told in rows:
            if told.get("merge") not in undone:
                found[profile or 0] |= dict.fromkeys(told.get("fields", ()), at)
    return found


def _undone(merges: set[int]) -> set[int]:
    stand = Merge.objects.in_force().filter(pk__in=merges).values_list("pk", flat=True) if merges else ()
    return merges - set(stand)


def _reconciled(row: Mapping[str, Any], kept: Telling | None) -> Values:
    """Take what was edited since a record shows what others say for what its own founder says, whole units of it."""
    if kept is None:
        return dict(row)
    mine, shown = _read(kept.own), _read(kept.shown)
    whole = {name: names for names in UNITS.values() for name in names}
    return {
        name: value if any(row[each] != shown.get(each) for each in whole.get(name, (name,))) else mine.get(name)
        for name, value in row.items()
    }


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: written(value) for name, value in values.items()}


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    read = dict(values)
    if read.get("birthday"):
        read["birthday"] = date.fromisoformat(read["birthday"])
    return read | {"created_at": datetime.fromisoformat(read["created_at"])}
