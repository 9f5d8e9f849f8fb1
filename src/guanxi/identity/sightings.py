"""What sources saw of people, and who they turned out to be."""

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from guanxi.customers.models import Identifier


@dataclass(frozen=True, kw_only=True)
class Identification:
    """One identifier as a source gave it; phones in E.164, e-mails in lower case. One that ends never joins."""

    kind: str
    value: str
    namespace: str = ""
    scope: str = ""
    strength: str = "strong"
    ends_on: date | None = None

    @property
    def digest(self) -> str:
        """The blind index over namespace, scope, kind and value, as 32 hexadecimal digits."""
        return Identifier.digest_of(self.kind, self.value, namespace=self.namespace, scope=self.scope)

    @property
    def may_join(self) -> bool:
        """Whether it is strong and in force for good."""
        return self.strength == Identifier.Strength.STRONG and self.ends_on is None


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What one source says of one person: its key for them, what it calls them, how they can be recognised.

    `unread` are the kinds of which something was given that could not be read, each with the reason.
    """

    source: str
    store: str
    key: str
    seen_at: datetime
    identifications: tuple[Identification, ...] = ()
    name: str = ""
    gender: str = ""
    birthday: date | None = None
    province: str = ""
    city: str = ""
    country: str = ""
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """Name the profile it is about, as 32 hexadecimal digits."""
        return sha256("\x1f".join((self.source, self.store, self.key)).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Person:
    """Whose facts a sighting's facts are."""

    profile_id: int
    customer_id: int


@dataclass
class Resolution:
    """The outcome: a person per sighting key, and what had to be created.

    `identifiers` were added to profiles that were known; `moved` says whether somebody known was merged or parted, so
    that whoever was resolved before has to be asked for again (`current`).
    """

    people: dict[str, Person] = field(default_factory=dict)
    customers: list[int] = field(default_factory=list)
    profiles: list[int] = field(default_factory=list)
    identifiers: list[int] = field(default_factory=list)
    moved: bool = False
