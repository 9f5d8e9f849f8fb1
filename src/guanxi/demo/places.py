"""Where people live: Chinese cities by how much tea they buy, and the towns abroad a parcel goes to."""

from dataclasses import dataclass
from random import Random

from guanxi.demo.words import WORDS


@dataclass(frozen=True, kw_only=True)
class Place:
    """A town, and the codes its telephones begin with where made-up numbers are set aside for it."""

    province: str
    city: str
    country: str = ""
    codes: tuple[str, ...] = ()


def _china() -> tuple[list[Place], list[int]]:
    rows = [word.split() for word in WORDS["places"]["china"]]
    return [Place(province=province, city=city) for province, city, _ in rows], [int(row[-1]) for row in rows]


def _abroad() -> tuple[list[Place], list[int]]:
    rows = [word.split("|") for word in WORDS["places"]["abroad"]]
    places = [Place(province=p, city=c, country=land, codes=tuple(codes.split())) for land, p, c, codes, _ in rows]
    return places, [int(row[-1]) for row in rows]


_at_home, _far_away = _china(), _abroad()
HANGZHOU = _at_home[0][0]
_streets, _lanes = WORDS["places"]["streets"], WORDS["places"]["lanes"]


def at_home(rng: Random) -> Place:
    """Choose a town in China."""
    return rng.choices(*_at_home)[0]


def abroad(rng: Random) -> Place:
    """Choose a town abroad."""
    return rng.choices(*_far_away)[0]


def street(rng: Random, place: Place) -> str:
    """Make a street and a number up."""
    if place.country:
        return f"{rng.randint(2, 240)} {rng.choice(_lanes)}"
    return f"{rng.choice(_streets)} {rng.randint(2, 899)} 号 {rng.randint(1, 30)}-{rng.randint(101, 1802)}"
