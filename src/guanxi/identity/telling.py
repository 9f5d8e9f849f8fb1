"""The attributes of a golden record: what each of its customers says of itself, and who wins.

A customer's own row says it as long as nobody was merged into them, and again once they are merged away. Of one made of
several, `Telling` keeps their own; the row shows what wins. What somebody edits meanwhile is taken for their own.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from guanxi.customers.models import Customer, Event, SourceProfile, Telling
from guanxi.warehouse.models import CHANGED

UNITS: Mapping[str, tuple[str, ...]] = {  # what is told together: a city without its province may be another one
    "name": ("name",),
    "gender": ("gender",),
    "birthday": ("birthday",),
    "place": ("province", "city", "country"),
}
ATTRIBUTES = tuple(name for unit in UNITS.values() for name in unit)
KEPT = (*ATTRIBUTES, "first_source", "created_at", "import_id")
EDITED = "Customer Updated"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one customer says of itself: values by the names of attributes, and when staff last wrote which by hand."""

    customer: int
    values: Mapping[str, Any]
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
        """Choose whose values of a unit are shown; None where nobody says any."""
        speaking = [each for each in told if each.says(unit)]
        if not speaking:
            return None
        by_hand = [(at, -each.customer, each) for each in speaking if (at := each.edited_at(unit))]
        if by_hand:
            return max(by_hand, key=lambda row: row[:2])[2]
        return max(speaking, key=self._rank(self.rules.get(UNITS[unit][0], "newest"), unit, speaking))

    def _rank(self, rule: str, unit: str, speaking: Sequence[Told]) -> Any:
        often = Counter(each.says(unit) for each in speaking)
        trust = {source: -place for place, source in enumerate(self.trusted)}
        ranks: Mapping[str, Callable[[Told], int]] = {
            "frequent": lambda each: often[each.says(unit)],
            "trusted": lambda each: trust.get(each.values["first_source"], -len(trust)),
        }
        first = ranks.get(rule, lambda _each: 0)
        return lambda each: (first(each), each.seen_at, -each.customer)  # type: ignore[no-untyped-call]


def golden(told: Sequence[Told], precedence: Precedence) -> dict[str, Any]:
    """Make one record of what several say; of one it is what they say.

    The first source is that of who was seen first. A record of several belongs to no import, and none takes it back.
    """
    if len(told) == 1:
        return dict(told[0].values)
    first = min(told, key=lambda each: (each.seen_at, each.customer))
    shown: dict[str, Any] = {name: first.values[name] for name in ("first_source", "created_at")} | {"import_id": None}
    lowest = min(told, key=lambda each: each.customer)
    for unit, names in UNITS.items():
        winner = precedence.winner(unit, told) or lowest
        shown |= {name: winner.values[name] for name in names}
    return shown


def tellings(customers: Collection[int]) -> dict[int, list[Told]]:
    """Read what each member of some golden records says of itself, by golden record, the lowest id first."""
    profiles = SourceProfile.objects.filter(customer__in=customers, home__isnull=False)
    rows = list(profiles.order_by("home").values_list("pk", "customer", "home"))
    said, edited = own([home for _pk, _customer, home in rows]), _edits([pk for pk, _customer, _home in rows])
    found: dict[int, list[Told]] = defaultdict(list)
    for pk, customer, home in rows:
        found[int(customer or 0)].append(Told(customer=home or 0, values=said[home or 0], edited=edited[pk]))
    return found


def own(customers: Collection[int]) -> dict[int, dict[str, Any]]:
    """Read what customers say of themselves, whatever their rows show."""
    kept = {each.customer_id: each for each in Telling.objects.filter(customer__in=customers)}
    rows = Customer.objects.filter(pk__in=customers).values("pk", *KEPT)
    return {row["pk"]: _reconciled(row, kept.get(row.pop("pk"))) for row in map(dict, rows)}


def tell(customers: Collection[int], precedence: Precedence) -> None:
    """Have the rows of customers say what wins, and of those merged away what is their own."""
    people = tellings(customers)
    said = own(customers)
    shown = {pk: golden(people[pk], precedence) if pk in people else said[pk] for pk in customers if pk in said}
    now = {row["pk"]: row for row in Customer.objects.filter(pk__in=shown).values("pk", *KEPT)}
    for pk, values in shown.items():
        changes = {name: value for name, value in values.items() if now[pk][name] != value}
        if changes:
            Customer.objects.filter(pk=pk).update(**changes, **CHANGED)
    _keep({pk: (said[pk], shown[pk]) for pk in shown if len(people.get(pk, ())) > 1}, customers)


def _keep(several: Mapping[int, tuple[dict[str, Any], dict[str, Any]]], customers: Collection[int]) -> None:
    Telling.objects.filter(customer__in=set(customers) - set(several)).delete()
    Telling.objects.bulk_create(
        [
            Telling(customer_id=pk, own=_written(mine), shown=_written(shown))
            for pk, (mine, shown) in sorted(several.items())
        ],
        update_conflicts=True, unique_fields=["customer"], update_fields=["own", "shown"],
    )  # fmt: skip


def _edits(profiles: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """Read when staff last wrote which attribute of whom, from the stream."""
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    events = Event.objects.filter(profile__in=list(profiles), name=EDITED).order_by("occurred_at", "pk")
    for profile, at, properties in events.values_list("profile", "occurred_at", "properties"):
        found[profile] |= dict.fromkeys(properties.get("fields", ()), at)
    return found


def _reconciled(row: Mapping[str, Any], kept: Telling | None) -> dict[str, Any]:
    """Take what was edited since a record is made of several for what its own customer says."""
    if kept is None:
        return dict(row)
    mine, shown = _read(kept.own), _read(kept.shown)
    return {name: value if value != shown.get(name) else mine.get(name) for name, value in row.items()}


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    read = dict(values)
    if read.get("birthday"):
        read["birthday"] = date.fromisoformat(read["birthday"])
    return read | {"created_at": datetime.fromisoformat(read["created_at"])}
