"""Habits: how often people come back, until when, and on which days of the year."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from guanxi.demo.seasons import Season, feasts_between, sale_days_between


@dataclass(frozen=True, kw_only=True)
class Habit:
    """A way of buying.

    `share` is how many of a thousand customers have it; `gap_days` lie between two orders; `most` ends it after so
    many; `quits_days` is how long before the books end it stopped; `days` is when such people buy: any day, on sale
    days, or before feasts; `old_percent` of them bought before the books begin; `recent_days` puts the first order so
    near the end.
    """

    key: str
    share: int
    gap_days: int = 0
    most: int | None = None
    quits_days: tuple[int, int] | None = None
    days: str = "any"
    old_percent: int = 35
    recent_days: int | None = None
    lines: float = 1.5


HABITS = (
    Habit(key="loyal", share=55, gap_days=33, old_percent=45, lines=1.9),
    Habit(key="regular", share=140, gap_days=80, old_percent=40, lines=1.7),
    Habit(key="lapsing", share=80, gap_days=45, quits_days=(75, 270), old_percent=60, lines=1.6),
    Habit(key="bargain", share=150, days="sales", most=6, old_percent=40, lines=2.1),
    Habit(key="giver", share=75, days="feasts", most=8, old_percent=50, lines=1.4),
    Habit(key="taster", share=130, gap_days=44, most=2, old_percent=5),
    Habit(key="once", share=310, gap_days=400, most=1, old_percent=0, lines=1.3),
    Habit(key="newcomer", share=60, gap_days=24, most=3, recent_days=60, old_percent=0, lines=1.4),
)


def days_of(habit: Habit, rng: Random, season: Season) -> list[dt.date]:
    """Choose the days on which somebody of this habit buys, in order."""
    if habit.days == "sales":
        found = _around(sale_days_between(season.first, season.last), rng, season, chance=0.4, within=(-2, 1))
    elif habit.days == "feasts":
        found = _around(feasts_between(season.first, season.last), rng, season, chance=0.72, within=(-26, -5))
    else:
        found = list(_regularly(habit, rng, season))
    days = [day for day in found if season.first <= day <= season.last] or [_any_day(habit, rng, season)]
    return sorted(days)[: habit.most]


def _any_day(habit: Habit, rng: Random, season: Season) -> dt.date:
    """Any day they may come in on: newcomers lately, who has stopped since long before that."""
    days = dt.timedelta(days=1)
    start = season.last - habit.recent_days * days if habit.recent_days else season.first
    end = season.last - (max(habit.quits_days) + habit.gap_days) * days if habit.quits_days else season.last
    return season.pick(rng, start, end)


def _around(
    feasts: list[dt.date], rng: Random, season: Season, *, chance: float, within: tuple[int, int]
) -> list[dt.date]:
    """Buy before or on some of the great days, and now and then in between."""
    found = [_any_day(HABITS[0], rng, season)] if rng.random() < 0.35 else []
    for feast in feasts:
        start, end = (feast + dt.timedelta(days=days) for days in within)
        inside = (min(end, season.last) - max(start, season.first)).days + 1
        if rng.random() < chance * inside / ((end - start).days + 1):
            found += [season.pick(rng, start, end) for _ in range(rng.choice((1, 1, 2)))]
    return found


def _regularly(habit: Habit, rng: Random, season: Season) -> Iterator[dt.date]:
    """Come back after about the same time, rather on a busy day, until the habit ends."""
    day, last = _first_day(habit, rng, season), season.last
    if habit.quits_days:
        last -= dt.timedelta(days=rng.randint(*habit.quits_days))
    pace = habit.gap_days * rng.uniform(0.7, 1.35)
    slack = max(int(pace / 5), 2)
    while day <= last:
        yield season.pick(rng, day - dt.timedelta(days=slack), min(day + dt.timedelta(days=slack), last))
        day += dt.timedelta(days=max(int(rng.gauss(pace, pace / 4)), 3))


def _first_day(habit: Habit, rng: Random, season: Season) -> dt.date:
    if rng.random() * 100 < habit.old_percent:
        return season.first + dt.timedelta(days=rng.randint(0, habit.gap_days))
    return _any_day(habit, rng, season)
