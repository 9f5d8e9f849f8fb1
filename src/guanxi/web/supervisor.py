"""The supervisor: starts the parts of Guanxi, starts one again that fell, and stops them together."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic, sleep
from types import FrameType

TICK = 0.1
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which a fall is the first one again
PATIENCE = 12.0  # seconds a part has to stop by itself; a worker gives its job back after 8

# What reads the book in columns asks for much at once, and would keep a part of it for each core for ten seconds.
FRUGAL = {"_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:200,muzzy_decay_ms:0"}
SUPERVISOR = "GUANXI_SUPERVISOR"  # the environment variable that tells a part its supervisor's process id


class Part:
    """One process that has to run."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name, self.arguments = name, list(arguments)
        self.process: subprocess.Popen[bytes] | None = None
        self.falls = 0
        self.started = self.due = 0.0

    def start(self) -> None:
        """Start it, in our process group, so that Ctrl-C reaches all."""
        environment = {**FRUGAL, **os.environ, SUPERVISOR: str(os.getpid())}
        self.process = subprocess.Popen([sys.executable, "-m", "guanxi", *self.arguments], env=environment)
        self.started = monotonic()

    def tend(self) -> None:
        """Start it again after a fall, a little later each time."""
        if self.process is None:
            if monotonic() >= self.due:
                self.start()
        elif self.process.poll() is not None:
            self.falls = 1 if monotonic() - self.started > STEADY else self.falls + 1
            pause = min(0.5 * 2 ** (self.falls - 1), LONGEST_PAUSE)
            sys.stderr.write(f"{self.name} ended with status {self.process.returncode}; again in {pause:g} s.\n")
            self.process, self.due = None, monotonic() + pause

    def ask_to_stop(self) -> None:
        """Send SIGTERM to it where it runs."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end, and end it when the patience is over."""
        if self.process:
            try:
                self.process.wait(max(until - monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Supervisor:
    """Keeps its parts running until SIGTERM or SIGINT."""

    def __init__(self, parts: Sequence[Part], *, on_tick: Callable[[], None] = lambda: None) -> None:
        self.parts = parts
        self.on_tick = on_tick
        self._stopping = Event()

    def run(self) -> None:
        """Start the parts, tend them, and stop them all when asked."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self._stopping.is_set():
                for part in self.parts:
                    part.tend()
                self.on_tick()
                sleep(TICK)
        finally:
            self._stop_parts()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _stop_parts(self) -> None:
        for part in self.parts:
            part.ask_to_stop()
        until = monotonic() + PATIENCE
        for part in self.parts:
            part.wait(until)
