"""What stands on the home page, as the contexts register it in `AppConfig.ready()`: cards, metrics, queues, sentences.

A card is a panel of its own, loaded when seen. Metrics, queues and sentences are asked when the page is drawn, so they
read what is kept and never count through a book of millions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from guanxi.pages.components import Metric, Text
from guanxi.pages.navigation import allowed

AT_MOST = 6


@dataclass(frozen=True, kw_only=True)
class Card:
    """One part of the page: `url_name` is the route that answers with it.

    `span` is its width in twelfths, `height` the place reserved while it loads. `roles` keeps it for some roles, in
    `first_for` it comes before all others.
    """

    name: str
    title: Text
    url_name: str
    order: int = 50
    span: int = 4
    height: int = 4
    permission: str = ""
    roles: tuple[str, ...] = ()
    first_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A few metrics that are read together."""

    name: str
    read: Callable[[HttpRequest], Sequence[Metric]]
    order: int = 50
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Work that waits: what and how much, why it matters, and the verb that starts it.

    `loss_minor` is what waiting is expected to cost, in the company's currency; `breach` puts it before all others.
    """

    title: str
    reason: str
    verb: Text
    href: str
    icon: str
    tone: str = ""
    loss_minor: int = 0
    breach: bool = False


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A kind of work; `look` says what waits, or None where nothing does."""

    name: str
    look: Callable[[HttpRequest], Waiting | None]
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One change worth knowing, with a note below it; of all that are said, the one of most weight opens the page."""

    text: str
    weight: float
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Headline:
    """Where a sentence of the day may come from."""

    name: str
    tell: Callable[[HttpRequest], Said | None]
    permission: str = ""


_cards: dict[str, Card] = {}
_figures: dict[str, Figures] = {}
_queues: dict[str, Queue] = {}
_headlines: dict[str, Headline] = {}


def register(*items: Card | Figures | Queue | Headline) -> None:
    """Put something on the home page; the same name again replaces it."""
    for item in items:
        match item:
            case Card():
                _cards[item.name] = item
            case Figures():
                _figures[item.name] = item
            case Queue():
                _queues[item.name] = item
            case Headline():
                _headlines[item.name] = item


def cards(request: HttpRequest) -> list[Card]:
    """List the cards of whoever looks, in the order their role reads them."""
    role = getattr(request.user, "role", "")
    shown = [card for card in _cards.values() if _may(request, card) and (not card.roles or role in card.roles)]
    return sorted(shown, key=lambda card: (role not in card.first_for, card.order, card.name))


def metrics(request: HttpRequest) -> list[Metric]:
    """Read the metrics of whoever looks, in their declared order."""
    sources = sorted(_figures.values(), key=lambda each: (each.order, each.name))
    return [metric for source in sources if _may(request, source) for metric in source.read(request)]


def waiting(request: HttpRequest) -> list[Waiting]:
    """List what needs whoever looks today: at most six, first what breaches, then by what waiting costs."""
    looked = [queue.look(request) for queue in _queues.values() if _may(request, queue)]
    return sorted(filter(None, looked), key=lambda each: (not each.breach, -each.loss_minor, each.title))[:AT_MOST]


def sentence(request: HttpRequest) -> Said | None:
    """Choose the sentence of the day; None where nobody has one to say."""
    told = [each.tell(request) for each in _headlines.values() if _may(request, each)]
    said = [each for each in told if each is not None]
    return max(said, key=lambda each: each.weight, default=None)


def _may(request: HttpRequest, item: Card | Figures | Queue | Headline) -> bool:
    return allowed(request.user, item.permission)
