"""Two people editing one customer: who saves second sees what the first changed, and chooses.

A form carries a fingerprint of every attribute as its editor saw it: keyed, so that nothing can be read from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from guanxi.core.errors import Refused
from guanxi.customers.models import Customer, Gender
from guanxi.guard.masking import mask_name
from guanxi.pages import moments

Choice = Literal["now", "mine"]
Seen = Mapping[str, str]


@dataclass(frozen=True)
class Clash:
    """One attribute that somebody else changed meanwhile, to something else than this editor did."""

    attribute: str
    now: str
    after: str


class ChangedMeanwhile(Refused):
    """Somebody else changed the same attributes since this editor looked; `clashes` says which."""

    def __init__(self, clashes: list[Clash]) -> None:
        super().__init__(_("Somebody else changed this customer meanwhile. Choose what is true."))
        self.clashes = clashes


def fingerprint(customer: Customer, attribute: str, value: object) -> str:
    """Tell one value of an attribute from others without telling what it is."""
    return salted_hmac("guanxi.customers.meanwhile", f"{customer.pk}|{attribute}|{value or ''}").hexdigest()[:20]


def seen(customer: Customer, attributes: tuple[str, ...]) -> str:
    """Write down what an editor sees, for the form they edit in."""
    return " ".join(f"{name}:{fingerprint(customer, name, getattr(customer, name))}" for name in attributes)


def read(text: str) -> Seen:
    """Read back what an editor saw."""
    return dict(part.split(":", 1) for part in text.split() if ":" in part)


def merge(customer: Customer, told: Any, seen: Seen, choices: Mapping[str, str]) -> Any:
    """Bring what one editor says together with what others wrote since; raises ChangedMeanwhile where both did.

    What this editor left as they saw it stays as it is now; a clash is settled where they chose `now` or `mine`.
    """
    clashes, kept = [], {}
    for name, fingerprinted in seen.items():
        now, mine = getattr(customer, name), getattr(told, name)
        if fingerprint(customer, name, mine) == fingerprinted or choices.get(name) == "now":
            kept[name] = now
        elif fingerprint(customer, name, now) != fingerprinted and mine != now and choices.get(name) != "mine":
            clashes.append(Clash(name, spelled(name, now), spelled(name, mine, own=True)))
    if clashes:
        raise ChangedMeanwhile(clashes)
    return replace(told, **kept)


def spelled(attribute: str, value: Any, *, own: bool = False) -> str:
    """Write a value as people read it; a name masked, unless it is what the reader typed."""
    if value in (None, ""):
        return ""
    if attribute == "birthday":
        return moments.full_day(value)
    if attribute == "gender":
        return str(Gender(value).label)
    return mask_name(value) if attribute == "name" and not own else str(value)
