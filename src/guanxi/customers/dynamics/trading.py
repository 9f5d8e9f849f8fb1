"""What trade, which lies above customers, tells of habits: read where orders stand, never kept a second time.

The context that keeps orders registers itself in `AppConfig.ready()`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from guanxi.customers.dynamics.summary import Act, Summary

Ask = Callable[[Sequence[int]], Mapping[int, "Traded"]]


@dataclass
class Traded:
    """What the orders of one customer tell: a summary like that of events, the days of buying, how many orders.

    `buying_days` are those with a paid order, on the company's calendar; `taken` is what orders take out of the cart.
    """

    summary: Summary = field(default_factory=Summary)
    buying_days: set[dt.date] = field(default_factory=set)
    taken: list[Act] = field(default_factory=list)
    orders: int = 0


@dataclass(frozen=True)
class _Registered:
    ask: Ask
    zone: Callable[[], dt.tzinfo]
    permission: str


_registered: dict[str, _Registered] = {}


def register(name: str, ask: Ask, *, zone: Callable[[], dt.tzinfo], permission: str) -> None:
    """Say who knows of trade and of the company's clock, and which permission lets see it; the last one does."""
    _registered[name] = _Registered(ask, zone, permission)


def traded(customer: int, may: Callable[[str], bool]) -> Traded:
    """Ask what orders tell of a customer, as far as the reader may see them."""
    for each in _registered.values():
        if may(each.permission) and (told := each.ask([customer]).get(customer)):
            return told
    return Traded()


def zone() -> dt.tzinfo:
    """Give the company's zone, in which its days and hours are counted; the reader's where there is no company."""
    return next((each.zone() for each in _registered.values()), timezone.get_current_timezone())
