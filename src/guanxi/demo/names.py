"""Names people could have, Chinese and foreign, each with a spelling in Latin letters."""

from dataclasses import dataclass
from random import Random

from guanxi.demo.words import WORDS


@dataclass(frozen=True)
class Name:
    """What somebody is called, and how that is spelled in an address."""

    text: str
    latin: str


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return [(sign, latin) for sign, latin in (word.split() for word in words)]


_told = WORDS["names"]
_shares = [word.split() for word in _told["surnames"]]
_surnames = [(sign, latin) for sign, latin, _ in _shares]
_weights = [int(share) for *_, share in _shares]
_given = {
    gender: (_pairs(_told[f"{whose}_first"]), _pairs(_told[f"{whose}_last"]))
    for gender, whose in (("female", "her"), ("male", "his"))
}
_foreign = {"female": _told["her_given"], "male": _told["his_given"]}


def chinese(rng: Random, gender: str) -> Name:
    """Make a Chinese name: one of four has a single given character."""
    surname, latin = rng.choices(_surnames, _weights)[0]
    first, last = _given[gender]
    parts = [rng.choice(last)] if rng.random() < 0.25 else [rng.choice(first), rng.choice(last)]
    given = "".join(sign for sign, _ in parts)
    return Name(surname + given, f"{latin}.{''.join(spelled for _, spelled in parts)}")


def foreign(rng: Random, gender: str) -> Name:
    """Make a foreign name."""
    given, family = rng.choice(_foreign[gender]), rng.choice(_told["family"])
    return Name(f"{given} {family}", f"{given}.{family}".lower())
