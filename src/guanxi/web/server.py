"""The web server: granian calling the application in threads of one worker process per `--processes`."""

import gc
import multiprocessing
import os
import socket
from typing import Any

from django.db import connections
from django.urls import get_resolver, reverse

from guanxi.accounts.models import OwnerLink, Staff
from guanxi.core.errors import Refused
from guanxi.operation import start
from guanxi.web import parent

THREADS = min(8, 2 * (os.cpu_count() or 1))
PROCESSES = min(8, 4 * (os.cpu_count() or 1))  # requests that meet in one process wait for each other


class PortTaken(Refused):
    """Another program listens there."""


def check_port(host: str, port: int) -> None:
    """Raise PortTaken before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"{host}:{port} cannot be used: {error.strerror}. Choose another with --port.") from error


def check_book() -> None:
    """Raise where the book must not be worked on from here; a copy of a book is told not to send."""
    start.look()


def check_marts() -> None:
    """Raise MartBroken where a mart does not fit its tables: found at the start, not when a figure is asked for."""
    from guanxi.warehouse.checks import problems  # noqa: PLC0415 - brings the engine, which `web` does without
    from guanxi.warehouse.headers import MartBroken  # noqa: PLC0415

    for problem in problems():
        raise MartBroken(problem)


def address(host: str, port: int) -> str:
    """Spell the address a person on this machine types."""
    shown = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://{shown}:{port}"


def owner_link(host: str, port: int) -> str | None:
    """Make the link by which the first owner comes in, while there is none."""
    if Staff.objects.owners().exists():
        return None
    return address(host, port) + reverse("welcome", args=[OwnerLink.issue()])


def serve(host: str, port: int, *, processes: int = PROCESSES) -> None:
    """Serve until SIGTERM or SIGINT."""
    from granian import Granian  # noqa: PLC0415 - the tests need no server
    from granian.constants import Interfaces  # noqa: PLC0415

    _ = get_resolver().url_patterns  # all that pages import, here once and not at the first page of each child
    connections.close_all()  # the children of a fork must not share them
    Granian(
        "guanxi.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        backpressure=512,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level="error",  # type: ignore[arg-type]  # it would warn of more processes than cores
    ).serve(target_loader=load, wrap_loader=False)


def load() -> Any:
    """Load the application inside a worker process, which ends with its parent."""
    process = multiprocessing.parent_process()
    if process is not None:
        parent.follow(process.pid)
    from guanxi.web.wsgi import application  # noqa: PLC0415 - in the worker process only

    settle()
    return application


def settle() -> None:
    """Take what was loaded for good, so that nothing waits while it is gone through for garbage again and again."""
    gc.collect()
    gc.freeze()


def supervised() -> bool:
    """Tell whether a supervisor started this process; if so, follow it."""
    from guanxi.web.supervisor import SUPERVISOR  # noqa: PLC0415

    if process := os.environ.get(SUPERVISOR):
        parent.follow(int(process))
    return bool(process)
