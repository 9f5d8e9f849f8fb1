"""Traits, reasons and findings of look-alikes in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.pages import formats


def trait(field: str, value: str) -> str:
    """Name a trait."""
    said = {"value": value}
    if field in {"province", "city", "country"}:
        return _("lives in %(value)s") % said
    if field == "first_source":
        return _("came by %(value)s") % said
    if field == "category":
        return _("looked at %(value)s") % said
    return {
        "seen": _("looked at many goods"), "added": _("put goods into the cart"), "lately": _("was here lately"),
    }[field]  # fmt: skip


def traits_of(told: Mapping[str, Any], places: Sequence[int]) -> str:
    """Name some traits, the first one first."""
    return " · ".join(trait(*told["traits"][at]) for at in places)


def finding(told: Mapping[str, Any]) -> str:
    """Say in a sentence what was found; a lift within two standard deviations of chance (Poisson) is none."""
    first, by_chance = told["lifts"][0], told["held"] / 10
    said = {"count": formats.count(len(told["people"])), "times": formats.decimal(first, 1)}
    if (first - 1) * by_chance < 2 * by_chance**0.5:
        return _("Nobody resembles them clearly: what is known of people does not tell them from others")
    return _("%(count)s people resemble them; the likeliest tenth holds %(times)s times as many as any tenth") % said
