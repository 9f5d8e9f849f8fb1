"""Traits, reasons and findings of look-alikes in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.orders.models import Store
from guanxi.pages import formats


def trait(field: str, value: str) -> str:
    """Name a trait."""
    said = {"value": value}
    if field in {"province", "city", "country"}:
        return _("lives in %(value)s") % said
    if field == "first_source":
        return _("came by %(value)s") % {"value": _source(value)}
    if field == "category":
        return _("looked at %(value)s") % said
    return {
        "seen": _("looked at many goods"), "added": _("put goods into the cart"), "lately": _("was here lately"),
    }[field]  # fmt: skip


def traits_of(told: Mapping[str, Any], places: Sequence[int]) -> str:
    """Name some traits, the first one first."""
    return " · ".join(trait(*told["traits"][at]) for at in places)


def _source(value: str) -> str:
    return str(dict(Store.Channel.choices).get(value, value))


def is_clear(told: Mapping[str, Any]) -> bool:
    """Tell whether those of the set that were held out stand before others, by two standard deviations.

    The rank-sum test of Wilcoxon (1945) on the tenths, which chance spreads evenly: mean 5.5, variance 8.25.

    >>> is_clear({"inside": 60, "others": 90, "held": 18, "lifts": [1.7, 1.7, 1.6, 1.6, 1.4, 1.2, 0.3, 0.2, 0.2, 0.1]})
    True
    >>> is_clear({"inside": 60, "others": 90, "held": 18, "lifts": [1.7, 0.8, 1, 1, 1.1, 1, 0.4, 1, 0.9, 1.1]})
    False
    """
    lifts, whole = told["lifts"], told["inside"] + told["others"]
    mean = sum(nth * lift for nth, lift in enumerate(lifts, 1)) / (sum(lifts) or 1.0)
    spread = (8.25 / max(1, told["held"]) * told["others"] / whole) ** 0.5
    return bool(lifts[0] > 1 and 5.5 - mean >= 2 * spread)


def finding(told: Mapping[str, Any]) -> str:
    """Say in a sentence what was found; what chance makes as well is nothing."""
    said = {"count": formats.count(len(told["people"])), "times": formats.decimal(told["lifts"][0], 1)}
    if not is_clear(told):
        return _("Nobody resembles them clearly: what is known of people does not tell them from others")
    return _("%(count)s people resemble them; the likeliest tenth holds %(times)s times as many as any tenth") % said
