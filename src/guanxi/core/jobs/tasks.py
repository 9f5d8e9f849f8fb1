"""Core's own background work."""

from django_tasks import task

from guanxi.core.jobs.models import Job


@task
def sweep_jobs() -> int:
    """Forget the jobs that ended long ago."""
    return Job.objects.sweep()
