"""The settings of a shop as one page of cards: each page of settings registers where it stands.

A context registers its cards in `AppConfig.ready()`; what is not built or not allowed is absent.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.pages.navigation import allowed

Text = str | Promise
GROUPS: dict[str, Text] = {
    "shop": _("The shop"),
    "records": _("What is kept of customers and orders"),
    "people": _("People and programs"),
    "keeping": _("Keeping it safe"),
}


@dataclass(frozen=True)
class Card:
    """One page of settings: what it decides, and `told`, how it stands now, where that is worth a line."""

    name: str
    group: str
    title: Text
    text: Text
    url_name: str
    icon: str
    order: int = 50
    permission: str = "rules.change"
    told: Callable[[], Text] | None = None


@dataclass(frozen=True)
class Shown:
    """A card as drawn for one reader."""

    card: Card
    href: str
    now: Text = ""


_cards: dict[str, Card] = {}


def register(*cards: Card) -> None:
    """Offer pages of settings; offering one again replaces it."""
    for card in cards:
        if card.group not in GROUPS:
            raise ValueError(f"{card.group!r} is no group of the settings; the groups are fixed in pages/setup.py")
        _cards[card.name] = card


def shown(request: HttpRequest) -> list[tuple[Text, list[Shown]]]:
    """Give the cards a reader may open, group by group."""
    open_to = [card for card in _cards.values() if allowed(request.user, card.permission)]
    drawn = [found for card in sorted(open_to, key=lambda card: (card.order, card.name)) if (found := _drawn(card))]
    groups = [(title, [each for each in drawn if each.card.group == name]) for name, title in GROUPS.items()]
    return [(title, cards) for title, cards in groups if cards]


def _drawn(card: Card) -> Shown | None:
    try:
        return Shown(card, reverse(card.url_name), card.told() if card.told else "")
    except NoReverseMatch:
        return None
