"""Habits in words: the sentences at the top, the rows below them, and from what each was found."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.customers.dynamics import cycle, tastes
from guanxi.customers.dynamics.habits import NEEDED_VISITS, Habits, Heat, Place
from guanxi.customers.trade import trade
from guanxi.pages import formats, moments
from guanxi.pages.formats import money_whole

MOSTLY, AT_WEEKENDS = 0.4, 0.6
PARTS = (
    gettext_lazy("Mostly here at night"), gettext_lazy("Mostly here in the morning"),
    gettext_lazy("Mostly here in the afternoon"), gettext_lazy("Mostly here in the evening"),
)  # fmt: skip
PART_HOURS = 6
DEVICES = {"phone": gettext_lazy("Phone"), "tablet": gettext_lazy("Tablet"), "desktop": gettext_lazy("Computer")}
SHARE_PLACES = 0
Names = Mapping[str, str] | Mapping[str, Promise]


@dataclass(frozen=True)
class Row:
    """One fact: what it is, what it says, a note in small, and why; `value` is empty where too little is known."""

    title: str
    value: str
    note: str
    why: str


def rows(habits: Habits, names: Names, *, with_orders: bool = True) -> list[Row]:
    """Tell the facts, each with the number of things it was found from or still needs."""
    told = [_liking(habits, "category", _("Favourite category")), _liking(habits, "price", _("Price band"))]
    if with_orders:
        told.append(_cycle(habits))
    told += [_liking(habits, "payment", _("Pays by")), _liking(habits, "delivery", _("Delivered by"))]
    told += [
        _visited(habits, habits.source, _("Mostly at"), names),
        _visited(habits, habits.device, _("Device"), DEVICES),
    ]
    return [row for row in told if row]


def _liking(habits: Habits, kind: str, title: str) -> Row | None:
    liking, days = habits.likings[kind], habits.days[kind]
    if liking is None:
        return Row(title, "", _needs(days, tastes.NEEDED), "") if days or kind == "category" else None
    said = ngettext("from %(days)s day since %(since)s", "from %(days)s days since %(since)s", liking.days)
    since = moments.full_day(dt.date(1970, 1, 1) + dt.timedelta(days=liking.since))
    value = price_band(liking.value) if kind == "price" else liking.value
    return Row(title, value, share(liking.share), said % {"days": formats.count(liking.days), "since": since})


def _needs(days: int, needed: int) -> str:
    said = ngettext("needs %(needed)s days, %(days)s so far", "needs %(needed)s days, %(days)s so far", days)
    return said % {"needed": needed, "days": days}


def _cycle(habits: Habits) -> Row | None:
    found, title = habits.cycle, _("Purchase cycle")
    if found is None:
        needs = _("needs %(needed)s days with an order, %(days)s so far")
        return Row(title, "", needs % {"needed": cycle.NEEDED, "days": habits.buying_days}, "")
    value = ngettext("%(count)s day", "%(count)s days", found.gap_days) % {"count": formats.count(found.gap_days)}
    why = _("mean gap of %(days)s days with an order; next about %(day)s")
    told = {"days": formats.count(found.days), "day": moments.full_day(found.next_on)}
    return Row(title, value, f"±{found.spread_days}", why % told)


def _visited(habits: Habits, place: Place | None, title: str, names: Names) -> Row | None:
    if place is None:
        return None
    return Row(title, str(names.get(place.name, place.name)), share(place.share), visits_words(habits.visits))


def visits_words(visits: int) -> str:
    """Say how many visits something was found from."""
    said = ngettext("%(count)s visit in 90 days", "%(count)s visits in 90 days", visits)
    return said % {"count": formats.count(visits)}


def too_few_visits(habits: Habits) -> str:
    """Say how many visits the hours need; empty where there are enough."""
    if habits.heat is not None:
        return ""
    said = ngettext("needs %(needed)s visits, %(visits)s so far", "needs %(needed)s visits, %(visits)s so far",
                    habits.visits)  # fmt: skip
    return said % {"needed": NEEDED_VISITS, "visits": habits.visits}


def share(ratio: float) -> str:
    """Write a share without decimals."""
    return formats.percent(ratio, SHARE_PLACES)


def price_band(band: str) -> str:
    """Write a price band in its currency, such as ¥100–200; without one, in the company's."""
    currency, least, most = tastes.ends_of(band)
    unit = tastes.unit_of(currency) if currency else trade().minor_units()
    ends = [money_whole(end * unit, currency) if currency else trade().money(end * unit) for end in (least, most)]
    return f"{ends[0]}–{_bare(most) if currency else ends[1]}"


def _bare(major: int) -> str:
    return formats.decimal(major)


def opening(habits: Habits) -> str:
    """Tell what stands out, as the language puts sentences one after the other."""
    return ("" if formats.chinese() else " ").join(sentences(habits))


def sentences(habits: Habits) -> Iterator[str]:
    """Tell what stands out: when they come, what they like, how they pay and how often they buy."""
    if habits.heat and (when := _when(habits.heat)):
        yield when
    category, price = habits.likings["category"], habits.likings["price"]
    if category and price:
        told = {"category": category.value, "price": price_band(price.value)}
        yield _("Likes %(category)s best, mostly at %(price)s.") % told
    elif category:
        yield _("Likes %(category)s best.") % {"category": category.value}
    if payment := habits.likings["payment"]:
        yield _("Pays by %(payment)s.") % {"payment": payment.value}
    if habits.cycle:
        said = ngettext("Buys about every %(count)s day.", "Buys about every %(count)s days.", habits.cycle.gap_days)
        yield said % {"count": formats.count(habits.cycle.gap_days)}


def _when(heat: Heat) -> str:
    """Say at which part of the day they come, where most of their hours lie there, and on which days."""
    whole = sum(map(sum, heat))
    parts = [sum(sum(day[begin : begin + PART_HOURS]) for day in heat) for begin in range(0, 24, PART_HOURS)]
    days = [sum(day) for day in heat]
    said = str(PARTS[parts.index(max(parts))]) if max(parts) >= MOSTLY * whole else ""
    if max(days) >= MOSTLY * whole:
        on = _("most of all on a %(weekday)s") % {"weekday": moments.weekday(days.index(max(days)))}
    elif sum(days[5:]) >= AT_WEEKENDS * whole:
        on = _("most of all at weekends")
    else:
        on = ""
    comma, stop = ("，", "。") if formats.chinese() else (", ", ".")
    words = comma.join(filter(None, (said, on)))
    return f"{words[:1].upper()}{words[1:]}{stop}" if words else ""
