"""The lake's periodic work."""

from django_tasks import task

from guanxi.core.jobs.lease import LeaseTaken
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
