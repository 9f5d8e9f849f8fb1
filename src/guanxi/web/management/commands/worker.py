"""Do the background work."""

import gc
import logging
import os
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands
from guanxi.core.jobs.worker import Worker
from guanxi.web import server
from guanxi.web.supervisor import Part, Supervisor

POLITE = 5  # beside the pages on one machine, background work steps back
MADE = 50_000  # objects until garbage is looked for: a set of events makes thousands, none of them in circles


def lanes(processes: int) -> list[Part]:
    """Describe the worker processes: the first never takes long work, so that the short never waits for it."""
    queues = [["--queue", "default"], *[[]] * (processes - 1)] if processes > 1 else [[]]
    return [Part(f"worker {number}", ["worker", "--processes", "1", *queue]) for number, queue in enumerate(queues, 1)]


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, default=1, help="processes that work (default %(default)s)")
        parser.add_argument("--queue", action="append", default=[], help="serve this queue alone (may be repeated)")

    def run(self, *, processes: int, queue: list[str], **_: Any) -> None:
        """Work until asked to end."""
        logging.basicConfig(level=logging.WARNING)
        if server.supervised():
            os.nice(POLITE)
        else:
            server.check_book()
            server.check_marts()
        if processes > 1:
            Supervisor(lanes(processes)).run()
        else:
            server.settle()
            gc.set_threshold(MADE)
            Worker(queue).run()
