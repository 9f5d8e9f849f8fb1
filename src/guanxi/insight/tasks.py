"""Insight's background work."""

from django_tasks import TaskContext, task

from guanxi.core.jobs.lease import LeaseTaken
from guanxi.core.jobs.run import Run


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
    from guanxi.insight import past, scoring  # noqa: PLC0415 - slow to import, and every command imports this module

    if not scoring.is_due():
        return 0
    try:
        run = scoring.score_customers(wait=scoring.NOT_AT_ALL)
    except LeaseTaken:
        return 0
    past.remember(run)
    return run.customers


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


@task
def refresh_value() -> int:
    """Compute what customers will still buy where that would change something; gives how many customers there are."""
    from guanxi.insight import scoring, valuing  # noqa: PLC0415 - as above

    try:
        return valuing.compute(wait=scoring.NOT_AT_ALL).customers if valuing.is_due() else 0
    except LeaseTaken:
        return 0


@task(takes_context=True)
def refresh_forecast(context: TaskContext) -> str:
    """Forecast what will be sold once a day is over, where facts changed; gives up to which day it knows."""
    from guanxi.insight import forecasting, scoring  # noqa: PLC0415 - as above

    job = Run(context)

    def seen(done: int, total: int) -> None:
        job.check()
        job.report(done, total, "figures")

    try:
        return str(forecasting.compute(wait=scoring.NOT_AT_ALL, seen=seen).as_of) if forecasting.is_due() else ""
    except LeaseTaken:
        return ""


@task
def refresh_recommendations() -> int:
    """Compute what to recommend anew where that would change something; gives for how many customers."""
    from guanxi.insight import scoring  # noqa: PLC0415 - as above
    from guanxi.insight.recommendation import keeping  # noqa: PLC0415 - as above

    try:
        return keeping.compute(wait=scoring.NOT_AT_ALL).customers if keeping.is_due() else 0
    except LeaseTaken:
        return 0


@task
def refresh_churn() -> int:
    """Compute who will come back anew where that would change something; gives how many customers there are."""
    from guanxi.insight import scoring  # noqa: PLC0415 - as above
    from guanxi.insight.churn import keeping  # noqa: PLC0415 - as above

    try:
        return keeping.compute(wait=scoring.NOT_AT_ALL).customers if keeping.is_due() else 0
    except LeaseTaken:
        return 0


@task
def find_lookalikes(run_id: int) -> int:
    """Find who resembles the set of a run; gives how many, 0 where the run is gone or it cannot be told."""
    from guanxi.insight.lookalike import story  # noqa: PLC0415 - as above

    return story.find(run_id)


@task(takes_context=True, priority=10)
def answer_question(context: TaskContext, question_id: int) -> None:
    """Answer a question of a notebook, unless it was stopped."""
    from guanxi.insight.notebook import asking  # noqa: PLC0415 - as above

    asking.answer(question_id, check=Run(context).check)


@task
def keep_review() -> int:
    """Keep the text of the week that is over, where it was not kept yet; gives how many texts were written."""
    from guanxi.insight.goals import review  # noqa: PLC0415 - as above
    from guanxi.insight.models import ShopRun  # noqa: PLC0415 - models are not there when apps load

    run = ShopRun.latest()
    return review.keep(run.as_of) if run else 0


@task(takes_context=True)
def rescore(context: TaskContext) -> int:
    """Score the customers by rules that were just saved, unless that has happened; gives how many there are."""
    from guanxi.insight import past, scoring  # noqa: PLC0415 - as above
    from guanxi.insight.models import RfmRun, RfmScheme  # noqa: PLC0415 - models are not there when apps load

    job, last = Run(context), RfmRun.latest()
    if last is not None and last.scheme == RfmScheme.current():
        return 0

    def seen(customers: int) -> None:
        job.check()
        job.report(customers, last.customers if last else None, "customers")

    run = scoring.score_customers(seen=seen)
    past.remember(run, job.check)
    return run.customers
