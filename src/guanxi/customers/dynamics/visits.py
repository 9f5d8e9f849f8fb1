"""Visits: when somebody was there, as spans of seconds that know nothing of the order in which they were seen.

Spans are a flat list of begins and ends in seconds of Unix time, sorted, each inside one UTC day. Two instants of a day
with a pause of 30 minutes or less between them are in one span. A span is a connected part of the set of instants, so
adding in any order, and adding again, gives the same spans; a visit over midnight is joined where visits are counted.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

PAUSE = 30 * 60
DAY = 86_400
WINDOW_DAYS = 90
Spans = list[int]


def add(spans: Spans, instant: int) -> None:
    """Put an instant into spans.

    >>> spans = [0, 600]
    >>> add(spans, 2_400), add(spans, 9_000), spans
    (None, None, [0, 2400, 9000, 9000])
    """
    if not spans or instant > spans[-1] + PAUSE:
        spans += (instant, instant)
    elif instant >= spans[-2] and instant // DAY == spans[-1] // DAY:
        spans[-1] = max(spans[-1], instant)
    else:
        spans[:] = united(spans, [instant, instant])


def united(*several: Sequence[int]) -> Spans:
    """Unite spans.

    >>> united([0, 100, 8_000, 9_000], [1_900, 6_500])
    [0, 9000]
    """
    return _joined(several, lambda end, begin: begin - end <= PAUSE and begin // DAY == end // DAY)


def visits(spans: Sequence[int]) -> Spans:
    """Join what midnight parted: each pair is a visit.

    >>> visits([86_000, 86_390, 86_410, 87_000])
    [86000, 87000]
    """
    return _joined([spans], lambda end, begin: begin - end <= PAUSE)


def begin_of_window(last: int) -> int:
    """Give the begin of the 90 days that end with the day of an instant.

    >>> begin_of_window(100 * DAY + 7) // DAY
    11
    """
    return (last // DAY - WINDOW_DAYS + 1) * DAY


def since(spans: Sequence[int], first: int) -> Spans:
    """Keep the spans since the begin of a day."""
    return [instant for begin, end in _pairs(spans) if begin >= first for instant in (begin, end)]


def hours(spans: Sequence[int], zone: dt.tzinfo) -> tuple[tuple[int, ...], ...]:
    """Count for each weekday (Monday first) and hour of a zone on how many days somebody was there in it.

    >>> hours([3_500, 3_700], dt.UTC)[3][:3]
    (1, 1, 0)
    """
    met = {
        (there.date(), there.hour)
        for begin, end in _pairs(spans)
        for instant in (*range(begin, end, 900), end)
        for there in (dt.datetime.fromtimestamp(instant, zone),)
    }
    counted = Counter((day.weekday(), hour) for day, hour in met)
    return tuple(tuple(counted[weekday, hour] for hour in range(24)) for weekday in range(7))


def _joined(several: Iterable[Sequence[int]], joins: Callable[[int, int], bool]) -> Spans:
    found: Spans = []
    for begin, end in sorted(pair for spans in several for pair in _pairs(spans)):
        if found and joins(found[-1], begin):
            found[-1] = max(found[-1], end)
        else:
            found += (begin, end)
    return found


def _pairs(spans: Sequence[int]) -> Iterable[tuple[int, int]]:
    return zip(spans[::2], spans[1::2], strict=True)
