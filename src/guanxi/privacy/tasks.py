"""The background work of privacy."""

from django_tasks import task

from guanxi.core.jobs.lease import LeaseTaken
from guanxi.privacy import retention
from guanxi.privacy.erasing import erase, erase_each
from guanxi.privacy.models import Erasure, copy

SOON = 300  # seconds: how soon an erasure that waited, or was killed, is looked at again
AT_ONCE = 500


@task(queue_name="long")
def erase_person(erasure_id: int) -> bool:
    """Erase somebody, or what is left of them; False where something has to be waited for."""
    return erase(Erasure.objects.get(pk=erasure_id), wait=None)


@task(queue_name="long")
def finish_erasures() -> int:
    """Go on with every erasure that waits or was killed; gives how many are over."""
    try:
        return erase_each(list(Erasure.objects.unfinished().order_by("pk")[:AT_ONCE]))
    except LeaseTaken:
        return 0


@task(queue_name="long")
def finish_erasures_at_night() -> int:
    """Nightly: end every erasure, and rewrite what would make people wait by day; gives how many are over."""
    return erase_each(list(Erasure.objects.unfinished().order_by("pk")), wait=None, at_once=True)


@task
def sweep_copies() -> int:
    """Delete the copies of people that stood long enough; gives how many."""
    return copy.sweep()


@task(queue_name="long")
def keep_to_retention() -> int:
    """Nightly: forget what the rules of retention that are switched on say; gives how much it reached."""
    return retention.keep()
