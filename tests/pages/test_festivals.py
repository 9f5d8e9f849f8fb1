"""Last year is met by festival: weeks around the moving ones move with them, everything else keeps its date."""

import datetime as dt
import itertools

import pytest

from guanxi.pages.festivals import MOVING, a_year_before


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("this_year", "last_year"),
    [
        ("2026-02-17", "2025-01-29"),  # the festival itself
        ("2026-01-20", "2025-01-01"),  # four weeks before it
        ("2026-01-19", "2025-01-19"),  # one more day: its own date
        ("2026-03-05", "2025-02-14"),  # sixteen days after
        ("2026-03-06", "2025-03-06"),
        ("2026-09-25", "2025-10-06"),  # Mid-Autumn
        ("2026-11-11", "2025-11-11"),
        ("2028-02-29", "2027-03-01"),
        ("1999-06-18", "1998-06-18"),  # beyond the tables
    ],
)
def test_a_day_meets_its_day_of_last_year(this_year: str, last_year: str) -> None:
    assert a_year_before(day(this_year)) == day(last_year)


def test_the_moving_festivals_follow_each_other_by_about_a_year() -> None:
    for _name, days, _before, _after in MOVING:
        assert all(350 <= (later - earlier).days <= 385 for earlier, later in itertools.pairwise(days))
