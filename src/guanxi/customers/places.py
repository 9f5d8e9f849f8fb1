"""The register of places in which something of a person can stand: by it people get their copy, and are erased.

Every context registers its tables in `AppConfig.ready()`, and whatever of people lies outside of tables. A table of
which nothing is said fails a test: what nobody thought of is never what is left behind.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from guanxi.core.errors import Refused
from guanxi.customers.family import Person
from guanxi.customers.models import CustomerFact

Text = str | Promise
Rows = models.QuerySet[Any]


class NotYet(Refused):
    """What is to be erased is being worked on now."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One table with rows about people, and what an erasure does to them.

    Attributes
    ----------
    whose
        The way from a row to the key of its customer; `others` are further such ways, `profiles_of` those to the keys
        of its profiles. Of a fact its own are known.
    blanked
        Where the rows stay: the fields that are emptied, and with what. Without any, the rows go.
    stays
        What of a row stays, and why; of rows that stay every text, list and sealed value is in one of the two.
    before
        Called with the keys of some rows before they go, in the same transaction.
    copied
        What the person's copy tells of a row: the name of a field, or of what `reads` gives, and its title.
    past
        What the copy tells beside it of rows that have left the book.
    words
        What the rows say that files outside of the book may hold too, such as a name and a phone.
    """

    model: type[models.Model]
    title: Text
    whose: str = "customer"
    others: Sequence[str] = ()
    profiles_of: Sequence[str] = ()
    narrowed: Q = field(default_factory=Q)
    blanked: Mapping[str, Any] = field(default_factory=dict)
    stays: Mapping[str, Text] = field(default_factory=dict)
    before: Callable[[Sequence[int]], object] = lambda _ids: None
    copied: Mapping[str, Text] = field(default_factory=dict)
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    past: Callable[[Person], Iterable[Mapping[str, Any]]] = lambda _person: ()
    words: Callable[[Any], Iterable[str]] | None = None
    order: int = 50

    @property
    def name(self) -> str:
        """The name by which an erasure remembers that it was here."""
        return self.model._meta.label_lower  # noqa: SLF001 - Django's documented name

    @property
    def rows_go(self) -> bool:
        """Whether the rows are deleted; else they are blanked, or stay as they are."""
        return not self.blanked and not self.stays

    def rows(self, person: Person) -> Rows:
        """Find the rows about a person."""
        ways = self.profiles_of or (("profile",) if issubclass(self.model, CustomerFact) else ())
        meant = Q(pk__in=())
        for way in (self.whose, *self.others):
            meant |= Q(**{f"{way}__in": person.customers}) if way else Q(pk__in=())
        for way in ways if person.profiles else ():
            meant |= Q(**{f"{way}__in": person.profiles})
        return self.model._default_manager.filter(meant).filter(self.narrowed)  # noqa: SLF001


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place outside of a person's tables: files, logs, what is kept for programs. `erase` says how much it did."""

    name: str
    title: Text
    erase: Callable[[Person], int]


_places: dict[str, Place] = {}
_spots: dict[str, Spot] = {}
_nobodys: dict[str, str] = {}


def register(*items: Place | Spot) -> None:
    """Declare places; declaring one again replaces it."""
    for item in items:
        if isinstance(item, Place):
            _places[item.name] = item
        else:
            _spots[item.name] = item


def nobody(why: str, *found: type[models.Model]) -> None:
    """Declare tables that hold nothing of the people in the book, and why that is so."""
    _nobodys.update({model._meta.label_lower: why for model in found})  # noqa: SLF001


def places() -> list[Place]:
    """List the tables of people in the order in which they are erased: what refers to others comes first."""
    return sorted(_places.values(), key=lambda place: (place.order, place.name))


def spots() -> list[Spot]:
    """List what lies outside of tables."""
    return [_spots[name] for name in sorted(_spots)]


def nobodys() -> Mapping[str, str]:
    """Give the tables without people, each with the reason."""
    return _nobodys


def words(person: Person) -> Iterator[str]:
    """Give the words by which files outside of the book may name a person; as long as the book still knows them."""
    for place in places():
        for row in place.rows(person) if place.words else ():
            yield from place.words(row)  # type: ignore[misc]  # asked a line above
