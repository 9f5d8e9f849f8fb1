"""The week told in one minute: what happened, what drove it, how the goals moved, what was decided."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.insight.goals import page
from guanxi.insight.goals.models import Decision, Digest
from guanxi.insight.goals.page import Row
from guanxi.insight.goals.year_before import YearBefore, year_before
from guanxi.insight.models import TradingDay
from guanxi.insight.trading import NOTHING, Sums, growth
from guanxi.orders.figures import base_currency
from guanxi.orders.models import Store
from guanxi.pages import formats, moments

DAYS = dt.timedelta(days=7)
GROUPS = ("new", "returning", "guest")
FIGURES = ("net_minor", "orders", "new_customers")
TOLD = 3


class BadWeek(BadInput):
    """A week that is none; the text says how to write one."""


def week_of(text: str) -> dt.date:
    """Read a week as 2026-W47, and give its Monday. Raises BadWeek.

    >>> week_of("2026-W47")
    datetime.date(2026, 11, 16)
    """
    try:
        year, _sign, number = text.partition("-W")
        return dt.date.fromisocalendar(int(year), int(number), 1)
    except (ValueError, OverflowError) as error:
        raise BadWeek(_("“%(week)s” is no week. Write it as 2026-W47.") % {"week": text[:20]}) from error


def week_name(monday: dt.date) -> str:
    """Write a week by its Monday.

    >>> week_name(dt.date(2026, 11, 16))
    '2026-W47'
    """
    year, number, _day = monday.isocalendar()
    return f"{year}-W{number:02}"


def last_full(today: dt.date) -> dt.date:
    """Give the Monday of the last week that is over on a day."""
    return today - dt.timedelta(days=today.weekday() + 7)


@dataclass(frozen=True)
class Driver:
    """What one channel and group of customers changed in net sales against the week before."""

    channel: str
    group: str
    change_minor: int

    @property
    def words(self) -> str:
        """Who it is."""
        group = {"new": _("new customers"), "returning": _("returning customers"), "guest": _("guests")}[self.group]
        channel = dict(Store.Channel.choices).get(self.channel, self.channel)
        return f"{channel} · {group}" if channel else group

    @property
    def change(self) -> str:
        """By how much, with its sign."""
        sign = "+" if self.change_minor >= 0 else "−"
        return sign + formats.money_whole(abs(self.change_minor), base_currency())


@dataclass(frozen=True)
class Review:
    """One week from Monday to Sunday, beside the one before and the days of last year it compares with."""

    monday: dt.date
    now: Sums
    before: Sums
    last_year: Sums
    compared: YearBefore
    drivers: Sequence[Driver]
    goals: Sequence[Row]
    earlier: Sequence[Row]
    decisions: Sequence[Decision]

    @classmethod
    def read(cls, monday: dt.date, *, today: dt.date) -> "Review":
        """Read it, each goal as of the week's last day and of the one before it, in a few short queries."""
        sunday = min(monday + DAYS - dt.timedelta(days=1), today)
        now, before, compared = _cells(monday), _cells(monday - DAYS), year_before(monday)
        made = [
            Driver(key[0], key[1], now.get(key, 0) - before.get(key, 0)) for key in sorted(now.keys() | before.keys())
        ]
        drivers = sorted((each for each in made if each.change_minor), key=lambda each: -abs(each.change_minor))
        return cls(
            monday=monday,
            now=_sums(monday),
            before=_sums(monday - DAYS),
            last_year=_sums(compared.first),
            compared=compared,
            drivers=drivers,
            goals=page.begun(sunday),
            earlier=page.begun(sunday - DAYS),
            decisions=list(Decision.of(monday)),
        )

    @property
    def name(self) -> str:
        """How it is written."""
        return week_name(self.monday)

    @property
    def sunday(self) -> dt.date:
        """Its last day."""
        return self.monday + dt.timedelta(days=6)

    @property
    def previous(self) -> str:
        """The week before."""
        return week_name(self.monday - DAYS)

    @property
    def change_minor(self) -> int:
        """By how much net sales changed: the drivers add up to it."""
        return self.now.net_minor - self.before.net_minor

    @property
    def finding(self) -> str:
        """The week in a sentence."""
        net = formats.money_whole(self.now.net_minor, base_currency())
        moved = growth(self.now.net_minor, self.before.net_minor)
        if moved is None:
            return _("%(net)s net sales this week") % {"net": net}
        told = {"net": net, "by": formats.percent(abs(moved))}
        if moved >= 0:
            return _("%(net)s net sales, %(by)s more than the week before") % told
        return _("%(net)s net sales, %(by)s less than the week before") % told

    @property
    def following(self) -> str:
        """The week after."""
        return week_name(self.monday + DAYS)

    @cached_property
    def changes(self) -> list[formats.Change | None]:
        """How the figures of `lines` moved against the week before; None where there was nothing to grow from."""
        pairs = [(getattr(self.now, key), getattr(self.before, key)) for key in FIGURES]
        return [None if (moved := growth(now, before)) is None else formats.change(moved) for now, before in pairs]

    @property
    def table(self) -> list[tuple[formats.Change | None, tuple[str, ...]]]:
        """The lines with their changes."""
        return list(zip(self.changes, self.lines, strict=True))

    @cached_property
    def lines(self) -> list[tuple[str, ...]]:
        """The figures of the week, each with the week before and its days of last year."""
        sums = (self.now, self.before, self.last_year)
        money = [formats.money_whole(each.net_minor, base_currency()) for each in sums]
        counts = [[formats.count(getattr(each, key)) for each in sums] for key in FIGURES[1:]]
        rows = zip((_("Net sales"), _("Orders"), _("New customers")), (money, *counts), strict=True)
        return [(title, *cells) for title, cells in rows]

    @property
    def largest(self) -> Sequence[Driver]:
        """The three that changed most."""
        return self.drivers[:TOLD]

    @property
    def rest(self) -> str:
        """All others together, so that it adds up; empty where there are none."""
        others = sum(each.change_minor for each in self.drivers[TOLD:])
        return Driver("", "guest", others).change if self.drivers[TOLD:] else ""

    @property
    def whole(self) -> str:
        """What all of them add up to."""
        return Driver("", "guest", self.change_minor).change

    @property
    def moves(self) -> list[tuple[Row, str]]:
        """The goals, each with its value a week earlier."""
        then = {row.goal.pk: row.now for row in self.earlier}
        return [(row, then.get(row.goal.pk, "")) for row in self.goals]

    @property
    def facts(self) -> dict[str, Any]:
        """What a program wants to know of it."""
        return {
            "week": self.name, "from": self.monday, "to": self.sunday, "finding": self.finding,
            "net_minor": self.now.net_minor, "orders": self.now.orders, "new_customers": self.now.new_customers,
            "before_net_minor": self.before.net_minor, "last_year_net_minor": self.last_year.net_minor,
            "last_year_from": self.compared.first, "last_year_to": self.compared.last,
            "festival": self.compared.festival,
            "drivers": [
                {"channel": each.channel, "customers": each.group, "change_minor": each.change_minor}
                for each in self.drivers
            ],
            "goals": [
                {"goal": row.goal.pk, "title": row.title, "status": row.standing.status, "now": row.standing.now}
                for row in self.goals
            ],
            "open_decisions": [each.text for each in self.decisions if each.done_at is None],
        }  # fmt: skip

    @property
    def markdown(self) -> str:
        """The whole as text."""
        parts = [f"# {self.name} · {moments.full_day(self.monday)}", "", self.finding, ""]
        parts += [f"* {title}: {now} ({before}; {then})" for title, now, before, then in self.lines]
        parts += ["", self.compared.words] if self.compared.words else []
        parts += ["", "## " + _("What changed most"), ""]
        parts += [f"* {each.words}: {each.change}" for each in self.largest]
        parts += ["", "## " + _("Goals"), ""]
        parts += [f"* {row.title} · {row.now} · {row.status[0]}. {row.outlook}" for row in self.goals]
        parts += ["", "## " + _("Decisions"), ""]
        parts += [f"* [{'x' if each.done_at else ' '}] {each.text} ({each.owner})" for each in self.decisions]
        return "\n".join(parts) + "\n"


def kept(monday: dt.date, language: str) -> str:
    """Read the text of a week as it was told on the Monday after; empty where nobody told it."""
    found = Digest.objects.filter(week=monday, language=language).first()
    return found.text if found else ""


def keep(today: dt.date) -> int:
    """Keep the text of the last full week in every language, once; gives how many were written."""
    monday, made = last_full(today), 0
    for language, _title in settings.LANGUAGES:
        if not Digest.objects.filter(week=monday, language=language).exists():
            with translation.override(language):
                text = Review.read(monday, today=today).markdown
            made += Digest.objects.get_or_create(week=monday, language=language, defaults={"text": text})[1]
    return made


def _sums(monday: dt.date) -> Sums:
    kept = TradingDay.objects.between(monday, monday + dt.timedelta(days=6)).summed()
    return Sums.of(Sums(**each) for each in kept.values()) if kept else NOTHING


def _cells(monday: dt.date) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    rows = TradingDay.objects.between(monday, monday + dt.timedelta(days=6))
    for channel, *nets in rows.values_list("channel", *(f"{each}_net_minor" for each in GROUPS)):
        for group, net in zip(GROUPS, nets, strict=True):
            found[channel, group] = found.get((channel, group), 0) + net
    return found
