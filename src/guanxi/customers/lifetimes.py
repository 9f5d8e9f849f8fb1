"""What need not be kept for ever: every context says what of it can be forgotten after a time, and how.

The shop decides for how long, on its page of retention. A name again replaces it.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise

from guanxi.customers.models import Customer, Event
from guanxi.customers.models.customer import CustomerQuerySet

Text = str | Promise
AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """One kind of records that are forgotten some days after they came.

    `count` says how many a rule would reach, given the moment before which it reaches; `listed` names the first of
    them with their addresses; `forget` does it and says how many it reached. One that is `usual` is in force until
    somebody decides otherwise.
    """

    name: str
    title: Text
    text: Text
    days: int
    count: Callable[[dt.datetime], int]
    listed: Callable[[dt.datetime, int], Sequence[tuple[str, str]]]
    forget: Callable[[dt.datetime], int]
    order: int = 50
    usual: bool = False


_lifetimes: dict[str, Lifetime] = {}
_signs: dict[str, Callable[[dt.datetime], Exists]] = {}
_bought: dict[str, Callable[[], Exists]] = {}


def register(*lifetimes: Lifetime) -> None:
    """Offer what can be forgotten; called in `AppConfig.ready()`."""
    _lifetimes.update({each.name: each for each in lifetimes})


def lifetimes() -> list[Lifetime]:
    """List what can be forgotten, in its order."""
    return sorted(_lifetimes.values(), key=lambda each: (each.order, each.name))


def register_trade(name: str, *, bought: Callable[[], Exists], since: Callable[[dt.datetime], Exists]) -> None:
    """Say whether a customer ever bought, and whether they did since a moment."""
    _bought[name], _signs[name] = bought, since


def silent(before: dt.datetime, *, bought: bool) -> CustomerQuerySet:
    """Keep customers of whom nothing was heard since a moment: who bought before it, or who never did."""
    signs: list[Q | Exists] = [
        Exists(Event.objects.filter(customer=OuterRef("pk"), occurred_at__gte=before)),
        *(sign(before) for sign in _signs.values()),
    ]
    quiet = Customer.objects.filter(survivor=None, created_at__lt=before)
    for sign in signs:
        quiet = quiet.filter(~sign)
    ever = [asked() for asked in _bought.values()]
    for each in ever:
        quiet = quiet.filter(each if bought else ~each)
    return quiet


def deleted(rows: models.QuerySet[models.Model]) -> int:
    """Delete rows a few hundred a transaction, so that nobody waits; says how many."""
    done = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=ids).delete()  # noqa: SLF001 - Django's documented name
        done += len(ids)
    return done
