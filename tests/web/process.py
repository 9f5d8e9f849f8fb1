"""Starting the program as people do, beside the test, on the test's own database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection


def environment(home: Path) -> dict[str, str]:
    """A home whose book is the test's: the same file by another name, or the same PostgreSQL database."""
    names = {
        **os.environ,
        "GUANXI_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([*filter(None, sys.path), str(Path.cwd())]),
    }
    settings = connection.settings_dict
    home.mkdir(mode=0o700, exist_ok=True)
    if connection.vendor == "sqlite":
        if not (home / "book.sqlite3").is_symlink():
            (home / "book.sqlite3").symlink_to(settings["NAME"])
    else:
        who = f"{quote(settings['USER'])}:{quote(settings['PASSWORD'])}"
        names["GUANXI_DATABASE_URL"] = f"postgresql://{who}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    return names


@contextmanager
def guanxi(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command; whatever it left running is ended by the end of the block."""
    log = (home.parent / "log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "guanxi", *arguments],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        for kind in (signal.SIGTERM, signal.SIGKILL):
            if members(process.pid):
                os.killpg(process.pid, kind)
                until(lambda: not members(process.pid), 15, strict=False)
        process.wait()
        assert process.stdout
        process.stdout.close()
        log.close()


def members(group: int) -> list[int]:
    """The living processes of a group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, owner = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(owner) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


def until(true: Callable[[], object], seconds: float = 60, *, strict: bool = True) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            assert not strict, "it did not happen in time"
            return
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(port: int, path: str = "/health") -> int:
    """What the server answers, 0 where none listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
