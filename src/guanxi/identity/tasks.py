"""Identity's background work."""

from typing import Any

from django_tasks import TaskContext, task

from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.core.jobs.run import Run

TURN, DUPLICATES = "resolving everybody", "searching duplicates"
TRACING = "tracing parcels"
DAY = 86_400


@task(queue_name="long", takes_context=True)
def resolve_everybody(context: TaskContext, retell: bool = False) -> int:  # noqa: FBT001, FBT002 - JSON has no names
    """Bring the whole book in line with the rules in force; gives how many customers that changed.

    `retell` has customers of several sayings show what the rules choose now.
    """
    from guanxi.identity import batch, retelling  # noqa: PLC0415 - slow to import, and every command imports this

    job = Run(context)
    with lease(TURN, wait=None):
        told = batch.resolve_all(lambda done, total: job.report(done, total, "profiles"), job.check)
        if retell:
            retelling.retell_all(job.check)
    return told["customers_changed"]


@task(queue_name="long", takes_context=True)
def rehearse_rules(context: TaskContext, kept: dict[str, Any]) -> dict[str, int]:
    """Say what rules that are not in force would change; `kept` are rules as a version keeps them."""
    from guanxi.identity import batch, retelling  # noqa: PLC0415 - as above
    from guanxi.identity.rules import Rules  # noqa: PLC0415 - as above

    job, proposed = Run(context), Rules.of(kept)
    told = batch.compare(proposed.joining).facts
    job.check()
    return told | {"shown_otherwise": retelling.shown_otherwise(proposed, job.check)}


@task(queue_name="long", takes_context=True)
def search_duplicates(context: TaskContext) -> int:
    """Search everybody for probable duplicates, at night or when somebody asks; gives how many pairs were found."""
    from guanxi.identity.duplicates import searching  # noqa: PLC0415 - as above

    job = Run(context)
    with lease(DUPLICATES, wait=None):
        return searching.search_all(lambda done, total: job.report(done, total, "customers"), job.check).pairs


@task(queue_name="long", takes_context=True)
def search_new_duplicates(context: TaskContext) -> int:
    """Compare customers who came or changed since the last search of everybody with those most like them."""
    from guanxi.identity.duplicates import searching  # noqa: PLC0415 - as above

    try:
        with lease(DUPLICATES):
            return searching.search_new(Run(context).check)
    except LeaseTaken:
        return 0


@task(queue_name="long", takes_context=True)
def count_quality(context: TaskContext) -> int:
    """Count how good what is known of customers is; gives how many there are."""
    from guanxi.identity.quality.counting import count_everybody  # noqa: PLC0415 - models are not there yet
    from guanxi.identity.quality.figures import EVERYBODY  # noqa: PLC0415 - as above

    job = Run(context)
    with lease("counting quality", wait=None):
        counts = count_everybody(lambda done, total: job.report(done, total, "customers"), job.check)
    return counts.get(EVERYBODY, 0)


@task(queue_name="long", takes_context=True)
def trace_parcels(context: TaskContext) -> int:
    """Make the traces of orders that arrived, from which it is computed who is related; gives of how many profiles."""
    from guanxi.identity.graph import tracing  # noqa: PLC0415 - models are not there when tasks load

    if not tracing.waiting():
        return 0
    job = Run(context)
    with lease(TRACING, wait=None):
        return tracing.trace_waiting(lambda done, total: job.report(done, total, "profiles"), job.check)
