"""Operation's background work."""

from typing import Any

from django_tasks import TaskContext, task

from guanxi.core.jobs.run import Run


@task(queue_name="long", takes_context=True)
def take_backup(context: TaskContext) -> dict[str, Any]:
    """Take a backup; gives what is in it."""
    from guanxi.operation import keeping  # noqa: PLC0415 - brings the lake, and every command imports this module

    return keeping.take(Run(context))
