"""Whose a fact is where a customer may have one of its kind alone: pure, from claims to seats.

Of two customers merged into one, both may carry the same tag. One tagging is the survivor's; the other waits with the
customer it was said of, whom nobody sees, and is simply theirs again after an unmerge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Rows of a fact that stand or wait together: one tagging, or all values of a field.

    `customer` is whose profile said it. `home` is the merged customer where it can wait, if there is one. `words` are
    what a customer has once. Who is `barred` waits even where nothing is in the way.
    """

    rows: tuple[int, ...]
    customer: int | None
    home: int | None
    words: frozenset[tuple[object, ...]] = frozenset()
    barred: bool = False


def seated(claims: Iterable[Claim]) -> dict[int, int | None]:
    """Give the customer of each row, claims with precedence first; None where it waits with nobody.

    >>> tea = frozenset({("tag", 7)})
    >>> seated([Claim(rows=(1,), customer=10, home=None, words=tea), Claim(rows=(2,), customer=10, home=20, words=tea)])
    {1: 10, 2: 20}
    """
    taken: set[tuple[int, tuple[object, ...]]] = set()
    seats: dict[int, int | None] = {}
    for claim in claims:
        wanted = [claim.home] if claim.barred else [claim.customer, claim.home]
        places = (place for place in wanted if place and not any((place, word) in taken for word in claim.words))
        place = next(places, None)
        if place is not None:
            taken |= {(place, word) for word in claim.words}
        seats |= dict.fromkeys(claim.rows, place)
    return seats


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """One consent as it bears on others: who said it, about what, whether it holds, and what overruled it."""

    row: int
    profile: int
    customer: int | None
    about: tuple[object, ...]
    in_force: bool
    overruled_by: int | None = None


def barred(consents: Sequence[Agreed]) -> set[int]:
    """Give the consents that do not hold because another identity of the same person took theirs back.

    The strictest wins: a withdrawal of one identity beats the consent of another, whichever is newer, until the person
    agrees again as the one they are now (`overruled_by`). That nobody asked is no withdrawal.
    """
    whose = {each.row: each.customer for each in consents}
    agreeing = {(each.profile, each.about) for each in consents if each.in_force}
    refused: dict[tuple[int | None, tuple[object, ...]], set[int]] = {}
    for each in consents:
        overruled = each.overruled_by is not None and whose.get(each.overruled_by) == each.customer
        if not each.in_force and not overruled and (each.profile, each.about) not in agreeing:
            refused.setdefault((each.customer, each.about), set()).add(each.profile)
    return {
        each.row
        for each in consents
        if each.in_force and refused.get((each.customer, each.about), set()) - {each.profile}
    }
