"""What the demo shop spends on being found: every month of a year, more in November."""

import datetime as dt
from random import Random

from guanxi.accounts.models import Staff
from guanxi.insight.models import MarketingCost

SPENT = {
    "wechat": 38,
    "xiaohongshu": 22,
    "baidu": 30,
    "weibo": 9,
    "sms": 4,
}  # minor units, a person and month
MONTHS, BUSIEST = 12, 11


def enter(people: int, today: dt.date, *, by: Staff) -> None:
    """Write the costs of every source down, up to the present month."""
    rng = Random(f"costs {today}")  # noqa: S311 - made up, and the same every time
    last, found = today.replace(day=1), []
    for _month in range(MONTHS):
        ends_on = (last + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        for source, each in SPENT.items():
            amount = max(round(people * each * rng.uniform(0.8, 1.2) * (2 if last.month == BUSIEST else 1)), 1)
            told = {"source": source, "starts_on": last, "ends_on": ends_on, "amount_minor": amount}
            found.append(MarketingCost(**told, by=by))
        last = (last - dt.timedelta(days=1)).replace(day=1)
    MarketingCost.objects.enter(found, by=by)
