import datetime as dt

import pytest

from guanxi.core import time


def test_an_order_late_in_the_evening_of_utc_belongs_to_the_next_day_in_shanghai() -> None:
    instant = dt.datetime(2026, 11, 10, 16, 30, tzinfo=dt.UTC)
    assert time.day_in("Asia/Shanghai", instant) == dt.date(2026, 11, 11)
    assert time.day_in("America/New_York", instant) == dt.date(2026, 11, 10)


def test_a_day_begins_when_it_begins_where_the_store_is() -> None:
    begin = time.start_of(dt.date(2026, 11, 11), "Asia/Shanghai")
    assert begin == dt.datetime(2026, 11, 10, 16, tzinfo=dt.UTC)
    assert time.day_in("Asia/Shanghai", begin) == dt.date(2026, 11, 11)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 seconds"), (1, "1 second"), (61, "1 minute"), (172_800, "2 days")]
)
def test_a_duration_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert time.spell(dt.timedelta(seconds=seconds)) == words
