"""The rules of RFM and their outcome in words, in the language of the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight import why
from guanxi.insight.models import RfmScheme
from guanxi.insight.scheme import Dimension, Scheme, titles
from guanxi.insight.why import Outlook
from guanxi.pages import formats, moments


@dataclass(frozen=True)
class Rule:
    """One dimension in words: what it measures, how it is banded, the values of bands 5 to 1."""

    title: str
    measures: str
    method: str
    weight_percent: int
    bands: list[str]

    @property
    def words(self) -> str:
        """What is measured, and how it is banded."""
        return f"{self.measures}{'，' if formats.chinese() else ', '}{self.method}"


LETTERS = {"recency": "R", "frequency": "F", "monetary": "M"}


def score(points: int) -> str:
    """Write a score: one decimal, or two where it has them.

    >>> score(440), score(385)
    ('4.4', '3.85')
    """
    return formats.decimal(Decimal(points) / 100, 2 if points % 10 else 1)


def weights(scheme: Scheme) -> str:
    """Write what each dimension weighs."""
    parts = [f"{LETTERS[name]} {each.weight_percent}%" for name, each in scheme.dimensions.items()]
    return ("、" if formats.chinese() else ", ").join(parts)


def orders(count: int, window_days: int | None) -> str:
    """Write how many orders were placed in the window."""
    said = {"count": formats.count(count), "days": formats.count(window_days or 0)}
    if window_days is None:
        return ngettext("%(count)s order", "%(count)s orders", count) % said
    return ngettext("%(count)s order in %(days)s days", "%(count)s orders in %(days)s days", count) % said


def fall(outlook: Outlook) -> str:
    """Write what waiting does to a score."""
    said = {"count": formats.count(outlook.amount), "band": outlook.band, "score": _becomes(outlook)}
    return (
        ngettext(
            "After %(count)s more day without an order R drops to %(band)s and the score to %(score)s.",
            "After %(count)s more days without an order R drops to %(band)s and the score to %(score)s.",
            outlook.amount,
        )
        % said
    )


def rise(outlook: Outlook, currency: str) -> str:
    """Write what buying now does to a score."""
    said = {"count": formats.count(outlook.amount), "band": outlook.band, "score": _becomes(outlook)}
    if outlook.dimension == "recency":
        return _("One order now lifts R to %(band)s and the score to %(score)s.") % said
    if outlook.dimension == "monetary":
        amount = formats.money(outlook.amount, currency)
        return _("One order of %(amount)s lifts M to %(band)s and the score to %(score)s.") % {**said, "amount": amount}
    return (
        ngettext(
            "%(count)s more order lifts F to %(band)s and the score to %(score)s.",
            "%(count)s more orders lift F to %(band)s and the score to %(score)s.",
            outlook.amount,
        )
        % said
    )


def within(name: str) -> str:
    """Write a class's name inside a sentence."""
    return name if formats.chinese() else name[:1].lower() + name[1:]


def _becomes(outlook: Outlook) -> str:
    """Write the score it would be, and the class where that is another."""
    if not outlook.changes_class:
        return score(outlook.points)
    name = outlook.class_after.name
    return f"{score(outlook.points)}（{name}）" if formats.chinese() else f"{score(outlook.points)} ({name})"


def rules(scheme: Scheme, limits: Mapping[str, Sequence[int] | None], currency: str) -> list[Rule]:
    """Write the three dimensions; `limits` are those found by quintile, where they are known."""
    return [
        Rule(
            title=titles()[name],
            measures=measured(name, each),
            method=_("by fifths of the buyers") if each.by_quintile else _("by fixed limits"),
            weight_percent=each.weight_percent,
            bands=bands(name, each.limits or limits.get(name), currency),
        )
        for name, each in scheme.dimensions.items()
    ]


def version(kept: RfmScheme) -> str:
    """Write which version of the rules this is, and since when."""
    day = moments.full_day(timezone.localdate(kept.created_at))
    return _("Version %(version)s, since %(day)s") % {"version": kept.version, "day": day}


def from_score(scheme: Scheme, place: int) -> str:
    """Write from which score on a class begins; nothing for the last, which takes everyone left."""
    return score(scheme.classes[place].from_points) if place + 1 < len(scheme.classes) else ""


def measured(name: str, dimension: Dimension) -> str:
    """Write what a dimension measures."""
    days = {"days": formats.count(dimension.window_days or 0)}
    if name == "recency":
        return _("days since the last paid order")
    if dimension.window_days is None:
        return _("paid orders") if name == "frequency" else _("net sales")
    if name == "frequency":
        return _("paid orders in %(days)s days") % days
    return _("net sales in %(days)s days") % days


def bands(name: str, limits: Sequence[int] | None, currency: str) -> list[str]:
    """Write the values of bands 5 down to 1; a band that equal limits leave empty holds nobody."""
    if limits is None:
        return [formats.missing(applies=False)] * 5
    return [_range(name, first, last, currency) for first, last in why.ranges(limits, falling=name == "recency")]


def _range(name: str, first: int | None, last: int | None, currency: str) -> str:
    if first is not None and last is not None and first > last:
        return _("nobody")
    if name == "monetary":
        return _money_range(first, last, currency)
    if first is None:
        return f"≤ {formats.count(last or 0)}"
    if last is None:
        return f"≥ {formats.count(first)}"
    return formats.count(first) if first == last else formats.span(first, last)


def _money_range(first: int | None, last: int | None, currency: str) -> str:
    if first is None:
        return f"≤ {formats.money(last or 0, currency)}"
    if last is None:
        return f"> {formats.money(first - 1, currency)}"
    return f"{formats.money(first, currency)}–{formats.money(last, currency).lstrip(formats.symbol(currency))}"
