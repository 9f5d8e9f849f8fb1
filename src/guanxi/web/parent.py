"""Processes that end with the one that started them, even when that one was killed and could not say so."""

import os
import signal
import sys
import threading
from time import sleep

PATIENCE = 15.0


def follow(parent: int | None = None) -> None:
    """End this process, first politely, when its parent is gone; `parent` is its id where it was read earlier."""
    expected = parent or os.getppid()
    threading.Thread(target=_watch, args=[expected], name="follow parent", daemon=True).start()


def _watch(expected: int) -> None:
    while os.getppid() == expected:
        sleep(0.5)
    sys.stderr.write("The process that started this one is gone; stopping.\n")
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(PATIENCE)
    os._exit(1)
