"""The customers of the demo shop: who they are, where they buy, how one can reach them."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from guanxi.demo import names, places
from guanxi.demo.goods import GIFTS, SHELVES
from guanxi.demo.habits import HABITS, Habit
from guanxi.demo.outlets import COUNTER, OUTLETS, OWN, SHOPIFY, TMALL, WECHAT, Outlet
from guanxi.demo.places import Place
from guanxi.demo.words import WORDS

SECOND_PERCENT = 16
NEXT_DOOR = {  # where people of an outlet buy as well, and who does so
    OWN.code: (WECHAT, TMALL, COUNTER, SHOPIFY), WECHAT.code: (COUNTER, OWN, TMALL), COUNTER.code: (WECHAT, OWN, TMALL),
    TMALL.code: (WECHAT, OWN), SHOPIFY.code: (OWN,),
}  # fmt: skip
MOBILE = WORDS["phones"]["mobile"]
MAIL = ("example.com", "example.net", "example.org")
FEAST_TASTES = [3 if shelf == GIFTS else 1 for shelf in SHELVES]


@dataclass(kw_only=True)
class Person:
    """Somebody who buys; `tastes` are the shelves they like, `numbers` what each outlet calls
    them, `since` when they were first seen.
    """

    place_in_cast: int
    name: str
    gender: str
    habit: Habit
    home: Outlet
    second: Outlet | None
    place: Place
    tastes: tuple[str, ...]
    phone: str = ""
    email: str = ""
    door: str = ""
    gives_to: "Person | None" = field(default=None, repr=False, compare=False)
    brought_by: "Person | None" = field(default=None, repr=False, compare=False)
    birthday: dt.date | None = None
    since: dt.datetime
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def is_foreign(self) -> bool:
        """Whether their parcels go abroad."""
        return self.home is SHOPIFY

    @property
    def currency(self) -> str:
        """The money they pay in."""
        return {"GB": "GBP"}.get(self.place.country, self.home.currency) if self.is_foreign else "CNY"

    @property
    def outlets(self) -> Iterator[Outlet]:
        """Where they buy."""
        yield self.home
        if self.second:
            yield self.second


@dataclass
class Addresses:
    """Telephone numbers and e-mail addresses that were given out: nobody else gets the same."""

    rng: Random
    taken: set[str] = field(default_factory=set)

    def mobile(self) -> str:
        """Give out a Chinese mobile number of a block in which ours all begin with four noughts."""
        return self._unused(lambda: f"{self.rng.choice(MOBILE)}0000{self.rng.randrange(10_000):04}")

    def abroad(self, place: Place) -> str:
        """Give out a number set aside for made-up people; none where there is none for the town, or none left."""
        for _ in range(8 if place.codes else 0):
            number = f"+1 {self.rng.choice(place.codes)}-555-01{self.rng.randrange(100):02}"
            if number not in self.taken:
                self.taken.add(number)
                return number
        return ""

    def email(self, latin: str) -> str:
        """Give out an address under a name that belongs to nobody, before the @ like no other."""
        word = latin if self.rng.random() < 0.5 else latin.replace(".", "")
        mine = self._unused(lambda: f"{word}{self.rng.choice(('', self.rng.randint(1, 9_999)))}")
        return f"{mine}@{self.rng.choice(MAIL)}"

    def _unused(self, make: Callable[[], str]) -> str:
        while (found := make()) in self.taken:
            pass
        self.taken.add(found)
        return found


def cast(rng: Random, count: int, today: dt.date) -> list[Person]:
    """Make the people up."""
    addresses = Addresses(rng)
    habits = rng.choices(HABITS, [habit.share for habit in HABITS], k=count)
    homes = rng.choices(OUTLETS, [outlet.share for outlet in OUTLETS], k=count)
    return [
        _person(addresses, nth, habit=habit, home=home, today=today)
        for nth, (habit, home) in enumerate(zip(habits, homes, strict=True))
    ]


def _person(addresses: Addresses, nth: int, *, habit: Habit, home: Outlet, today: dt.date) -> Person:
    rng = addresses.rng
    gender = "female" if rng.random() < 0.57 else "male"
    foreign = home is SHOPIFY or rng.random() < 0.012
    name = names.foreign(rng, gender) if foreign else names.chinese(rng, gender)
    place = _place(rng, home)
    person = Person(
        place_in_cast=nth, name=name.text, gender=gender, habit=habit, home=home, place=place,
        since=dt.datetime.combine(today, dt.time(), dt.UTC),
        second=rng.choice(NEXT_DOOR[home.code]) if rng.random() * 100 < SECOND_PERCENT else None,
        tastes=tuple(rng.choices(SHELVES, FEAST_TASTES if habit.days == "feasts" else None, k=2)),
    )  # fmt: skip
    _make_reachable(person, name.latin, addresses)
    if rng.random() < 0.46:
        person.birthday = today - dt.timedelta(days=int(rng.triangular(19, 74, 36) * 365.25))
    for outlet in person.outlets:
        person.numbers[outlet.code] = _number(outlet, person, name.latin, rng)
    return person


def _place(rng: Random, home: Outlet) -> Place:
    if home is SHOPIFY:
        return places.abroad(rng)
    return places.HANGZHOU if home is COUNTER and rng.random() < 0.82 else places.at_home(rng)


def _make_reachable(person: Person, latin: str, addresses: Addresses) -> None:
    """Give them what their outlet asks for; who buys in two outlets is known to both by the same word."""
    rng = addresses.rng
    if person.is_foreign:
        person.email = addresses.email(latin)
        person.phone = addresses.abroad(person.place) if rng.random() < 0.4 else ""
        return
    told = {TMALL.code: 0.62, OWN.code: 0.94}.get(person.home.code, 1.0)
    if person.second or rng.random() < told:
        person.phone = addresses.mobile()
    if person.second is SHOPIFY or not person.phone or rng.random() < (0.72 if person.home is OWN else 0.14):
        person.email = addresses.email(latin) if person.home is not TMALL or person.second else ""


def _number(outlet: Outlet, person: Person, latin: str, rng: Random) -> str:
    """What an outlet calls somebody: a card, a nickname, an openid; abroad it is the e-mail address."""
    match outlet.code:
        case TMALL.code:
            return rng.choice((latin.replace(".", "_"), f"tb{rng.randrange(10**6, 10**8)}", person.name)) + str(
                person.place_in_cast
            )
        case WECHAT.code:
            letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789_-"
            return "oH7T5" + "".join(rng.choices(letters, k=18)) + f"{person.place_in_cast:05}"
        case COUNTER.code:
            return f"HF{person.place_in_cast + 10_001:06}"
        case OWN.code:
            return f"M{person.place_in_cast + 100_001}"
    return person.email
