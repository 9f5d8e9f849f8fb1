"""The backend of django-tasks' `@task`: enqueueing writes a Job in the caller's transaction."""

from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json

from guanxi.core.jobs.models import Job, State

T = TypeVar("T")
P = ParamSpec("P")

STATUS = {
    State.READY: TaskResultStatus.READY,
    State.RUNNING: TaskResultStatus.RUNNING,
    State.DONE: TaskResultStatus.SUCCESSFUL,
    State.DEAD: TaskResultStatus.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(Task[P, T]):
    """A task that says how often it may be tried: `@task(max_attempts=3)`."""

    max_attempts: int = 5


class JobsBackend(BaseTaskBackend):
    """Keeps tasks as jobs in the book."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[P, T], args: Any, kwargs: Any) -> TaskResult[T]:
        """Write the job; it exists when the caller's transaction commits, and not otherwise."""
        self.validate_task(task)
        job = job_of(task, args, kwargs)
        job.save()
        return result_of(job)

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """Read how a job stands."""
        job = Job.objects.filter(pk=result_id).first() if result_id.isdecimal() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return result_of(job)


def job_of(task: Task[P, T], args: Any = (), kwargs: Any = None, *, unique_key: str | None = None) -> Job:
    """Build the row of a call, unsaved."""
    return Job(
        task=task.module_path,
        arguments=normalize_json({"args": list(args), "kwargs": dict(kwargs or {})}),
        queue=task.queue_name,
        priority=task.priority,
        unique_key=unique_key,
        max_attempts=getattr(task, "max_attempts", JobTask.max_attempts),
        **({"run_after": task.run_after} if task.run_after else {}),  # else by the book's clock, as whoever claims it
    )


def result_of(job: Job) -> TaskResult[Any]:
    """Tell a job in django-tasks' terms; its attempts are the length of `worker_ids`."""
    result: TaskResult[Any] = TaskResult(
        task=import_string(job.task),
        id=str(job.pk),
        status=STATUS[State(job.state)],
        backend="default",
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.started_at,
        args=job.arguments["args"],
        kwargs=job.arguments["kwargs"],
        errors=[TaskError(exception_class_path="guanxi.core.errors.Failed", traceback=job.error)] if job.error else [],
        worker_ids=[job.worker] * job.attempts,
    )
    object.__setattr__(result, "_return_value", job.result)  # frozen, and without another way in
    return result
