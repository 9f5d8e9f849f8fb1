"""The year of a tea shop: how busy each day is, by its week, its festivals and the shop's growth."""

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random

GROWTH_PERCENT_A_YEAR = 38
NEW_YEAR = ("2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 "
    "2033-01-31 2034-02-19 2035-02-08 2036-01-28")  # fmt: skip
MID_AUTUMN = ("2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12 2031-10-01 2032-09-19 "
    "2033-09-08 2034-09-27 2035-09-16 2036-10-04")  # fmt: skip
WEEK = {
    "online": (1.06, 1.04, 1.02, 1.0, 0.98, 0.92, 0.98),
    "counter": (0.7, 0.72, 0.75, 0.82, 1.05, 1.55, 1.45),
    "abroad": (1.08, 1.02, 1.0, 1.0, 0.95, 0.92, 1.06),
}
# Month and day from, month and day to, how many times as busy.
SALES = {
    "online": (
        ((3, 5), (3, 8), 1.6), ((3, 22), (4, 30), 1.35), ((5, 18), (5, 20), 1.4), ((5, 31), (6, 2), 2.4),
        ((6, 3), (6, 14), 1.3), ((6, 15), (6, 17), 2.2), ((6, 18), (6, 18), 5.0), ((7, 1), (8, 10), 0.82),
        ((10, 20), (10, 30), 1.4), ((10, 31), (11, 2), 3.0), ((11, 3), (11, 8), 1.5), ((11, 9), (11, 10), 2.6),
        ((11, 11), (11, 11), 7.5), ((12, 11), (12, 12), 2.6),
    ),
    "counter": (((3, 22), (5, 5), 1.3), ((10, 1), (10, 7), 1.9), ((7, 1), (8, 20), 0.9)),
    "abroad": (((11, 20), (12, 16), 1.7), ((12, 24), (12, 31), 0.6), ((3, 25), (5, 10), 1.25)),
}  # fmt: skip


def festivals(words: str) -> tuple[dt.date, ...]:
    """Read the days of a festival that follows the moon."""
    return tuple(dt.date.fromisoformat(word) for word in words.split())


NEW_YEARS, MID_AUTUMNS = festivals(NEW_YEAR), festivals(MID_AUTUMN)


@dataclass(frozen=True)
class Season:
    """The days of one kind of trade, and how busy each of them is."""

    first: dt.date
    last: dt.date
    kind: str

    @cached_property
    def busy(self) -> list[float]:
        """How busy each day is, the first day first."""
        days = (self.last - self.first).days + 1
        return [self._of(self.first + dt.timedelta(days=nth)) for nth in range(days)]

    @cached_property
    def _sums(self) -> list[float]:
        return [0.0, *accumulate(self.busy)]

    def pick(self, rng: Random, start: dt.date, end: dt.date) -> dt.date:
        """Choose a day from `start` to `end`, busy ones more often; days outside the books are moved into them."""
        low = min(max((start - self.first).days, 0), len(self.busy) - 1)
        high = min(max((end - self.first).days, low), len(self.busy) - 1)
        point = rng.uniform(self._sums[low], self._sums[high + 1])
        place = bisect_left(self._sums, point, low + 1, high + 1) - 1
        return self.first + dt.timedelta(days=place)

    def _of(self, day: dt.date) -> float:
        growth: float = (1 + GROWTH_PERCENT_A_YEAR / 100) ** ((day - self.first).days / 365)
        busy = growth * WEEK[self.kind][day.weekday()]
        for start, end, times in SALES[self.kind]:
            if start <= (day.month, day.day) <= end:
                busy *= times
        return busy * (self._black_friday(day) if self.kind == "abroad" else self._moon(day))

    @staticmethod
    def _moon(day: dt.date) -> float:
        """Presents are sent in the weeks before a festival; around the New Year no parcel moves."""
        for feast in NEW_YEARS:
            before = (feast - day).days
            if -6 <= before <= 4:
                return 0.25
            if 5 <= before <= 30:
                return 1.75
        return 1.5 if any(3 <= (feast - day).days <= 24 for feast in MID_AUTUMNS) else 1.0

    @staticmethod
    def _black_friday(day: dt.date) -> float:
        friday = day - dt.timedelta(days=(day.weekday() - 4) % 7)
        is_sale = friday.month == 11 and 23 <= friday.day <= 29 and (day - friday).days <= 3
        return 2.6 if is_sale else 1.0


def feasts_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the festivals for which presents are bought, that fall into the books or soon after."""
    return sorted(day for day in (*NEW_YEARS, *MID_AUTUMNS) if first <= day <= last + dt.timedelta(days=25))


def sale_days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the great sale days: the middle of June, Singles' Day, the twelfth of December, women's day."""
    years = range(first.year, last.year + 1)
    days = (dt.date(year, month, day) for year in years for month, day in ((3, 8), (6, 18), (11, 11), (12, 12)))
    return [day for day in days if first <= day <= last]
