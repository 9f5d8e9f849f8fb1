"""Customers of the demo shop who are known twice: a name written by ear or in letters, a number with a wrong digit."""

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random

from pypinyin import lazy_pinyin

from guanxi.demo.outlets import KEEP_MEMBERS
from guanxi.demo.people import MAIL, Person
from guanxi.demo.words import WORDS

SHARE = 0.005
ALIKE: Mapping[str, str] = {sign: other for pair in WORDS["names"]["alike"] for sign, other in (pair, pair[::-1])}
COMPOUND = {sign for sign in (word.split()[0] for word in WORDS["names"]["surnames"]) if len(sign) > 1}


def tell_twice(people: Sequence[Person], today: dt.date) -> list[tuple[Person, Person]]:
    """Have some be somebody else's second telling, by another outlet; gives who and as whom."""
    rng = Random(f"twins {today}")  # noqa: S311 - made up, and the same every time
    told = [each for each in people if each.home in KEEP_MEMBERS and each.phone and not each.name.isascii()]
    rng.shuffle(told)
    taken = {word for each in people for word in (each.phone, each.email)}
    pairs = []
    for _ in range(round(len(people) * SHARE)):
        first = told.pop()
        again = next((each for each in told if each.home is not first.home and not each.second), None)
        if again is None:
            break
        told.remove(again)
        _say_again(first, again, rng, taken)
        pairs.append((first, again))
    return pairs


def _say_again(first: Person, again: Person, rng: Random, taken: set[str]) -> None:
    write = rng.choice((_by_ear, _in_letters, None))
    again.name = write(first.name) if write else first.name
    again.gender, again.place, again.door = first.gender, first.place, first.door
    again.birthday = first.birthday if rng.random() < 0.8 else None
    again.phone = _mistyped(first.phone, rng, taken)
    others = (f"{first.email.partition('@')[0]}@{each}" for each in MAIL) if first.email else ()
    again.email = next((each for each in others if each not in taken), "")
    taken.add(again.email)


def _by_ear(name: str) -> str:
    """Write a name by signs that sound the same, the last that has one first; as it is where none has."""
    for place in range(len(name) - 1, 0, -1):
        if other := ALIKE.get(name[place]):
            return name[:place] + other + name[place + 1 :]
    return name


def _in_letters(name: str) -> str:
    length = 2 if name[:2] in COMPOUND else 1
    surname, given = ("".join(lazy_pinyin(part)).capitalize() for part in (name[:length], name[length:]))
    return f"{surname} {given}"


def _mistyped(phone: str, rng: Random, taken: set[str]) -> str:
    """Get one of the last four digits wrong; nobody else has that number."""
    while True:
        place = rng.randrange(-4, 0)
        digit = rng.choice([each for each in "0123456789" if each != phone[place]])
        wrong = phone[:place] + digit + phone[len(phone) + place + 1 :]
        if wrong not in taken:
            taken.add(wrong)
            return wrong
