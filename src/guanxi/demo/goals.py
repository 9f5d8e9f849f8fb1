"""What the demo shop wants to reach this quarter."""

import datetime as dt
from collections.abc import Mapping

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.insight.goals.figures import figures
from guanxi.insight.goals.models import Goal
from guanxi.insight.goals.standing import baseline

RISES = (("net_sales", 0.15, Role.OWNER), ("repurchase", 0.05, Role.MARKETER))  # over where each stood


def aim(staff: Mapping[Role, Staff], today: dt.date) -> None:
    """Set a goal for each figure that has something to rise from."""
    first, last = quarter(today)
    for key, rise, role in RISES:
        start = baseline(figures()[key], first, last)
        if start and not Goal.objects.filter(figure=key).exists():
            told = {"baseline": start, "raised_by": rise, "target": start * (1 + rise)}
            Goal(figure=key, starts_on=first, ends_on=last, owner=staff[role], **told).set_by(staff[Role.OWNER])


def quarter(day: dt.date) -> tuple[dt.date, dt.date]:
    """Give the first and the last day of the quarter in which a day lies.

    >>> quarter(dt.date(2026, 11, 29))
    (datetime.date(2026, 10, 1), datetime.date(2026, 12, 31))
    """
    first = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return first, (first + dt.timedelta(days=95)).replace(day=1) - dt.timedelta(days=1)
