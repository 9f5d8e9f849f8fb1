"""What a dollar and a pound were worth: quoted on the first of every month, wandering a little."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from guanxi.orders.models import ExchangeRate

WORTH = {"USD": 7.13, "GBP": 9.42}
BASE = "CNY"


def quote(first: dt.date, today: dt.date) -> None:
    """Write the rates down, from before the first order on."""
    rng = Random(f"rates {today}")  # noqa: S311 - made up, and the same every time
    for currency, worth in WORTH.items():
        for day in _firsts(first, today):
            worth *= 1 + rng.uniform(-0.008, 0.008)  # noqa: PLW2901 - the rate goes on from month to month
            ExchangeRate.objects.quote(currency, BASE, day, Decimal(f"{worth:.4f}"))


def _firsts(first: dt.date, today: dt.date) -> Iterator[dt.date]:
    day = first.replace(day=1)
    while day <= today:
        yield day
        day = (day + dt.timedelta(days=32)).replace(day=1)
