"""A marketing cost that tests need."""

import datetime as dt

from guanxi.accounts.models import Staff
from guanxi.insight.models import MarketingCost

FIRST, LAST = dt.date(2024, 11, 1), dt.date(2024, 11, 11)


def cost_of(source: str, *, by: Staff) -> MarketingCost:
    """Enter what a source cost in eleven days."""
    MarketingCost.objects.enter(
        [MarketingCost(source=source, starts_on=FIRST, ends_on=LAST, amount_minor=110_000, by=by)], by=by
    )
    return MarketingCost.objects.get(source=source)
