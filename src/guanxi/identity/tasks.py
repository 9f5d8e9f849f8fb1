"""Identity's background work."""

from django_tasks import TaskContext, task

from guanxi.core.jobs.lease import lease
from guanxi.core.jobs.run import Run

TURN = "resolving everybody"
TRACING = "tracing parcels"


@task(queue_name="long", takes_context=True)
def resolve_everybody(context: TaskContext, retell: bool = False) -> int:  # noqa: FBT001, FBT002 - JSON has no names
    """Bring the whole book in line with the rules in force; gives how many customers that changed.

    `retell` has customers of several sayings show what the rules choose now.
    """
    from guanxi.identity import batch  # noqa: PLC0415 - slow to import, and every command imports this module

    job = Run(context)
    with lease(TURN, wait=None):
        told = batch.resolve_all(lambda done, total: job.report(done, total, "profiles"), job.check)
        if retell:
            batch.retell_all(job.check)
    return told["customers_changed"]


@task(queue_name="long", takes_context=True)
def trace_parcels(context: TaskContext) -> int:
    """Make the traces of orders that arrived, from which it is computed who is related; gives of how many profiles."""
    from guanxi.identity.graph import tracing  # noqa: PLC0415 - models are not there when tasks load

    if not tracing.waiting():
        return 0
    job = Run(context)
    with lease(TRACING, wait=None):
        return tracing.trace_waiting(lambda done, total: job.report(done, total, "profiles"), job.check)
