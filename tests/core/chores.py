"""Tasks that tests put into the queue; what they did is read from the file they write to."""

import os
import time
from pathlib import Path

from django_tasks import TaskContext, task

from guanxi.core.errors import Refused
from guanxi.core.jobs.run import Run


def note(path: str, word: str) -> None:
    with Path(path).open("a") as file:
        file.write(word + "\n")


@task
def write(path: str, word: str) -> str:
    note(path, word)
    return word


@task(max_attempts=3)
def fail(path: str) -> None:
    note(path, "tried")
    raise RuntimeError(f"{path} of 13812345678".replace("8", "9"))


@task
def refuse() -> None:
    raise Refused("The shop is closed.")


@task(takes_context=True)
def count_up(context: TaskContext, path: str) -> None:
    run = Run(context)
    note(path, f"begun {os.getpid()}")
    for step in range(600):
        run.check()
        run.report(step, 600, "steps")
        time.sleep(0.05)
    note(path, "finished")


@task
def sleep_through(path: str) -> None:
    note(path, f"begun {os.getpid()}")
    time.sleep(60)


@task
def tick() -> None:
    """Do nothing, at intervals."""
