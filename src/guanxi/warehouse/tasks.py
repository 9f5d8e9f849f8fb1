"""The lake's periodic work."""

from django_tasks import TaskContext, task

from guanxi.core.jobs.lease import LeaseTaken
from guanxi.core.jobs.run import Run
from guanxi.warehouse import sync


@task
def sync_lake() -> int:
    """Bring the lake up to date, unless it is too early or another process does it; gives the rows exported."""
    if not sync.is_due():
        return 0
    try:
        return sync.sync(wait=sync.NOT_LONG).rows
    except LeaseTaken:
        return 0


@task
def fold_lake() -> int:
    """Nightly: bring the lake up to date and fold all changes into the months they belong to."""
    return sync.fold().rows


@task(takes_context=True)
def run_marts(context: TaskContext) -> dict[str, str]:
    """Nightly and on demand: compute the marts whose inputs have changed; gives how it went with each."""
    from guanxi.warehouse import runs  # noqa: PLC0415 - slow to import, and every command imports this module

    job = Run(context)
    outcomes = runs.run(check=job.check, seen=lambda done, total, _last, _next: job.report(done, total, "marts"))
    return {outcome.mart: str(outcome.state) for outcome in outcomes}
