"""Who of the demo shop belongs together: families behind one door, a dormitory, givers, and who brought whom."""

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer
from guanxi.demo import places
from guanxi.demo.people import Person
from guanxi.identity.graph.relating import referred_by

DORMITORY = 212
DOOR = "学院路 30 号 7 栋"
FEWEST = 9  # however small the shop is, a dormitory is no family
FAMILIES = 0.02
GIVEN = 0.35
BROUGHT = 0.006


def tie(people: Sequence[Person], today: dt.date) -> None:
    """Give everybody a door, some the same one, and some givers somebody of the cast to give to."""
    rng = Random(f"ties {today}")  # noqa: S311 - made up, and the same every time
    for person in people:
        person.door = places.street(rng, person.place)
    at_home = [person for person in people if not person.is_foreign]
    rng.shuffle(at_home)
    dormitory = max(FEWEST, round(DORMITORY * len(people) / 20_000))
    for person in at_home[:dormitory]:
        person.place, person.door = places.HANGZHOU, DOOR
    left = at_home[dormitory:]
    heads = range(0, round(len(left) * FAMILIES) * 3, 3)
    for nth in heads:
        _live_together(left[nth : nth + rng.choice((2, 2, 3))])
    reached = [person for person in left if person.phone]
    for person in people:
        if reached and person.habit.key == "giver" and rng.random() < GIVEN:
            person.gives_to = rng.choice(reached)
    friends = [left[nth] for nth in heads][: round(len(at_home) * BROUGHT / 4) + 1]
    for person in rng.sample(left, round(len(left) * BROUGHT)) if friends else ():
        friend = rng.choice(friends)
        person.brought_by = friend if friend is not person else None


def introduce(people: Sequence[Person], whose: Mapping[int, int], staff: Mapping[Role, Staff]) -> int:
    """Write down who brought whom; what is there already stays. Says how many there are."""
    brought = [person for person in people if person.brought_by]
    keys = [(whose.get(p.place_in_cast), whose.get(p.brought_by.place_in_cast)) for p in brought if p.brought_by]
    found = Customer.objects.in_bulk([pk for pair in keys for pk in pair if pk])
    pairs = [(found[came], found[friend]) for came, friend in keys if came and friend and came != friend]
    for came, friend in pairs:
        referred_by(came, friend, by=staff[Role.AGENT])
    return len(pairs)


def _live_together(family: Sequence[Person]) -> None:
    for person in family[1:]:
        person.place, person.door = family[0].place, family[0].door
