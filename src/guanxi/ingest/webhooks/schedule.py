"""When a delivery that failed is tried again: later each time, and never in step with others.

Source of the pauses: Standard Webhooks, "Retry schedule"; of the spread: full jitter, as M. Brooker's "Exponential
Backoff And Jitter" (2015) measures it.
"""

import datetime as dt
import random
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
PAUSES = (
    5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
)  # fmt: skip
TRIES = len(PAUSES) + 1
LONGEST = 24 * HOUR  # that a receiver may ask us to wait


def pause(tries: int, *, luck: Callable[[], float] = random.random) -> dt.timedelta | None:
    """Give how long to wait after so many tries; None after the last one.

    >>> pause(2, luck=lambda: 0.5), pause(1, luck=lambda: 0.0), pause(10)
    (datetime.timedelta(seconds=150), datetime.timedelta(seconds=1), None)
    """
    if tries >= TRIES:
        return None
    return max(SECOND, PAUSES[max(tries, 1) - 1] * luck())


def asked_for(answer: Mapping[str, str], now: dt.datetime) -> dt.timedelta:
    """Read how long a receiver asks to be left alone, a day at most; nothing where it asks for nothing readable.

    >>> noon = dt.datetime(2026, 11, 11, 12, tzinfo=dt.UTC)
    >>> asked_for({"retry-after": "90"}, noon), asked_for({"retry-after": "Wed, 11 Nov 2026 12:02:00 GMT"}, noon)
    (datetime.timedelta(seconds=90), datetime.timedelta(seconds=120))
    >>> asked_for({"retry-after": "soon"}, noon), asked_for({"retry-after": "9" * 40}, noon) == LONGEST
    (datetime.timedelta(0), True)
    """
    said = answer.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return min(LONGEST, int(said[:9]) * SECOND)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return dt.timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return min(LONGEST, max(dt.timedelta(0), until - now))
