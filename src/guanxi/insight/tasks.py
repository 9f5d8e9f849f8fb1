"""Insight's periodic work."""

from django_tasks import task

from guanxi.core.jobs.lease import LeaseTaken


@task
def refresh_goods() -> bool:
    """Compute what is told of goods anew where that would change something; gives whether it did."""
    from guanxi.insight import goods  # noqa: PLC0415 - slow to import, and every command imports this module

    try:
        return goods.is_due() and goods.compute(wait=goods.NOT_AT_ALL) is not None
    except LeaseTaken:
        return False


@task
def refresh_rfm() -> int:
    """Score the customers anew where that would change something; gives how many there are, 0 where it would not."""
    from guanxi.insight import scoring  # noqa: PLC0415 - slow to import, and every command imports this module

    if not scoring.is_due():
        return 0
    try:
        return scoring.score_customers(wait=scoring.NOT_AT_ALL).customers
    except LeaseTaken:
        return 0


@task
def refresh_figures() -> int:
    """Compute the shop's figures anew where that would change something; gives how many days of trade there are."""
    from guanxi.insight import daily, scoring  # noqa: PLC0415 - as above
    from guanxi.insight.models import TradingDay  # noqa: PLC0415 - as above

    if not daily.is_due():
        return 0
    try:
        daily.compute(wait=scoring.NOT_AT_ALL)
    except LeaseTaken:
        return 0
    return TradingDay.objects.values("day").distinct().count()
